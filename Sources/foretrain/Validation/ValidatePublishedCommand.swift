import ArgumentParser
import PublishedCases
import Reporting
import Scenarios

/// `foretrain validate published`.
struct ValidatePublishedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "published",
    abstract: "Run published training steps as scenarios and score the predictions.",
    discussion: """
      Without --cases, the cases that come with the program (scenarios/published/).

        foretrain validate published
        foretrain validate published --cases mine.jsonl --format json
        foretrain validate published --left-out
      """)

  @Option(help: "A file of cases, one JSON object in a line.")
  var cases: String?
  @Option(
    help: "Also write a page with charts, and the fit's errors on what it left out, into DIR.")
  var report: String?
  @Flag(
    help: "Also fit, leave out every run and series, and print goals, errors and coverage of that.")
  var leftOut = false
  @OptionGroup var folders: DataOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let report, report.isEmpty { throw ValidationError("--report names no folder") }
  }

  func run() throws {
    let loader = try folders.loader()
    let published = try PublishedLibrary(loader: loader).cases(at: cases)
    let predictor = CasePredictor(setter: try CaseSetter(loader: loader))
    let predictions = try published.map(predictor.predict)
    let card = Scorecard(predictions)
    var fitted: RefitView?
    if leftOut || report != nil {
      output.progress("fitting, and leaving out every run and series in turn")
      fitted = try RefitView(judging: Refit(published, loader: loader), card, loader)
    }
    if let report {
      let written = try PublishedReport(
        card, leftOut: fitted,
        pairs: try PairScore.all(try AttackPair.shipped(loader), loader: loader)
      ).write(to: report)
      output.note("wrote \(written.count) files into \(report)")
    }
    try output.write(
      PublishedView(card, leftOut: fitted), provenance: try output.provenance(loader))
  }
}

extension PublishedView: Answer {}
