import CostModel
import Explaining
import Foundation
import Measurement
import Planning
import Quantities
import Reporting
import RunStore
import Scenarios
import Training

/// Runs of the user's database, read back to be set beside what is predicted for them.
enum StoredRuns {
  /// The number that an argument names; nil where it names a scenario.
  static func number(_ argument: String?) -> Int64? {
    guard let argument, !FileManager.default.fileExists(atPath: argument) else { return nil }
    let text = argument.hasPrefix("run:") ? String(argument.dropFirst(4)) : argument
    return Int64(text)
  }

  /// A run that `foretrain train` kept.
  ///
  /// - Throws: `UsageError` with the newest runs where there is none of that number, `RunStoreError`.
  static func run(_ number: Int64) throws -> StoredRun {
    let path = DataFolder().database
    guard FileManager.default.fileExists(atPath: path) else {
      throw UsageError(
        "there is no run \(number): no run was kept yet", help: "run one: foretrain train tiny-clip"
      )
    }
    let store = try RunStore(path: path)
    if let run = try store.run(RunID(number: number)) { return run }
    let latest = try store.latestRuns(5).map {
      "\($0.id.number) (\($0.record.kind) \($0.record.scenario), \($0.record.startedAt))"
    }
    throw UsageError(
      "there is no run \(number)",
      help: latest.isEmpty
        ? "run one: foretrain train tiny-clip" : "the newest are " + latest.joined(separator: ", "))
  }

  /// What a run keeps of itself.
  struct Detail: Decodable {
    var scenarioText: String?
    var kernelSeconds: [String: Double]?
    var profiledStepSeconds: Double?
    var result: Result?

    struct Result: Decodable {
      var stepSeconds: Quantiles?
      var memory: Memory?
    }
    struct Quantiles: Decodable { var median: Double? }
    struct Memory: Decodable { var countedPeakBytes: Double? }
  }

  /// The detail of a run.
  ///
  /// - Throws: `UsageError` where it lacks what a comparison needs.
  static func detail(_ run: StoredRun) throws -> Detail {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let detail = try? decoder.decode(Detail.self, from: Data(run.record.detail.utf8)) else {
      throw RunStoreError.unreadableRow(
        path: DataFolder().database, detail: "detail of run \(run.id.number)")
    }
    guard detail.scenarioText != nil else {
      throw UsageError(
        "run \(run.id.number) did not keep its scenario",
        help: "it was \(run.record.kind) \(run.record.scenario), \(run.record.status.rawValue): "
          + "only finished runs of `foretrain train` can be explained")
    }
    return detail
  }

  /// Measured parts of a step beside those of a prediction.
  static func parts(_ detail: Detail, _ explainer: Explainer) -> [WaterfallView.MeasuredPart] {
    let estimate = explainer.breakdown.estimate
    let trace = explainer.breakdown.trace
    func part(
      _ name: String, _ unit: String, _ predicted: Double?, _ measured: Double?
    ) -> WaterfallView.MeasuredPart {
      .init(name: name, unit: unit, predicted: predicted, measured: measured)
    }
    func seconds(_ terms: [StepTrace.Term]) -> Double {
      terms.reduce(0) { $0 + (trace.seconds[$1] ?? 0) }
    }
    var parts = [
      part("step, median", "s", estimate.step.typical.value, detail.result?.stepSeconds?.median)
    ]
    if let kinds = detail.kernelSeconds, let whole = detail.profiledStepSeconds {
      func measured(_ names: [String]) -> Double { names.reduce(0) { $0 + (kinds[$1] ?? 0) } }
      let moving = ["elementwise", "normalization", "softmax", "reduction", "gather", "passes"]
      let all = ["gemm", "attention"] + moving
      parts += [
        part("matrix products", "s", seconds([.products]), measured(["gemm"])),
        part("fused attention", "s", seconds([.attention]), measured(["attention"])),
        part(
          "kernels that move bytes", "s", seconds([.memoryBound, .misalignedScores]),
          measured(moving)),
        part(
          "update, batch and all between kernels", "s", seconds([.optimizer, .launch, .input]),
          whole - measured(all)),
      ]
    }
    parts.append(
      part(
        "memory peak, counted", "B", estimate.memory.allocated.value,
        detail.result?.memory?.countedPeakBytes))
    return parts
  }
}
