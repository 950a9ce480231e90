import Foundation
import Testing
import TrainingData

@Suite("Painting")
struct PaintingTests {
  /// Areas by geometry, in squared radii.
  private static let areas: [(ShapeKind, Double)] = {
    let root = 3.0.squareRoot()
    let triangle: Double = 0.75 * root * 1.3 * 1.3
    let cross: Double = 2 * 2.2 * 0.72 - 0.72 * 0.72
    let ring: Double = Double.pi * (1.08 * 1.08 - 0.6 * 0.6)
    let hexagon: Double = 2 * root * 0.935 * 0.935
    return [
      (.circle, Double.pi), (.square, 1.76 * 1.76), (.triangle, triangle),
      (.diamond, 2 * 0.85 * 1.3), (.cross, cross), (.star, starArea), (.ring, ring),
      (.hexagon, hexagon),
    ]
  }()

  @Test("A shape covers its area", arguments: areas)
  func area(shape: ShapeKind, area: Double) throws {
    // tan(half the angle) = 1/10: an arbitrary rotation.
    let object = SceneObject(
      kind: ColouredShape(.white, shape), size: .large, x: 0.47, y: 0.53, radius: 0.3,
      cosine: 0.99 / 1.01, sine: 0.2 / 1.01, tint: Tint(1, 1, 1))
    let image = scene([object], tint: Tint(0, 0, 0)).image(size: 224)
    let covered = image.bytes.reduce(0.0) { $0 + Double($1) / 255 } / 3
    // Coverage is exact along straight edges; corners cost less than a pixel each.
    #expect(abs(covered / pow(224 * 0.3, 2) / area - 1) < 0.005)
  }

  /// Ten triangles between the centre, a tip and a notch of a pentagram with inradius 0.417.
  private static let starArea: Double = {
    let tip = 0.417 / cos(2 * Double.pi / 5)
    let notch = 0.417 / cos(Double.pi / 5)
    return 5 * tip * notch * sin(Double.pi / 5)
  }()

  private func scene(
    _ objects: [SceneObject], tint: Tint, texture: BackgroundTexture = .plain, noise: Float = 0
  ) -> Scene {
    Scene(
      objects: objects,
      background: SceneBackground(
        colour: .black, texture: texture, tint: tint, contrast: texture == .plain ? 0 : 0.1,
        phase: 0.3, direction: (0.8, 0.6), noise: noise, noiseSeed: 5))
  }

  @Test("Edges are anti-aliased: a half-covered pixel is half as bright")
  func edges() {
    let square = SceneObject(
      kind: ColouredShape(.white, .square), size: .large, x: 0.5, y: 0.5,
      radius: (10.5 / 64) / 0.88, tint: Tint(1, 1, 1))
    let image = scene([square], tint: Tint(0, 0, 0)).image(size: 64)
    let row = (0..<64).map { image[row: 32, column: $0, channel: 1] }
    // The square reaches from column 21.5 to 42.5.
    #expect(row[20] == 0 && row[22] == 255 && row[41] == 255 && row[43] == 0)
    #expect((126...129).contains(row[21]) && (126...129).contains(row[42]))
  }

  @Test("Shapes point upwards, and lie where their scene says")
  func orientation() {
    let triangle = SceneObject(
      kind: ColouredShape(.white, .triangle), size: .large, x: 0.25, y: 0.75, radius: 0.15,
      tint: Tint(1, 1, 1))
    let image = scene([triangle], tint: Tint(0, 0, 0)).image(size: 64)
    let widths = (0..<64).map { row in
      (0..<64).count { image[row: row, column: $0, channel: 0] > 127 }
    }
    #expect(widths[..<34].allSatisfy { $0 == 0 } && widths[55...].allSatisfy { $0 == 0 })
    #expect(widths[38] > 0 && widths[38] < widths[46] && widths[46] < widths[53])
    #expect((32..<64).allSatisfy { image[row: 50, column: $0, channel: 0] == 0 })
  }

  @Test("Objects show their colour where they are, whatever noise, light and background do")
  func colours() throws {
    for split in ShapesSplit.allCases {
      let data = try shapes(split)
      for index in 0..<400 as Range<UInt64> {
        let sample = data.sample(index)
        for (number, object) in sample.scene.objects.enumerated() {
          let covered = sample.scene.objects.indices.contains {
            sample.scene.relation(of: $0, to: number) == .inside
          }
          guard !covered else { continue }
          let shown = shown(object, in: sample.image)
          let nearest = ShapeColour.allCases.min {
            $0.tint.distance(to: shown) < $1.tint.distance(to: shown)
          }
          #expect(nearest == object.kind.colour, "\(split) \(index): \(sample.caption)")
          // Otherwise some pictures could not be told from their background.
          #expect(shown.distance(to: sample.scene.background.tint) > 0.2, "\(split) \(index)")
        }
      }
    }
  }

  /// The average of the pixels well inside an object: around its centre, or in its band.
  private func shown(_ object: SceneObject, in image: RGBImage) -> Tint {
    let size = Float(image.width)
    let ring = object.kind.shape == .ring
    let points: [(Float, Float)] = (0..<12).map { number in
      let angle = Double(number) * Double.pi / 6
      let reach = (ring ? 0.84 : 0.2) * object.radius
      return (object.x + reach * Float(cos(angle)), object.y + reach * Float(sin(angle)))
    }
    let sums = (0..<3).map { channel in
      points.reduce(Float(0)) { sum, point in
        let (row, column) = (Int(point.1 * size), Int(point.0 * size))
        return sum + Float(image[row: row, column: column, channel: channel]) / 255
      } / Float(points.count)
    }
    return Tint(sums[0], sums[1], sums[2])
  }

  @Test("Textures and noise vary the background as far as they say", arguments: [16, 64, 224])
  func textures(size: Int) {
    for texture in BackgroundTexture.allCases {
      let image = scene([], tint: Tint(0.5, 0.5, 0.5), texture: texture).image(size: size)
      let (low, high) = (image.bytes.min() ?? 0, image.bytes.max() ?? 0)
      if texture == .plain {
        #expect(low == 128 && high == 128)
      } else {
        // 0.4 to 0.6 of 255.
        #expect((101...106).contains(low) && (149...154).contains(high), "\(texture)")
      }
    }
    let noisy = scene([], tint: Tint(0.5, 0.5, 0.5), noise: 0.1).image(size: size)
    let values = noisy.bytes.map(Double.init)
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    // Evenly spread over 51 levels: deviation 51 / sqrt 12 = 14.7; the mean of 768 values is known
    // to 0.5.
    #expect(abs(mean - 127.5) < 2 && abs(variance.squareRoot() - 14.7) < 1)
    #expect(values.allSatisfy { (102...153).contains($0) })
  }
}
