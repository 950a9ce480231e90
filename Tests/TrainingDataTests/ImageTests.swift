import Testing
import TrainingData

/// Bytes that look random and follow from their place.
private func pattern(_ width: Int, _ height: Int) -> RGBImage {
  var bytes: [UInt8] = []
  for y in 0..<height {
    for x in 0..<width {
      for c in 0..<3 { bytes.append(UInt8((x * 7 + y * 13 + c * 29 + x * y % 11 * 5) & 255)) }
    }
  }
  return RGBImage(width: width, height: height, bytes: bytes)
}

@Suite("Image files")
struct ImageDecodingTests {
  @Test("A PNG gives back its pixels exactly")
  func png() throws {
    let image = pattern(33, 21)
    #expect(try RGBImage(decoding: ImageFiles.png(image)) == image)
  }

  @Test("Grey becomes three equal parts; 16 bits lose half; palettes are looked up")
  func otherKinds() throws {
    let gray = ImageFiles.png(width: 3, height: 1, bytes: [0, 100, 255], kind: .gray)
    #expect(try RGBImage(decoding: gray).bytes == [0, 0, 0, 100, 100, 100, 255, 255, 255])
    let palette = ImageFiles.png(width: 3, height: 1, bytes: [2, 0, 1], kind: .palette)
    #expect(try RGBImage(decoding: palette).bytes == [0, 0, 255, 255, 0, 0, 0, 255, 0])
    let deep = ImageFiles.png(
      width: 2, height: 1, bytes: [0x34, 0x12, 0xff, 0xfe], kind: .gray16)
    #expect(try RGBImage(decoding: deep).bytes == [0x12, 0x12, 0x12, 0xfe, 0xfe, 0xfe])
  }

  @Test("Opacity is dropped, not mixed with a background")
  func opacity() throws {
    let file = ImageFiles.png(
      width: 2, height: 1, bytes: [10, 20, 30, 128, 40, 50, 60, 255], kind: .rgba)
    #expect(try RGBImage(decoding: file).bytes == [10, 20, 30, 40, 50, 60])
  }

  // Quality 100 without subsampling: rounding of the transform and of two colour conversions.
  @Test("A JPEG gives back its pixels within rounding")
  func jpeg() throws {
    let scene = try shapes().sample(1).image
    for progressive in [false, true] {
      let file = ImageFiles.jpeg(
        width: 64, height: 64, bytes: scene.bytes, scanPerCoefficient: progressive)
      var limits = ImageLimits()
      limits.scans = 200
      let decoded = try RGBImage(decoding: file, limits: limits)
      let worst = zip(decoded.bytes, scene.bytes).map { abs(Int($0) - Int($1)) }.max() ?? 99
      #expect(worst <= 4)
    }
  }

  @Test("Grey and CMYK JPEGs become RGB")
  func jpegColours() throws {
    let gray = ImageFiles.jpeg(
      width: 8, height: 8, bytes: [UInt8](repeating: 77, count: 64), components: 1)
    #expect(try RGBImage(decoding: gray).bytes.allSatisfy { $0 == 77 })
    // The library marks CMYK as Adobe's, whose samples are inverted: ink 0 is stored as 255. So
    // these are no cyan, half magenta (128), full yellow, no black.
    let ink = ImageFiles.jpeg(
      width: 8, height: 8, bytes: (0..<64).flatMap { _ in [255, 128, 0, 255] as [UInt8] },
      components: 4)
    let image = try RGBImage(decoding: ink)
    #expect(image[row: 3, column: 3, channel: 0] >= 254)
    #expect((127...129).contains(image[row: 3, column: 3, channel: 1]))
    #expect(image[row: 3, column: 3, channel: 2] <= 1)
  }

  @Test("Files cut anywhere fail, whole ones do not")
  func truncation() throws {
    let image = pattern(32, 32)
    let files = [
      ImageFiles.png(image), ImageFiles.jpeg(width: 32, height: 32, bytes: image.bytes),
    ]
    for file in files {
      _ = try RGBImage(decoding: file)
      // A JPEG without its end mark, the last two bytes, has all its pixels, but says so.
      for length in stride(from: 0, to: file.count, by: 7) {
        #expect(throws: ImageFailure.self) { try RGBImage(decoding: Array(file.prefix(length))) }
      }
    }
  }

  @Test("Neither a JPEG nor a PNG")
  func unknown() {
    let error = #expect(throws: ImageFailure.self) {
      try RGBImage(decoding: Array("GIF89a, and so on".utf8))
    }
    #expect(error?.description == "neither a JPEG nor a PNG")
    #expect(throws: ImageFailure.self) { try RGBImage(decoding: []) }
  }

  @Test("Small files that ask for too much are refused")
  func bombs() throws {
    // 20,000 x 20,000 pixels of one grey in a file of half a megabyte.
    let wide = ImageFiles.png(
      width: 20_000, height: 2000, bytes: [UInt8](repeating: 0, count: 40_000_000), kind: .gray)
    #expect(wide.count < 100_000)
    #expect(
      refusal(wide) == "20000 x 2000 pixels, over the limit of 33554432 in all and 32768 a side")
    let jpeg = ImageFiles.jpeg(
      width: 64, height: 64, bytes: [UInt8](repeating: 0, count: 64 * 64 * 3))
    // The height and width of the frame header, after the marker FF C0, length and precision.
    let frame = try #require(
      jpeg.indices.dropLast().first { jpeg[$0] == 0xff && jpeg[$0 + 1] == 0xc0 })
    var huge = jpeg
    huge.replaceSubrange(frame + 5..<frame + 9, with: [0xff, 0xdc, 0xff, 0xdc])
    #expect(refusal(huge)?.hasPrefix("65500 x 65500 pixels, over the limit") == true)
    let scans = ImageFiles.jpeg(
      width: 64, height: 64, bytes: try shapes().sample(0).image.bytes, scanPerCoefficient: true)
    #expect(refusal(scans) == "more than 100 scans")
    #expect(refusal(jpeg, ImageLimits(pixels: 64 * 64 - 1)) != nil)
    #expect(refusal(jpeg, ImageLimits(side: 63)) != nil)
    #expect(refusal(jpeg, ImageLimits(pixels: 64 * 64, side: 64)) == nil)
  }

  private func refusal(_ file: [UInt8], _ limits: ImageLimits = ImageLimits()) -> String? {
    do {
      _ = try RGBImage(decoding: file, limits: limits)
      return nil
    } catch {
      return error.description
    }
  }

  @Test("Changed bytes never do worse than fail")
  func mutation() throws {
    let image = pattern(24, 24)
    let files = [
      ImageFiles.png(image), ImageFiles.jpeg(width: 24, height: 24, bytes: image.bytes),
      ImageFiles.jpeg(width: 24, height: 24, bytes: image.bytes, scanPerCoefficient: true),
    ]
    var generator = CounterGenerator(seed: 11, stream: 0, index: 0)
    var decoded = 0
    for _ in 0..<1500 {
      var file = generator.pick(files)
      for _ in 0...generator.below(4) {
        file[generator.below(file.count)] = UInt8(generator.below(256))
      }
      if let image = try? RGBImage(decoding: file, limits: ImageLimits(pixels: 1 << 20)) {
        decoded += 1
        #expect(image.bytes.count == image.width * image.height * 3)
      }
    }
    #expect(decoded < 1500)
  }
}

@Suite("Resizing and cropping")
struct ImageCropTests {
  // Fingerprints of what Pillow 13.0 gives for Image.resize(size, BICUBIC) followed by the middle
  // square, with the sizes and offsets of torchvision's Resize and CenterCrop.
  @Test(
    "The middle, resized, is Pillow's to the last bit",
    arguments: [
      (37, 23, 16, 0x3c6a_00aa_7185_c647), (23, 37, 16, 0x267e_3f1d_eec8_0e69),
      (100, 40, 32, 0x47a4_7a19_1059_9965), (5, 7, 16, 0x7bfe_fb4e_5763_2ab0),
      (64, 64, 64, 0x9682_4bdb_eebd_140e), (300, 17, 16, 0x9dd1_9605_6453_50b5),
      (640, 480, 64, 0x9303_785f_222d_9b6c), (33, 47, 30, 0x2322_b3b3_26aa_82ce),
    ] as [(Int, Int, Int, UInt64)])
  func centre(width: Int, height: Int, size: Int, wanted: UInt64) throws {
    var generator = CounterGenerator(seed: 0, stream: 0, index: 0)
    let image = try pattern(width, height).cropped(.centre, to: size, using: &generator)
    #expect(fingerprint(image.bytes) == wanted)
  }

  @Test("Random crops have the areas and shapes that were asked for, and lie anywhere")
  func random() throws {
    // Red rises with the column, green with the row, 2 levels a pixel: what the edges of a crop
    // show says where it was.
    let (width, height) = (120, 100)
    var bytes: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width { bytes += [UInt8(2 * x), UInt8(2 * y), 0] }
    }
    let image = RGBImage(width: width, height: height, bytes: bytes)
    var lefts: [Double] = []
    for index in 0..<300 as Range<UInt64> {
      var generator = CounterGenerator(seed: 5, stream: 0, index: index)
      let crop = try image.cropped(.random(areas: 0.3...0.6), to: 24, using: &generator)
      // From the middle of the 4th to that of the 20th place: 16 of 24.
      let red = (4...20).map { Double(crop[row: 12, column: $0, channel: 0]) / 2 }
      let green = (4...20).map { Double(crop[row: $0, column: 12, channel: 1]) / 2 }
      let (wide, tall) = ((red[16] - red[0]) * 24 / 16, (green[16] - green[0]) * 24 / 16)
      // Half a level at both ends is 0.75 pixels of about 70.
      #expect((0.28...0.62).contains(wide * tall / 12_000))
      #expect((0.73...1.37).contains(wide / tall))
      lefts.append(red[0] - 4.5 / 24 * wide)
    }
    #expect((lefts.min() ?? 9) < 2 && (lefts.max() ?? 0) > 50)
  }

  @Test("A crop is a function of its random numbers")
  func repeatable() throws {
    let image = pattern(50, 60)
    let crops = try ([1, 1, 2] as [UInt64]).map { index -> RGBImage in
      var generator = CounterGenerator(seed: 5, stream: 0, index: index)
      return try image.cropped(.random(areas: 0.5...1), to: 32, using: &generator)
    }
    #expect(crops[0] == crops[1] && crops[0] != crops[2])
  }

  @Test(
    "Images too long for any allowed shape are cropped in the middle",
    arguments: [
      (400, 10), (10, 400), (1, 1), (1, 3000),
    ])
  func long(width: Int, height: Int) throws {
    var generator = CounterGenerator(seed: 5, stream: 0, index: 0)
    let image = RGBImage(
      width: width, height: height, bytes: [UInt8](repeating: 9, count: width * height * 3))
    for crop in [ImageCrop.centre, .random(areas: 0.9...1)] {
      let square = try image.cropped(crop, to: 16, using: &generator)
      #expect(square.bytes.allSatisfy { $0 == 9 } && square.width == 16)
    }
  }
}
