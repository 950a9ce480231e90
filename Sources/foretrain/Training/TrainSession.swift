import Foundation
import Measurement
import Quantities
import Reporting
import RunStore
import Training
import TrainingCore
import TrainingData

/// The loop of `foretrain train`: steps, metrics, progress, checkpoints, the end.
struct TrainSession {
  let trainer: Trainer
  let local: LocalRun
  let checkpoints: CheckpointPlan
  let scenario: CheckpointHeader.Scenario
  let output: OutputOptions
  private var metrics: MetricsFile?
  let store: MetricsStore
  /// Whether kernels are timed one by one after the first steps.
  let isProfiled: Bool
  private var result = TrainResult()
  private var progress: TrainProgress
  /// Why the last attempt to save failed; nil where it worked.
  private var unsaved: (any Error)?
  private var savedStep: Int
  /// The step that this invocation began after, until its first checkpoint.
  private var beganAfter: Int?
  private var hasReset = false
  /// Seconds by kind of kernel in one step; empty for runs that end before it.
  private var kernelSeconds: [String: Double] = [:]
  private var profiledStepSeconds: Double?
  /// The step of the last attempt to save.
  private var triedStep = 0

  /// A session that has not begun.
  init(
    trainer: Trainer, local: LocalRun, checkpoints: CheckpointPlan,
    scenario: CheckpointHeader.Scenario, output: OutputOptions, metrics: MetricsFile?,
    store: MetricsStore, isProfiled: Bool
  ) {
    self.isProfiled = isProfiled
    self.trainer = trainer
    self.local = local
    self.checkpoints = checkpoints
    self.scenario = scenario
    self.output = output
    self.metrics = metrics
    self.store = store
    savedStep = checkpoints.resumed == nil ? 0 : trainer.step
    beganAfter = trainer.step
    let batch = trainer.source.shape.batch
    result.batch = batch
    result.gemm = trainer.machine.gemm
    progress = TrainProgress(
      last: trainer.settings.steps, batch: batch, isQuiet: output.quiet)
  }

  /// Runs to the last step, or until the user asks to stop.
  ///
  /// - Returns: What the run was like, and why its last state is not saved, if it had to be.
  /// - Throws: `Interrupted` after a save that worked, and whatever ends a run early.
  mutating func run() throws -> (result: TrainResult, unsaved: UnsavedRun?) {
    trainer.executor.warmUp()
    weighProcess()
    trainer.executor.resetPeak()
    do {
      while trainer.step < trainer.settings.steps, !Interrupts.wasAsked { try advance() }
    } catch {
      progress.end()
      store.finish(.failed, detail: detail)
      throw error
    }
    progress.end()
    result.residentPeak = ProcessMemory.peakBytes()
    if !hasReset { output.note("the resident peak is that of the whole process") }
    finishResult()
    return (result, try end())
  }

  /// What the process takes beside the executor's memory, all of which has been touched.
  private mutating func weighProcess() {
    result.processBytes = MachineFingerprint.residentBytes().map {
      max(0, $0 - trainer.executor.mappedBytes)
    }
  }

  private mutating func advance() throws {
    // Once before the first step, once more before those that are timed.
    if result.steps.isEmpty || result.steps.count == TrainResult.warmup {
      hasReset = ProcessMemory.resetPeak()
      weighProcess()
    }
    // One step after warm-up says where its time goes, kernel by kernel; all do where asked to.
    let isFirst = result.steps.count == TrainResult.warmup
    if isFirst { trainer.executor.profile = KernelProfile() }
    let step = try trainer.advance()
    if isFirst, let profile = trainer.executor.profile {
      kernelSeconds = profile.kinds.mapValues(\.seconds)
      profiledStepSeconds = step.seconds
      if !isProfiled { trainer.executor.profile = nil }
    }
    result.steps.append(
      TrainResult.StepSummary(seconds: step.seconds, loss: step.loss, flops: step.flops))
    if let difference = step.difference {
      result.kernelsMatch = false
      Terminal.complain(
        "warning: step \(step.step) ran other kernels than its program: \(difference)")
    }
    do {
      try metrics?.append(step)
    } catch {
      metrics = nil
      progress.end()
      Terminal.complain("warning: \(error); the run goes on without that file")
    }
    store.add(step)
    progress.show(step)
    if checkpoints.interval > 0, step.step.isMultiple(of: checkpoints.interval) { save() }
  }

  private mutating func finishResult() {
    result.countedPeak = trainer.executor.peakBytes
    let predicted = trainer.selectionsRun.map {
      local.predictedPeak(method: $0.method, selection: $0.layers).value
    }
    result.predictedPeak = Int(predicted.max() ?? 0)
    if let profile = trainer.executor.profile {
      trainer.executor.profile = nil
      result.profile = StepProfile(profile, core: trainer.executor.core)
    }
  }

  // MARK: Saving

  /// Saves; where that fails the run goes on, and says so.
  private mutating func save() {
    triedStep = trainer.step
    setAsideOthers()
    do {
      let file = checkpoints.folder.file(ofStep: trainer.step)
      try trainer.save(to: file, tool: Tool.version, scenario: scenario)
      checkpoints.folder.prune(written: trainer.step)
      savedStep = trainer.step
      unsaved = nil
    } catch {
      unsaved = error
      progress.end()
      Terminal.complain("warning: \(error); the run goes on")
    }
  }

  /// Later checkpoints than the one that this run went on from are those of another branch.
  private mutating func setAsideOthers() {
    guard let step = beganAfter else { return }
    beganAfter = nil
    let moved = checkpoints.folder.setAside(after: step)
    guard !moved.isEmpty else { return }
    progress.end()
    output.note(
      "this run went on after step \(step); later checkpoints are set aside: "
        + moved.joined(separator: ", "))
  }

  /// Saves at the end where the run is long enough to be worth it, or was stopped.
  private mutating func end() throws -> UnsavedRun? {
    let isStopped = Interrupts.wasAsked && trainer.step < trainer.settings.steps
    let interval = checkpoints.interval
    let isLong = interval > 0 && trainer.settings.steps >= interval
    if isStopped || isLong, max(savedStep, triedStep) < trainer.step { save() }
    let file = checkpoints.folder.file(ofStep: trainer.step)
    if isStopped {
      store.finish(.interrupted, detail: detail)
      if let unsaved { throw UnsavedRun(reason: "\(unsaved)", step: trainer.step) }
      throw Interrupted(
        kept: "step \(trainer.step) of \(trainer.settings.steps) is saved; go on with\n  "
          + CommandLineText.resuming(from: file))
    }
    store.finish(.finished, detail: detail)
    if let unsaved { return UnsavedRun(reason: "\(unsaved)", step: trainer.step) }
    if savedStep == trainer.step, savedStep > 0 { output.note("checkpoint: \(file)") }
    return nil
  }

  /// What the database keeps of the run as a whole.
  private var detail: String {
    let settings = trainer.settings
    let value: JSONValue = [
      "steps": .integer(settings.steps), "done": .integer(trainer.step),
      "seed": .string("\(settings.seed)"), "scenario_hash": .string(scenario.hash),
      "scenario_text": .string(scenario.text),
      "gemm": .string(trainer.machine.gemm), "threads": .integer(trainer.machine.threads),
      "kernel_seconds": kernelSeconds.isEmpty
        ? .null
        : .object(
          kernelSeconds.sorted { $0.key < $1.key }.map { .init($0.key, .number($0.value)) }),
      "profiled_step_seconds": .optional(profiledStepSeconds), "result": result.value,
    ]
    return value.text
  }
}

/// A run whose last state could not be saved.
struct UnsavedRun: Error, CustomStringConvertible {
  var reason: String
  var step: Int
  var description: String { "error: the run ended at step \(step), unsaved: \(reason)" }
}
