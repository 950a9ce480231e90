import Clusters
public import Scenarios

/// The fit of the model's constants to published steps, with what it is worth on unseen ones.
public struct Refit: Sendable {
  /// Measured steps.
  public let rows: [FitRow]
  /// Measured peaks of memory.
  public let memory: MemorySpreads
  /// The fit to all of them.
  public let fit: StepFit
  /// Errors of that fit, and on rows left out.
  public let validation: CrossValidation
  /// What profiles and stacks carry from now on.
  public let constants: StepConstants
  /// How often steps lie in their intervals, seen and unseen.
  public let coverage: [Coverage]

  /// Predicts without constants, fits, and leaves out runs and series in turn.
  ///
  /// - Parameters:
  ///   - cases: The published cases; scored exact times count.
  ///   - loader: Finds profiles and stacks; its own constants are not looked at.
  /// - Throws: `FileErrors` where a file cannot be read, `FitError`.
  public init(_ cases: [PublishedCase], loader: ScenarioLoader) throws {
    var loader = loader
    loader.constants = StepConstants()
    let predictor = CasePredictor(setter: try CaseSetter(loader: loader))
    let predictions = try cases.enumerated().filter { $0.element.isScored }.map {
      (index: $0.offset, prediction: try predictor.predict($0.element))
    }
    rows = predictions.compactMap { FitRow($0.prediction, index: $0.index) }
    memory = MemorySpreads(predictions.flatMap { MemoryRow.rows($0.prediction) })
    let software = try loader.stackIDs.filter { $0 != "foretrain-core" }.map(loader.stack)
    fit = try StepFit(rows)
    validation = try CrossValidation(rows, fit: fit, software: software)
    var constants = fit.stepConstants(software, runs: Self.runs(rows))
    constants.series = Set(rows.map(\.series)).sorted()
    let fitted = Set(rows.map(\.architecture))
    constants.architectures = Architecture.allCases.filter(fitted.contains)
    constants.basis =
      "\(rows.count) exact times of \(cases.count) published cases in \(constants.series.count) series, least absolute relative deviation"
    let spreads = Spreads(rows: rows, misses: Spreads.Misses(validation))
    constants.spreads = spreads.byKind()
    constants.unknownSoftware = spreads.unknownSoftware()
    constants.unknownDevice = spreads.unknownDevice()
    constants.memory = memory.byReading
    constants.memorySeries = memory.series
    self.constants = constants
    coverage = spreads.coverage(validation)
  }

  /// Fitted runs by stack.
  private static func runs(_ rows: [FitRow]) -> [String: Int] {
    Dictionary(grouping: rows, by: \.stack).mapValues { Set($0.map(\.group)).count }
  }
}
