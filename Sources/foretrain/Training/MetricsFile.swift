import Foundation
import Reporting
import Training
import Workloads

/// A CSV file with one row for every step, numbers in full precision.
///
/// Rows are appended as steps end. A run that is resumed keeps the rows up to where it goes on.
final class MetricsFile {
  private let path: String
  private let terms: [String]
  private let layers: [Int]
  private var descriptor: Int32 = -1

  /// Begins or goes on with a file.
  ///
  /// - Throws: `WriteError`.
  init(path: String, plan: ProgramPlan, after step: Int) throws {
    self.path = path
    terms = plan.lossTerms
    layers = plan.comparesLayers ? Array(0..<plan.comparedLayers) : []
    let earlier = step > 0 ? Self.rows(of: path, header: header, upTo: step) : []
    try AtomicWriter.write(([header] + earlier).joined(separator: "\n") + "\n", to: path)
    descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { throw WriteError(step: .write, path: path, code: errno) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private var header: String {
    let fixed = [
      "step", "seconds", "loss", "gradient_norm", "learning_rate", "gamma", "selected_layers",
    ]
    return
      (fixed + terms.map { $0.replacing(" ", with: "_") } + layers.map { "cm_\($0)" })
      .joined(separator: ",")
  }

  /// Adds a row.
  ///
  /// - Throws: `WriteError`.
  func append(_ step: StepMetrics) throws {
    let fixed = [
      "\(step.step)", "\(step.seconds)", "\(step.loss)", "\(step.gradientNorm)",
      "\(step.learningRate)", "\(step.gamma)",
      step.selection.map(String.init).joined(separator: " "),
    ]
    let row =
      fixed + terms.map { step.terms[$0].map { "\($0)" } ?? "" }
      + layers.map { step.comparison[$0].map { "\($0)" } ?? "" }
    try AtomicWriter.put(row.joined(separator: ",") + "\n", into: descriptor, path: path)
  }

  /// Rows of steps that a resumed run does not run again; none where the columns are others.
  private static func rows(of path: String, header: String, upTo step: Int) -> [String] {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
    let lines = text.split(separator: "\n").map(String.init)
    guard lines.first == header else { return [] }
    return lines.dropFirst().filter { line in
      Int(line.prefix { $0 != "," }).map { $0 <= step } ?? false
    }
  }
}

extension ProgramPlan {
  /// Names of all loss terms that a step of this run may have.
  var lossTerms: [String] {
    var names: Set<String> = []
    for program in [program(step: 0, selection: []), program(selection: [])] {
      for pass in program.passes where pass.branch == .clean || pass.branch == .attacked {
        switch pass.role {
        case .loss: names.insert("\(pass.branch.rawValue) contrastive")
        case .matching, .caption, .decoder, .language, .distillation:
          names.insert("\(pass.branch.rawValue) \(pass.role.rawValue)")
        case .image, .bridge, .text: break
        }
      }
    }
    if options.calibration.method.regularisesLayers { names.insert("layer regulariser") }
    return names.sorted()
  }

  /// Whether steps of this run compare layers.
  var comparesLayers: Bool {
    options.calibration.method.regularisesLayers || options.calibration.method == .layerProbe
  }
}
