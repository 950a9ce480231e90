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
      """)

  @Option(help: "A file of cases, one JSON object in a line.")
  var cases: String?
  @OptionGroup var folders: DataOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let loader = try folders.loader()
    let published = try PublishedLibrary(loader: loader).cases(at: cases)
    let predictor = CasePredictor(setter: try CaseSetter(loader: loader))
    let predictions = try published.map(predictor.predict)
    try output.write(
      PublishedView(Scorecard(predictions)), provenance: Provenance(version: Tool.version))
  }
}

extension PublishedView: Answer {}
