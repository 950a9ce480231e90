import ArgumentParser
import PublishedCases
import Reporting
import Scenarios

/// `foretrain refit published`.
struct RefitPublishedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "published",
    abstract: "Fit factors and intervals to published training steps.",
    discussion: """
      Prints errors on fitted rows, on runs left out and on series left out; --write keeps the \
      constants, the same input gives the same bytes.

        foretrain refit published
        foretrain refit published --write fitted/step-constants.yaml
      """)

  @Option(help: "A file of cases, one JSON object in a line.")
  var cases: String?
  @Option(help: "Write the constants to FILE.")
  var write: String?
  @OptionGroup var folders: DataOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let write, write.isEmpty { throw ValidationError("--write names no file") }
  }

  func run() throws {
    let loader = try folders.loader()
    let published = try PublishedLibrary(loader: loader).cases(at: cases)
    output.progress("fitting, and leaving out every run and series in turn")
    let refit = try Refit(published, loader: loader)
    if let write {
      try AtomicWriter.write(refit.constants.text, to: write)
      output.note("wrote \(write)")
    }
    var fitted = loader
    fitted.constants = refit.constants
    let predictor = CasePredictor(setter: try CaseSetter(loader: fitted))
    let card = Scorecard(try published.map(predictor.predict))
    try output.write(
      try RefitView(judging: refit, card, loader), provenance: try output.provenance(fitted))
  }
}

extension RefitView: Answer {
  /// A fit with the goals and other tools' figures of the data folders.
  init(judging refit: Refit, _ card: Scorecard, _ loader: ScenarioLoader) throws {
    self.init(
      refit,
      goals: try PublishedGoal.shipped(loader).map { GoalCheck($0, refit: refit, card: card) },
      tools: try OtherTool.shipped(loader))
  }
}
