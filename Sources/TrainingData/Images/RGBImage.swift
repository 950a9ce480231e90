/// An image of interleaved 8-bit red, green and blue, row after row.
public struct RGBImage: Hashable, Sendable {
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// `bytes[(row * width + column) * 3 + channel]`.
  public private(set) var bytes: [UInt8]

  /// An image of these bytes.
  ///
  /// - Precondition: there are `width * height * 3`.
  public init(width: Int, height: Int, bytes: [UInt8]) {
    precondition(
      width > 0 && height > 0 && bytes.count == width * height * 3,
      "\(bytes.count) bytes for an image of \(width) x \(height)")
    self.width = width
    self.height = height
    self.bytes = bytes
  }

  /// One part of one pixel: channel 0 is red, 1 green, 2 blue.
  ///
  /// - Precondition: it lies inside the image.
  public subscript(row row: Int, column column: Int, channel channel: Int) -> UInt8 {
    precondition(
      (0..<height).contains(row) && (0..<width).contains(column) && (0..<3).contains(channel),
      "pixel (\(row), \(column), \(channel)) of \(width) x \(height)")
    return bytes[(row * width + column) * 3 + channel]
  }
}
