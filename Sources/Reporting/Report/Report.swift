public import CostModel
public import Planning

/// A scenario's report: one value from which every file of it is made.
///
/// Same value, same bytes: HTML, Markdown, CSV and SVG carry no id, no time and no path;
/// `report.json` carries an id and a time only where the provenance has a stamp.
public struct Report: Sendable {
  /// The question.
  public let scenario: Scenario
  /// The priced strategy.
  public let estimate: Estimate
  /// The search's answer; nil where none was made.
  public let plan: PlanResult?
  /// The same run under the methods that this one is compared with, plain training first.
  public let baselines: [Estimate]
  /// The same workload on other hardware.
  public let comparison: [Estimate]
  /// What it was made from.
  public let provenance: Provenance

  /// A report from its parts; `baselines` and `comparison` may be empty.
  public init(
    scenario: Scenario, estimate: Estimate, plan: PlanResult?, baselines: [Estimate],
    comparison: [Estimate], provenance: Provenance
  ) {
    self.scenario = scenario
    self.estimate = estimate
    self.plan = plan
    self.baselines = baselines
    self.comparison = comparison
    self.provenance = provenance
  }

  /// One file of a report.
  public struct File: Sendable, Hashable {
    /// Its name within the report's folder.
    public let name: String
    /// Its text.
    public let contents: String
  }

  /// All files: `report.html`, `report.md`, `report.json`, and a CSV and an SVG of every chart.
  public var files: [File] {
    let document = ReportWriter(report: self).document
    let charts = document.charts
    return [
      File(name: "report.html", contents: document.html),
      File(name: "report.md", contents: document.markdown),
      File(name: "report.json", contents: json.text),
    ] + charts.map { File(name: $0.id + ".csv", contents: $0.body.data.csv) }
      + charts.map { File(name: $0.id + ".svg", contents: $0.file) }
  }

  /// Names that an earlier report may have left and that this one no longer has.
  static let chartNames = ["step-time", "memory", "overhead", "plans", "hardware", "time-cost"]

  /// Writes all files into `folder`, or none: an error leaves an earlier report as it was.
  ///
  /// Other files in the folder are not touched; charts of an earlier report that this one does not
  /// have are removed.
  ///
  /// - Parameter folder: made where it does not exist.
  /// - Returns: the paths that were written.
  /// - Throws: `WriteError` when the folder cannot be made or a file cannot be written.
  public func write(to folder: String) throws(WriteError) -> [String] {
    let files = files
    let owned = Self.chartNames.flatMap { [$0 + ".csv", $0 + ".svg"] }
    let stale = Set(owned).subtracting(files.map(\.name)).sorted()
    return try AtomicWriter.write(files, to: folder, removing: stale)
  }

  /// The whole report as one object; threads and seconds of the search only under a stamp.
  public var json: JSONValue {
    [
      "schema_version": .string(Schema.version), "scenario": .string(scenario.id),
      "title": .string(scenario.title), "estimate": estimate.json(provenance: provenance),
      "plan": plan.map {
        $0.json(
          scenario: scenario, provenance: provenance, isTimed: provenance.stamp != nil)
      } ?? .null,
      "baselines": .array(baselines.map { $0.json(provenance: provenance) }),
      "comparison": comparison.isEmpty
        ? .null : Comparison(comparison).json(provenance: provenance),
      "provenance": provenance.json,
    ]
  }
}
