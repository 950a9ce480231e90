private import CImages

/// What image files may ask for, so that a small file cannot take all memory or time.
public struct ImageLimits: Hashable, Sendable {
  /// Width times height.
  public var pixels: Int
  /// Width, and height.
  public var side: Int
  /// Scans of a progressive JPEG.
  public var scans: Int

  /// Limits; those that are left out are 32 Mi pixels, 32,768 a side and 100 scans.
  public init(pixels: Int = 32 << 20, side: Int = 32_768, scans: Int = 100) {
    self.pixels = pixels
    self.side = side
    self.scans = scans
  }
}

/// Why an image file is of no use.
public struct ImageFailure: Error, Hashable, CustomStringConvertible {
  /// In the decoder's words.
  public let description: String
}

extension RGBImage {
  /// Decodes a JPEG or a PNG.
  ///
  /// Grey and CMYK become RGB, opacity is dropped, an orientation tag is ignored. A file whose data end
  /// early, or are corrupt, fails, also where other decoders fill the gap.
  ///
  /// - Throws: `ImageFailure` for other formats, damage, and images over the limits.
  public init(decoding file: [UInt8], limits: ImageLimits = ImageLimits()) throws(ImageFailure) {
    var image = unsafe cimages_image()
    var allowed = cimages_limits(
      pixels: Int64(limits.pixels), side: Int32(clamping: limits.side),
      scans: Int32(clamping: limits.scans))
    let status = unsafe cimages_decode(file, file.count, &allowed, &image)
    defer { unsafe cimages_free(&image) }
    guard status == CIMAGES_DECODED else {
      let text = unsafe withUnsafeBytes(of: image.message) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw ImageFailure(description: text.isEmpty ? "no memory left" : text)
    }
    let count = unsafe Int(image.width) * Int(image.height) * 3
    self.init(
      width: unsafe Int(image.width), height: unsafe Int(image.height),
      bytes: unsafe Array(UnsafeBufferPointer(start: image.rgb, count: count)))
  }
}
