public import Clusters
public import Scenarios
public import Strategies

/// What predictions of published runs should reach: one line of `scenarios/published/goals.yaml`.
public struct PublishedGoal: Sendable, Hashable {
  /// What is judged.
  public enum Figure: String, Sendable, Hashable, CaseIterable {
    /// Errors of step times.
    case time
    /// Errors of peak memory.
    case peakMemory = "peak-memory"
    /// Facts that a run fitted.
    case fits
    /// Facts that it did not.
    case doesNotFit = "does-not-fit"
    /// Times inside their interval.
    case coverage
    /// Cases that the model can run.
    case casesRun = "cases-run"
  }

  /// How many errors become one.
  public enum Statistic: String, Sendable, Hashable, CaseIterable {
    /// Mean of the errors' sizes.
    case mean
    /// Their median.
    case median
    /// The largest.
    case max
    /// Mean over series of their means.
    case meanOverSeries = "mean-over-series"
    /// A share of cases.
    case share
  }

  /// One line for people.
  public var title: String
  /// What is judged.
  public var figure: Figure
  /// Series that count; all where empty.
  public var series: [String]
  /// Kinds of run that count; all where empty.
  public var kinds: [RunKind]
  /// Architectures that count; all where empty.
  public var architectures: [Architecture]
  /// What the fit had not seen.
  public var leftOut: Coverage.Fold
  /// How many become one.
  public var statistic: Statistic
  /// The least that it should be.
  public var atLeast: Double?
  /// The most that it should be.
  public var atMost: Double?

  /// Whether a value is one that was aimed at.
  public func isMet(by value: Double) -> Bool {
    value >= (atLeast ?? -.infinity) && value <= (atMost ?? .infinity)
  }
}

extension PublishedGoal {
  /// What `schema` must say.
  static let schema = "foretrain/published-goals/1"

  /// Reads the goals that come with the program; none where no folder holds them.
  ///
  /// - Throws: `FileErrors` where the file cannot be read.
  public static func shipped(_ loader: ScenarioLoader) throws -> [PublishedGoal] {
    for folder in loader.data.folders("scenarios/published") {
      do {
        return try read(SourceFile(path: folder + "/goals.yaml"))
      } catch is MissingFile {
        continue
      }
    }
    return []
  }

  /// Reads goals.
  ///
  /// - Throws: `FileErrors` with everything that is wrong.
  public static func read(_ file: SourceFile) throws(FileErrors) -> [PublishedGoal] {
    try Reader.read(file) { root in
      root.schema(schema, noun: "a file of goals")
      return root.required("goals", .list(of: .goal))
    }
  }
}

extension Reading where Value == PublishedGoal {
  fileprivate static var goal: Reading {
    .section(
      standIn: PublishedGoal(
        title: "", figure: .time, series: [], kinds: [], architectures: [], leftOut: .nothing,
        statistic: .mean)
    ) { section in
      let goal = PublishedGoal(
        title: section.text("title"),
        figure: section.enumeration("figure", of: PublishedGoal.Figure.self),
        series: section.list("series", of: .text),
        kinds: section.list("kinds", of: .enumeration(of: RunKind.self)),
        architectures: section.list("architectures", of: .enumeration(of: Architecture.self)),
        leftOut: section.enumeration("left_out", of: Coverage.Fold.self),
        statistic: section.enumeration("statistic", of: PublishedGoal.Statistic.self),
        atLeast: section.optional("at_least", .nonNegativeNumber),
        atMost: section.optional("at_most", .nonNegativeNumber))
      if goal.atLeast == nil, goal.atMost == nil {
        section.error("title", "a goal needs 'at_least' or 'at_most'", help: "write at_most: 10 %")
      }
      return goal
    }
  }
}
