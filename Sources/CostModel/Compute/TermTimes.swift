import Quantities

/// Seconds by the term that they are uncertain through; sums of many kernels stay cheap.
///
/// Two programs priced on one device share the same unknown truth of every term: that is why an
/// overhead, a ratio of two of them, is known better than either.
struct TermTimes: Sendable, Hashable {
  /// The terms of the model, each with a range of its own.
  enum Term: Int, CaseIterable, Sendable {
    /// Matrix products.
    case products
    /// Fused attention.
    case attention
    /// Kernels that move bytes.
    case memoryBound
    /// Kernels on stored attention scores with rows that are not a multiple of 8.
    case misalignedScores
    /// The parameter update.
    case optimizer
    /// Collectives of weights, gradients and features that nothing hides.
    case communication
    /// Waiting for the host to issue kernels.
    case launch
    /// Waiting for input.
    case input
    /// Collectives among ranks that share layers, where nothing hides them.
    case tensorCommunication
    /// Messages between pipeline stages.
    case stageMessages
    /// Waiting for other pipeline stages.
    case bubble
  }

  private var lanes: SIMD16<Double>

  /// Nothing.
  static let zero = TermTimes(lanes: .zero)

  private init(lanes: SIMD16<Double>) { self.lanes = lanes }

  /// Seconds of one term.
  init(_ term: Term, _ seconds: Double) {
    lanes = .zero
    lanes[term.rawValue] = seconds
  }

  /// Seconds of a term.
  subscript(term: Term) -> Double {
    get { lanes[term.rawValue] }
    set { lanes[term.rawValue] = newValue }
  }

  /// Seconds of all terms.
  var total: Double { lanes.sum() }

  /// Seconds of the kernels themselves: neither waiting nor communication nor the update.
  var compute: Double {
    self[.products] + self[.attention] + self[.memoryBound] + self[.misalignedScores]
  }

  static func + (left: Self, right: Self) -> Self { Self(lanes: left.lanes + right.lanes) }
  static func += (left: inout Self, right: Self) { left.lanes += right.lanes }
  static func * (factor: Double, right: Self) -> Self { Self(lanes: factor * right.lanes) }
}
