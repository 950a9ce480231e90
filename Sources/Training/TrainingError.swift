/// Why a run cannot begin or go on.
public enum TrainingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The model reads something that no source of pairs has.
  case noData(family: String)
  /// The source's batches have other sizes than the program's.
  case otherShape(found: String, expected: String)
  /// The loss or its gradient is not finite.
  case notFinite(step: Int, what: String)

  /// One sentence on what happened, one on what to do.
  public var description: String {
    switch self {
    case .noData(let family):
      "training data are pairs of image and caption, and \(family) reads something else; "
        + "choose a CLIP, SigLIP, CoCa or BLIP-2 stage 1 model"
    case .otherShape(let found, let expected):
      "batches are \(found), the program reads \(expected)"
    case .notFinite(let step, let what):
      "the \(what) of step \(step) is not finite; resume from the last checkpoint with a lower "
        + "learning rate"
    }
  }
}
