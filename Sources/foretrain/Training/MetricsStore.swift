import Foundation
import Measurement
import RunStore
import Training

/// The steps of a run in the user's database: rows wait here, and are written every few seconds.
///
/// A database that cannot be used is a warning, once: the run goes on, and so do attempts to write.
final class MetricsStore {
  private let path: String
  private let machine: MachineFingerprint
  private let warn: (String) -> Void
  private let watch = Stopwatch()
  private var store: RunStore?
  private var run: RunID?
  private var record: RunRecord
  private var waiting: [RunStep] = []
  private var nextAttempt = 0.0
  private var hasWarned = false

  /// Seconds between two attempts to write.
  private static let pause = 5.0
  /// Seconds to wait for another process.
  private static let patience = 0.2

  /// Rows of a run of a scenario that begins now.
  init(path: String, scenario: String, warn: @escaping (String) -> Void) {
    self.path = path
    self.warn = warn
    machine = MachineFingerprint.current()
    record = RunRecord(
      kind: "train", scenario: scenario, startedAt: Date().formatted(.iso8601), status: .started)
  }

  /// Takes a step, and writes what waits where it is time.
  func add(_ step: StepMetrics) {
    waiting.append(
      RunStep(
        step: step.step, seconds: step.seconds, loss: step.loss, gradientNorm: step.gradientNorm,
        learningRate: Double(step.learningRate), gamma: Double(step.gamma), terms: step.terms,
        comparison: step.comparison, selection: step.selection))
    guard watch.seconds >= nextAttempt else { return }
    write()
    nextAttempt = watch.seconds + Self.pause
  }

  /// Writes what waits, and what became of the run.
  func finish(_ status: RunRecord.Status, detail: String) {
    record.status = status
    record.detail = detail
    record.elapsedSeconds = watch.seconds
    write()
    if !waiting.isEmpty { warn("the database lacks \(waiting.count) steps of this run") }
  }

  private func write() {
    do {
      let store = try self.store ?? RunStore(path: path, patience: Self.patience)
      self.store = store
      let run = try self.run ?? store.add(record, on: machine)
      self.run = run
      if !waiting.isEmpty {
        try store.append(waiting, to: run)
        waiting = []
      }
      if record.status != .started { try store.update(run, to: record) }
    } catch {
      if !hasWarned { warn("warning: steps are not in the database yet: \(error)") }
      hasWarned = true
    }
  }
}
