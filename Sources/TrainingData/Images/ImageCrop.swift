private import CImages
private import Foundation

/// Which part of an image becomes the square that a model sees.
public enum ImageCrop: Hashable, Sendable {
  /// The shorter side is resized to the square's side, the middle is kept: for evaluation.
  ///
  /// The arithmetic of torchvision's `Resize` and `CenterCrop`.
  case centre
  /// A rectangle of this share of the area, of a shape between 3:4 and 4:3, anywhere, resized to the
  /// square: for training.
  ///
  /// The method of torchvision's `RandomResizedCrop`; OpenCLIP's training uses 0.9 to 1.
  case random(areas: ClosedRange<Double>)
}

extension RGBImage {
  /// Resizes this image to a square of `size` pixels a side, with anti-aliased bicubic interpolation.
  ///
  /// - Precondition: `size` is at least 1.
  public func cropped(
    _ crop: ImageCrop, to size: Int, using generator: inout CounterGenerator
  ) throws(ImageFailure) -> RGBImage {
    precondition(size >= 1, "an image of \(size) x \(size)")
    switch crop {
    case .centre:
      let short = min(width, height)
      let (wide, high) = (size * width / short, size * height / short)
      let window = Rectangle(
        left: Self.half(wide - size), top: Self.half(high - size), width: size, height: size)
      return try resized(
        Rectangle(left: 0, top: 0, width: width, height: height), toWidth: wide, height: high,
        window: window)
    case .random(let areas):
      return try resized(
        randomRectangle(areas, using: &generator), toWidth: size, height: size,
        window: Rectangle(left: 0, top: 0, width: size, height: size))
    }
  }

  struct Rectangle {
    var left: Int
    var top: Int
    var width: Int
    var height: Int

    fileprivate var crop: cimages_crop {
      cimages_crop(
        left: Int32(left), top: Int32(top), width: Int32(width), height: Int32(height))
    }
  }

  /// Half of a number; halves go to the even neighbour, as Python's `round` does.
  private static func half(_ number: Int) -> Int {
    Int((Double(number) / 2).rounded(.toNearestOrEven))
  }

  private func randomRectangle(
    _ areas: ClosedRange<Double>, using generator: inout CounterGenerator
  ) -> Rectangle {
    let area = Double(width) * Double(height)
    for _ in 0..<10 {
      let share =
        areas.lowerBound + (areas.upperBound - areas.lowerBound) * Double(generator.unit())
      let (low, high) = (log(0.75), log(4.0 / 3))
      let shape = exp(low + (high - low) * Double(generator.unit()))
      let wide = Int((area * share * shape).squareRoot().rounded(.toNearestOrEven))
      let tall = Int((area * share / shape).squareRoot().rounded(.toNearestOrEven))
      guard (1...width).contains(wide) && (1...height).contains(tall) else { continue }
      let top = generator.below(height - tall + 1)
      let left = generator.below(width - wide + 1)
      return Rectangle(left: left, top: top, width: wide, height: tall)
    }
    // No such rectangle fits: the largest one of the nearest shape, in the middle.
    let (wide, tall) = (Double(width), Double(height))
    var middle = (width: width, height: height)
    if wide / tall < 0.75 { middle.height = Int((wide / 0.75).rounded(.toNearestOrEven)) }
    if wide / tall > 4.0 / 3 { middle.width = Int((tall * 4 / 3).rounded(.toNearestOrEven)) }
    return Rectangle(
      left: (width - middle.width) / 2, top: (height - middle.height) / 2, width: middle.width,
      height: middle.height)
  }

  private func resized(
    _ from: Rectangle, toWidth wide: Int, height high: Int, window: Rectangle
  ) throws(ImageFailure) -> RGBImage {
    var bytes = [UInt8](repeating: 0, count: window.width * window.height * 3)
    var (source, target) = (from.crop, window.crop)
    let status = unsafe cimages_resize(
      &bytes, self.bytes, Int32(width), &source, Int32(wide), Int32(high), &target)
    guard status == 0 else { throw ImageFailure(description: "no memory left") }
    return RGBImage(width: window.width, height: window.height, bytes: bytes)
  }
}
