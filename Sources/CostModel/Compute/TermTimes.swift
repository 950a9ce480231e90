import Quantities

/// Seconds by the term that they are uncertain through; sums of many kernels stay cheap.
///
/// Two programs priced on one device share the same unknown truth of every term: that is why an
/// overhead, a ratio of two of them, is known better than either.
struct TermTimes: Sendable, Hashable {
  /// The terms of the model.
  typealias Term = StepTrace.Term

  private var lanes: SIMD16<Double>

  /// Nothing.
  static let zero = TermTimes(lanes: .zero)

  private init(lanes: SIMD16<Double>) { self.lanes = lanes }

  /// Seconds of one term.
  init(_ term: Term, _ seconds: Double) {
    lanes = .zero
    lanes[term.lane] = seconds
  }

  /// Seconds of a term.
  subscript(term: Term) -> Double {
    get { lanes[term.lane] }
    set { lanes[term.lane] = newValue }
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

extension StepTrace.Term {
  /// Its place in `TermTimes`: as in `allCases`.
  fileprivate var lane: Int {
    switch self {
    case .products: 0
    case .attention: 1
    case .memoryBound: 2
    case .misalignedScores: 3
    case .optimizer: 4
    case .communication: 5
    case .launch: 6
    case .input: 7
    case .tensorCommunication: 8
    case .stageMessages: 9
    case .bubble: 10
    }
  }
}
