/// What was passed over in an epoch, and why.
public struct ShardReport: Hashable, Sendable {
  /// Numbers of the current epoch.
  public internal(set) var counts: ShardCounts = ShardCounts()
  /// The first hundred of this run that were passed over.
  public internal(set) var examples: [PassedOver] = []

  /// One line for people.
  public var description: String {
    "\(counts.delivered) samples read; passed over: \(counts.damaged) damaged, "
      + "\(counts.missingCaptions) without caption, \(counts.missingImages) without image"
  }
}

/// How many samples of the current epoch were read or passed over.
public struct ShardCounts: Hashable, Codable, Sendable {
  /// Handed out.
  public internal(set) var delivered: Int = 0
  /// Not decodable, too large, or of files that are not what their names say.
  public internal(set) var damaged: Int = 0
  /// Images without a caption.
  public internal(set) var missingCaptions: Int = 0
  /// Captions without an image.
  public internal(set) var missingImages: Int = 0
}

/// A sample that was passed over.
public struct PassedOver: Hashable, Sendable, CustomStringConvertible {
  /// What was wrong with it.
  public enum Kind: Hashable, Sendable {
    /// Not decodable, too large, or not what its name says.
    case damaged
    /// No caption.
    case missingCaption
    /// No image.
    case missingImage
  }

  /// What was wrong with it.
  public let kind: Kind
  /// The shard.
  public let file: String
  /// The entry, or the name that the entries of the sample share.
  public let entry: String
  /// In words.
  public let reason: String

  /// `file: entry: reason`.
  public var description: String { "\(file): \(entry): \(reason)" }
}
