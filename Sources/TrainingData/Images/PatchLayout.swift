private import CImages

/// How square images become rows of patches.
///
/// An image is `patches` rows of `3 * patchSize * patchSize` normalised numbers. Patches are in raster
/// order; inside one, column `(c * patchSize + row) * patchSize + column` is channel c of a pixel.
public struct PatchLayout: Hashable, Sendable {
  /// Pixels along a side of the image.
  public let imageSize: Int
  /// Pixels along a side of a patch.
  public let patchSize: Int
  /// How bytes become numbers.
  public let normalization: PixelNormalization
  private let table: [Float]

  /// The sizes that images may have.
  public static let imageSizes: ClosedRange<Int> = 16...1024

  /// A layout.
  ///
  /// - Throws: `TrainingDataError.unusableSetting` unless 16 <= `imageSize` <= 1024 and `patchSize`
  ///   divides it.
  public init(
    imageSize: Int, patchSize: Int, normalization: PixelNormalization
  ) throws(TrainingDataError) {
    guard Self.imageSizes.contains(imageSize) else {
      throw .unusableSetting(
        "images of \(imageSize) x \(imageSize): their side must be 16 to 1024 pixels")
    }
    guard patchSize > 0, imageSize.isMultiple(of: patchSize) else {
      throw .unusableSetting(
        "patches of \(patchSize) pixels do not divide images of \(imageSize)")
    }
    self.imageSize = imageSize
    self.patchSize = patchSize
    self.normalization = normalization
    table = normalization.table
  }

  /// Patches of an image.
  public var patches: Int { (imageSize / patchSize) * (imageSize / patchSize) }
  /// Numbers of a patch.
  public var patchElements: Int { 3 * patchSize * patchSize }
  /// Numbers of an image.
  public var imageElements: Int { 3 * imageSize * imageSize }

  /// Writes the patches of an image.
  ///
  /// - Precondition: the image has the layout's size, `out` has `imageElements` elements.
  public func write(_ image: RGBImage, into out: inout MutableSpan<Float>) {
    unsafe out.withUnsafeMutableBufferPointer { unsafe write(image, into: $0) }
  }

  /// Writes the patches of an image into memory that the caller owns.
  ///
  /// - Precondition: as above, and the memory is initialised.
  @unsafe public func write(_ image: RGBImage, into out: UnsafeMutableBufferPointer<Float>) {
    precondition(out.count == imageElements, "\(out.count) numbers for \(imageElements)")
    precondition(
      image.width == imageSize && image.height == imageSize,
      "an image of \(image.width) x \(image.height) for \(imageSize) x \(imageSize)")
    guard let base = out.baseAddress else { return }
    unsafe cimages_patches(base, image.bytes, Int32(imageSize), Int32(patchSize), table)
  }

  /// The patches of an image.
  public func patches(of image: RGBImage) -> [Float] {
    var numbers = [Float](repeating: 0, count: imageElements)
    var span = numbers.mutableSpan
    write(image, into: &span)
    return numbers
  }
}
