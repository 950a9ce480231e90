/// The parameter update.
public enum Optimizer: String, Sendable, Hashable, CaseIterable {
  /// Adam with decoupled weight decay: two moments.
  case adamw
  /// AdamW with a per-tensor trust ratio: two moments, two norms.
  case lamb
  /// Factored second moment: row and column sums of every matrix, no first moment.
  case adafactor
  /// Sign of an interpolated moment: one moment.
  case lion
  /// Momentum: one moment.
  case sgd

  /// Moments as large as the parameters.
  public var fullMoments: Int {
    switch self {
    case .adamw, .lamb: 2
    case .lion, .sgd: 1
    case .adafactor: 0
    }
  }

  /// Whether row and column sums replace a full second moment.
  public var isFactored: Bool { self == .adafactor }

  /// Passes over parameter-sized fp32 state that the update makes beside reading the gradient:
  /// reads and writes of weight and moments; LAMB reads weight and update again for its norms.
  public var statePasses: Int {
    switch self {
    case .adamw: 6
    case .lamb: 9
    case .adafactor: 4
    case .lion, .sgd: 4
    }
  }
}
