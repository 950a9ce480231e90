public import Quantities

/// Parts of a step's time by the term that they are uncertain through.
///
/// What a fit to measured steps works on: every constant of the model multiplies one term.
public struct StepTerms: Sendable, Hashable {
  /// The terms in the order of `TermTimes`, with their seconds.
  public private(set) var parts: [Part] = []

  /// One term.
  public struct Part: Sendable, Hashable {
    /// Which.
    public var term: StepTrace.Term
    /// Its share of the step.
    public var time: Seconds
  }

  /// No time at all.
  public init() {}

  init(_ times: TermTimes) {
    parts = TermTimes.Term.allCases.map {
      Part(term: $0, time: Seconds(times[$0]))
    }
  }

  /// Seconds of a term; 0 where there is no time at all.
  public subscript(term: StepTrace.Term) -> Seconds {
    parts.first { $0.term == term }?.time ?? .zero
  }
}
