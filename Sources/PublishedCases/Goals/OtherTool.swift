public import Clusters
public import Scenarios

/// What another tool reaches on published runs, as somebody says: `scenarios/published/other-tools.csv`.
public struct OtherTool: Sendable, Hashable {
  /// The tool.
  public var tool: String
  /// Its cases, for people.
  public var cases: String
  /// Their series here.
  public var series: [String]
  /// Their architecture; nil for any.
  public var architecture: Architecture?
  /// Mean error of time.
  public var meanError: Double
  /// Largest error; nil where nobody says.
  public var maxError: Double?
  /// Who says so.
  public var source: String

  /// Reads what comes with the program; nothing where no folder holds it.
  ///
  /// - Throws: `FileErrors` where the file cannot be read.
  public static func shipped(_ loader: ScenarioLoader) throws -> [OtherTool] {
    for folder in loader.data.folders("scenarios/published") {
      do {
        return try read(SourceFile(path: folder + "/other-tools.csv"))
      } catch is MissingFile {
        continue
      }
    }
    return []
  }

  /// Reads figures of other tools.
  ///
  /// - Throws: `FileErrors` with everything that is wrong.
  public static func read(_ file: SourceFile) throws(FileErrors) -> [OtherTool] {
    let needed = ["tool", "cases", "series", "mean_error", "source"]
    return try Reader.readCSV(
      file, columns: needed + ["architecture", "max_error"], needed: needed
    ) { row in
      OtherTool(
        tool: row.text("tool"), cases: row.text("cases"),
        series: row.text("series").split(separator: " ").map(String.init),
        architecture: row.optional("architecture", .enumeration(of: Architecture.self)),
        meanError: row.required("mean_error", .nonNegativeNumber),
        maxError: row.optional("max_error", .nonNegativeNumber), source: row.text("source"))
    }
  }

  /// Whether a measured step is one of its cases.
  public func covers(_ row: FitRow) -> Bool {
    series.contains(row.series) && (architecture == nil || architecture == row.architecture)
  }
}
