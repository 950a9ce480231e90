/// Many images of one size in one picture, row after row.
public enum ContactSheet {
  /// The images side by side, with a gap of so many white pixels around each.
  ///
  /// - Precondition: there is an image, all have the same size, `columns` >= 1, `gap` >= 0.
  public static func sheet(_ images: [RGBImage], columns: Int, gap: Int) -> RGBImage {
    precondition(!images.isEmpty && columns >= 1 && gap >= 0, "\(images.count) images")
    let (width, height) = (images[0].width, images[0].height)
    let rows = (images.count + columns - 1) / columns
    let total = (gap + columns * (width + gap), gap + rows * (height + gap))
    var bytes = [UInt8](repeating: 255, count: total.0 * total.1 * 3)
    for (index, image) in images.enumerated() {
      precondition(image.width == width && image.height == height, "images of several sizes")
      let left = gap + index % columns * (width + gap)
      let top = gap + index / columns * (height + gap)
      for row in 0..<height {
        let start = ((top + row) * total.0 + left) * 3
        bytes.replaceSubrange(
          start..<start + 3 * width, with: image.bytes[row * width * 3..<(row + 1) * width * 3])
      }
    }
    return RGBImage(width: total.0, height: total.1, bytes: bytes)
  }
}
