public import Workloads

/// What a family reads of a caption.
public struct TextInput: Sendable, Hashable {
  /// Ids of a caption, start, end and padding included.
  public var tokens: Int
  /// Entries of the vocabulary.
  public var vocabulary: Int
  /// Whether attention leaves padding out, so that lengths are needed.
  public var masksPadding: Bool
  /// The token that begins a caption to be predicted: the vocabulary's last one (BLIP-2).
  public var captionToken: Int32?

  /// The text of a model.
  ///
  /// - Throws: `TrainingError.noData` where it reads no pairs of image and caption.
  public init(_ model: ModelSpec) throws(TrainingError) {
    switch model.family {
    case .coca(_, let text, _):
      // The class token behind a text is no token of its own, and padding is not predicted.
      tokens = text.tokens - (text.classToken ? 1 : 0)
      vocabulary = text.vocabulary
      masksPadding = true
      captionToken = nil
    case .clip(_, let text), .sigLIP(_, let text):
      tokens = text.tokens
      vocabulary = text.vocabulary
      masksPadding = false
      captionToken = nil
    case .blip2Stage1(_, let qformer):
      tokens = qformer.textTokens
      // The last entry is the token that begins captions.
      vocabulary = qformer.vocabulary - 1
      masksPadding = true
      captionToken = Int32(qformer.vocabulary - 1)
    case .blip2Stage2: throw .noData(family: "BLIP-2 stage 2")
    case .visionLanguage: throw .noData(family: "a vision-language model")
    case .imageClassifier: throw .noData(family: "an image classifier")
    case .languageModel: throw .noData(family: "a language model")
    }
  }
}

extension ModelSpec {
  /// The image tower of models that have one.
  public var imageTower: VisionTowerSpec? {
    switch family {
    case .clip(let image, _), .sigLIP(let image, _), .coca(let image, _, _),
      .blip2Stage1(let image, _), .blip2Stage2(let image, _, _), .imageClassifier(let image, _),
      .visionLanguage(let image, _, _):
      image
    case .languageModel: nil
    }
  }
}
