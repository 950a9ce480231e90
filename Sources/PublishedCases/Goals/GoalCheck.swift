/// A goal and what was reached.
public struct GoalCheck: Sendable {
  /// The goal.
  public let goal: PublishedGoal
  /// What was reached; nil where no case counts.
  public let value: Double?
  /// Figures behind it.
  public let count: Int

  /// Whether it is met; a goal that nothing counts for is not.
  public var isMet: Bool { value.map(goal.isMet) ?? false }

  /// Judges a goal by a fit and by the predictions that its constants give.
  public init(_ goal: PublishedGoal, refit: Refit, card: Scorecard) {
    self.goal = goal
    (value, count) =
      switch goal.figure {
      case .time: Self.time(goal, refit)
      case .coverage: Self.coverage(goal, refit)
      case .peakMemory: Self.memory(goal, card)
      case .fits: Self.facts(card.confusion.fitsRight, card.confusion.fitsWrong)
      case .doesNotFit: Self.facts(card.confusion.doesNotFitRight, card.confusion.doesNotFitWrong)
      case .casesRun:
        Self.facts(card.predictions.count - card.unsupported.count, card.unsupported.count)
      }
  }

  private static func time(_ goal: PublishedGoal, _ refit: Refit) -> (Double?, Int) {
    let errors =
      switch goal.leftOut {
      case .nothing: refit.validation.fit
      case .run: refit.validation.leaveOneRunOut
      case .series: refit.validation.leaveOneSeriesOut
      }
    let own = refit.rows.indices.filter { place in
      let row = refit.rows[place]
      return (goal.series.isEmpty || goal.series.contains(row.series))
        && (goal.kinds.isEmpty || goal.kinds.contains(row.kind))
        && (goal.architectures.isEmpty || goal.architectures.contains(row.architecture))
    }
    return (
      reduced(own.map { (refit.rows[$0].series, errors[$0].magnitude) }, by: goal.statistic),
      own.count
    )
  }

  private static func memory(_ goal: PublishedGoal, _ card: Scorecard) -> (Double?, Int) {
    let errors = card.memory.filter { goal.series.isEmpty || goal.series.contains($0.name) }
      .flatMap { series in series.errors.map { (series.name, $0.magnitude) } }
    return (reduced(errors, by: goal.statistic), errors.count)
  }

  private static func coverage(_ goal: PublishedGoal, _ refit: Refit) -> (Double?, Int) {
    guard let coverage = refit.coverage.first(where: { $0.fold == goal.leftOut }) else {
      return (nil, 0)
    }
    let lines =
      goal.kinds.isEmpty
      ? [coverage.pooled]
      : coverage.lines.filter { line in line.kind.map(goal.kinds.contains) ?? false }
    let count = lines.reduce(0) { $0 + $1.count }
    let inside = lines.reduce(0) { $0 + $1.inside }
    return (count > 0 ? Double(inside) / Double(count) : nil, count)
  }

  private static func facts(_ right: Int, _ wrong: Int) -> (Double?, Int) {
    let all = right + wrong
    return (all > 0 ? Double(right) / Double(all) : nil, all)
  }

  private static func reduced(
    _ errors: [(series: String, size: Double)], by statistic: PublishedGoal.Statistic
  ) -> Double? {
    let sizes = errors.map(\.size)
    switch statistic {
    case .mean, .share: return Statistics.mean(sizes)
    case .median: return Statistics.median(sizes)
    case .max: return sizes.max()
    case .meanOverSeries:
      let names = Set(errors.map(\.series)).sorted()
      return Statistics.mean(
        names.compactMap { name in
          Statistics.mean(errors.filter { $0.series == name }.map(\.size))
        })
    }
  }
}
