import Planning
import PublishedCases
import Quantities
import Reporting
import Scenarios

/// A published case that is explained: its scenario, and its figures beside the predicted ones.
struct ExplainedCase {
  let scenario: Scenario
  let notes: [String]
  let measured: [WaterfallView.MeasuredPart]

  /// The case of that id; nil where no such case is known.
  ///
  /// - Throws: What reading cases throws where a file of them was named, `CaseProblem` where the
  ///   case cannot be made a scenario.
  init?(_ id: String?, cases path: String?, loader: ScenarioLoader) throws {
    guard let id else { return nil }
    let library = PublishedLibrary(loader: loader)
    let cases: [PublishedCase]
    do {
      cases = try library.cases(at: path)
    } catch let missing as MissingFile {
      if path != nil { throw missing }
      return nil
    }
    guard let published = cases.first(where: { $0.id == id }) else { return nil }
    let setter = try CaseSetter(loader: loader)
    let setup = try setter.setup(published)
    scenario = setup.scenario
    notes = setup.notes
    let prediction = try CasePredictor(setter: setter).predict(published)
    measured = prediction.figures.filter { $0.measurement.bound == .exact && $0.error != nil }
      .map {
        .init(
          name: $0.measurement.kind.rawValue.replacing("_", with: " "), unit: "",
          predicted: $0.predicted.typical, measured: $0.measurement.value)
      }
  }
}
