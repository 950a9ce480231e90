/// Maps bytes to the numbers that a model sees: `(byte / 255 - mean) / deviation` per channel.
public struct PixelNormalization: Hashable, Codable, Sendable {
  /// What is subtracted from a pixel in [0, 1]; red, green, blue.
  public let mean: [Float]
  /// What the difference is divided by.
  public let deviation: [Float]

  /// A normalisation of three channels.
  ///
  /// - Throws: `TrainingDataError.unusableSetting` unless both have three finite values and the
  ///   deviations are above 0.
  public init(mean: [Float], deviation: [Float]) throws(TrainingDataError) {
    guard mean.count == 3, deviation.count == 3, (mean + deviation).allSatisfy(\.isFinite),
      deviation.allSatisfy({ $0 > 0 })
    else {
      throw .unusableSetting(
        "a normalisation needs three means and three deviations above 0, not \(mean) and "
          + "\(deviation)")
    }
    self.init(checkedMean: mean, deviation: deviation)
  }

  private init(checkedMean mean: [Float], deviation: [Float]) {
    self.mean = mean
    self.deviation = deviation
  }

  /// The one of CLIP's published image preprocessing.
  ///
  /// Source: github.com/openai/CLIP, clip/clip.py, `Normalize`.
  public static let openAI: PixelNormalization = PixelNormalization(
    checkedMean: [0.48145466, 0.4578275, 0.40821073],
    deviation: [0.26862954, 0.26130258, 0.27577711])

  /// The means and deviations of `ShapesDataset`, measured over 20,000 images of 64 x 64.
  public static let shapes: PixelNormalization = PixelNormalization(
    checkedMean: [0.2386, 0.2341, 0.2374], deviation: [0.2135, 0.1968, 0.187])

  /// The normalised value of a byte in a channel.
  public func value(of byte: UInt8, channel: Int) -> Float {
    (Float(byte) / 255 - mean[channel]) / deviation[channel]
  }

  /// The smallest and largest value of each channel: those of bytes 0 and 255.
  public var range: PixelRange {
    PixelRange(
      lower: (0..<3).map { value(of: 0, channel: $0) },
      upper: (0..<3).map { value(of: 255, channel: $0) })
  }

  /// A distance between pixels in [0, 1], in normalised units of each channel: `distance / deviation`.
  ///
  /// An attack of radius 4/255 moves normalised pixels by `distance(4 / 255)`.
  public func distance(_ distance: Float) -> [Float] { deviation.map { distance / $0 } }

  /// `values[channel * 256 + byte]`.
  var table: [Float] {
    (0..<768).map { value(of: UInt8($0 % 256), channel: $0 / 256) }
  }
}

/// What normalised pixels can be, per channel; whoever changes pixels clips to it.
public struct PixelRange: Hashable, Sendable {
  /// The smallest value of red, green, blue.
  public let lower: [Float]
  /// The largest value of red, green, blue.
  public let upper: [Float]
}
