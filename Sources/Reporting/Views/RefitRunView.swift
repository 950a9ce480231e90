import Quantities

/// What a refit to a user's own runs found: `foretrain refit run`.
public struct RefitRunView: Sendable {
  /// Predicted over measured minus 1 of one run.
  public struct Errors: Sendable, Hashable {
    /// With the profile as it was.
    public var before: Double
    /// With the factors.
    public var after: Double
    /// With factors from the other runs; nil for fewer than three runs.
    public var leftOut: Double?

    /// Errors.
    public init(before: Double, after: Double, leftOut: Double?) {
      self.before = before
      self.after = after
      self.leftOut = leftOut
    }
  }

  /// A factor that is not 1.
  public struct Factor: Sendable, Hashable {
    /// The term.
    public var term: String
    /// What it multiplies.
    public var meaning: String
    /// The factor.
    public var factor: Double

    /// A factor.
    public init(term: String, meaning: String, factor: Double) {
      self.term = term
      self.meaning = meaning
      self.factor = factor
    }
  }

  /// What one term alone would explain.
  public struct Alone: Sendable, Hashable {
    /// The term.
    public var term: String
    /// What it multiplies.
    public var meaning: String
    /// Its factor.
    public var factor: Double
    /// Mean of the absolute error that is left.
    public var error: Double

    /// A term.
    public init(term: String, meaning: String, factor: Double, error: Double) {
      self.term = term
      self.meaning = meaning
      self.factor = factor
      self.error = error
    }
  }

  private let runs: [String]
  private let errors: [Errors]
  private let memory: [Errors?]
  private let factors: [Factor]
  private let alone: [Alone]
  private let files: [String]

  /// A view.
  ///
  /// - Parameters:
  ///   - runs: names.
  ///   - refit: errors of the step time, one for each run.
  ///   - memory: the same of memory; nil for runs without.
  ///   - factors: those that are not 1.
  ///   - alone: single terms, the best first.
  ///   - files: paths that were written.
  public init(
    runs: [String], refit: [Errors], memory: [Errors?], factors: [Factor], alone: [Alone],
    files: [String]
  ) {
    self.runs = runs
    errors = refit
    self.memory = memory
    self.factors = factors
    self.alone = alone
    self.files = files
  }

  /// For a terminal.
  public func text(style: Style = .plain) -> String {
    var output = style.paint("Predicted over measured", .heading) + "\n"
    output += errorTable.text(style: style, indentation: 2)
    output += "\n" + style.paint("Factors", .heading) + "\n"
    output +=
      factors.isEmpty
      ? "  none: what the runs say lies within their own noise\n"
      : factorTable.text(style: style, indentation: 2)
    output += "\n" + style.paint("Which single term explains the gap", .heading) + "\n"
    output +=
      alone.isEmpty
      ? "  none moves these runs\n" : aloneTable.text(style: style, indentation: 2)
    for file in files { output += "\nwrote \(file.singleLine)" }
    return output + (files.isEmpty ? "" : "\n")
  }

  /// For a page.
  public var markdown: String {
    "### Predicted over measured\n\n" + errorTable.markdown + "\n### Factors\n\n"
      + factorTable.markdown + "\n### Single terms\n\n" + aloneTable.markdown
  }

  /// Errors, one row for each run.
  public var csv: String { errorTable.csv }

  /// The object of `--format json`.
  public func json(provenance: Provenance) -> String {
    func mean(_ pick: (Errors) -> Double?) -> JSONValue {
      let values = errors.compactMap(pick)
      guard !values.isEmpty else { return .null }
      return .number(values.reduce(0) { $0 + $1.magnitude } / Double(values.count))
    }
    return JSONValue.object([
      .init("schema_version", .string(Schema.version)),
      .init(
        "runs",
        .array(
          zip(runs, zip(errors, memory)).map { name, pair in
            [
              "name": .string(name), "time_error_before": .number(pair.0.before),
              "time_error_after": .number(pair.0.after),
              "time_error_left_out": .optional(pair.0.leftOut),
              "memory_error_before": .optional(pair.1?.before),
              "memory_error_after": .optional(pair.1?.after),
            ]
          })),
      .init(
        "summary",
        [
          "n": .integer(runs.count), "time_mean_abs_error_before": mean { $0.before },
          "time_mean_abs_error_after": mean { $0.after },
          "time_mean_abs_error_left_out": mean { $0.leftOut },
        ]),
      .init(
        "factors",
        .array(
          factors.map {
            [
              "term": .string($0.term), "meaning": .string($0.meaning),
              "factor": .number($0.factor),
            ]
          })),
      .init(
        "single_terms",
        .array(
          alone.map {
            [
              "term": .string($0.term), "factor": .number($0.factor),
              "time_mean_abs_error": .number($0.error),
            ]
          })), .init("files", .array(files.map { .string($0) })),
      .init("provenance", provenance.json),
    ]).text
  }

  private func signed(_ error: Double) -> String {
    (error > 0 ? "+" : "") + Figures.percent(error)
  }

  private var errorTable: Table {
    func cell(_ error: Double?) -> Table.Cell {
      error.map { .number($0, signed($0)) } ?? .unknown
    }
    let table = Table(
      columns: [
        .init("run", "run"), .init("time_error_before", "time before", .right),
        .init("time_error_after", "after", .right),
        .init("time_error_left_out", "left out", .right),
        .init("memory_error_before", "memory before", .right),
        .init("memory_error_after", "after", .right),
      ],
      rows: zip(runs, zip(errors, memory)).map { name, pair in
        [
          .words(name), cell(pair.0.before), cell(pair.0.after), cell(pair.0.leftOut),
          cell(pair.1?.before), cell(pair.1?.after),
        ]
      })
    var dropped: [String] = []
    if errors.allSatisfy({ $0.leftOut == nil }) { dropped.append("time_error_left_out") }
    if memory.allSatisfy({ $0 == nil }) {
      dropped += ["memory_error_before", "memory_error_after"]
    }
    return table.dropping(dropped)
  }

  private var factorTable: Table {
    Table(
      columns: [
        .init("term", "term"), .init("factor", "factor", .right), .init("meaning", "on"),
      ],
      rows: factors.map {
        [
          .words($0.term), .number($0.factor, Format.fixed($0.factor, digits: 3)),
          .words($0.meaning),
        ]
      })
  }

  private var aloneTable: Table {
    Table(
      columns: [
        .init("term", "term"), .init("factor", "factor", .right),
        .init("time_mean_abs_error", "error left", .right), .init("meaning", "on"),
      ],
      rows: alone.map {
        [
          .words($0.term), .number($0.factor, Format.fixed($0.factor, digits: 3)),
          .number($0.error, Figures.percent($0.error)), .words($0.meaning),
        ]
      })
  }
}
