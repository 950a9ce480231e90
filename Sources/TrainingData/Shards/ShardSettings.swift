/// Which shards are read, and how.
public struct ShardSettings: Hashable, Sendable {
  /// The files, in order.
  public var files: [String]
  /// Chooses the order of samples and the random crops.
  public var seed: UInt64
  /// Which part of an image is used.
  public var crop: ImageCrop
  /// So many samples are read, shuffled and handed out before the next ones are read; with 1 nothing
  /// is shuffled, the order of files neither.
  public var shuffleWindow: Int
  /// More damaged samples than this in an epoch are an error.
  public var damageLimit: Int
  /// Larger image files are damaged.
  public var imageBytes: Int
  /// Larger captions, and JSON files, are damaged.
  public var textBytes: Int
  /// Images that ask for more are damaged.
  public var imageLimits: ImageLimits

  /// A window is handed out early when its image files take so many bytes.
  public static let windowBytes: Int = 256 << 20
  /// What follows the first so many characters of a caption is not read: no text tower is so long.
  public static let captionCharacters: Int = 4096

  /// Settings for training: random crops as OpenCLIP's, windows of 1,000, at most 100 damaged samples.
  public init(
    files: [String], seed: UInt64 = 0, crop: ImageCrop = .random(areas: 0.9...1),
    shuffleWindow: Int = 1000, damageLimit: Int = 100, imageBytes: Int = 32 << 20,
    textBytes: Int = 1 << 20, imageLimits: ImageLimits = ImageLimits()
  ) {
    self.files = files
    self.seed = seed
    self.crop = crop
    self.shuffleWindow = shuffleWindow
    self.damageLimit = damageLimit
    self.imageBytes = imageBytes
    self.textBytes = textBytes
    self.imageLimits = imageLimits
  }
}
