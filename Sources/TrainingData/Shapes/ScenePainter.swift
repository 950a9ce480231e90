private import CImages

extension Scene {
  /// Paints the scene on a square image; the same bytes on every machine.
  ///
  /// - Precondition: 16 <= `size` <= 1024.
  public func image(size: Int) -> RGBImage {
    precondition(PatchLayout.imageSizes.contains(size), "an image of \(size) x \(size)")
    let shapes = objects.map { object in
      cimages_shape(
        kind: Int32(object.kind.shape.code), x: object.x, y: object.y, radius: object.radius,
        cosine: object.cosine, sine: object.sine, colour: object.tint.painted)
    }
    var behind = cimages_background(
      colour: background.tint.painted, texture: Int32(background.texture.code),
      contrast: background.contrast, period: background.period, phase: background.phase,
      cosine: background.cosine, sine: background.sine, light: background.light,
      noise: background.noise, noise_seed: background.noiseSeed)
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size * size * 3) { bytes, count in
      if let base = bytes.baseAddress {
        unsafe cimages_paint(base, Int32(size), &behind, shapes, Int32(shapes.count))
      }
      count = size * size * 3
    }
    return RGBImage(width: size, height: size, bytes: bytes)
  }
}

extension Tint {
  fileprivate var painted: cimages_colour { cimages_colour(red: red, green: green, blue: blue) }
}

extension BackgroundTexture {
  fileprivate var code: Int {
    switch self {
    case .plain: CIMAGES_PLAIN
    case .striped: CIMAGES_STRIPES
    case .checkered: CIMAGES_CHECKS
    case .shaded: CIMAGES_SHADES
    }
  }
}
