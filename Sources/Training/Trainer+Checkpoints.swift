import TrainingCore
import TrainingData

extension Trainer {
  /// Saves the run as it is after its last step.
  ///
  /// - Throws: `CheckpointError.cannotWrite`; earlier files are as they were.
  public func save(to path: String, tool: String, scenario: CheckpointHeader.Scenario) throws {
    var header = CheckpointHeader(
      tool: tool, scenario: scenario, settings: settings, machine: machine, step: step,
      gamma: executor.gamma, termWeights: executor.termWeights, selection: selection,
      data: source.state)
    header.hasBegunPhase = hasBegunPhase
    header.scaler = scaler
    try CheckpointWriter.write(header, of: executor, to: path)
  }

  /// What the last bits of results depend on.
  public var machine: CheckpointHeader.Machine {
    CheckpointHeader.Machine(
      gemm: executor.core.backend.name, gemmVersion: executor.core.backend.version,
      threads: executor.core.workers.count)
  }

  /// Goes to where a checkpoint was saved: the next step is the one that would have followed.
  ///
  /// - Throws: `CheckpointError`, or `TrainingDataError` where the data are other ones; the run
  ///   cannot go on then.
  public func restore(_ checkpoint: Checkpoint) throws {
    let header = checkpoint.header
    try checkpoint.load(into: executor)
    try source.restore(header.data)
    step = header.step
    hasBegunPhase = header.hasBegunPhase ?? (step > plan.plainSteps)
    executor.gamma = header.gamma
    executor.termWeights = header.termWeights
    selection = header.selection
    if scaler != nil { scaler = header.scaler ?? LossScaler() }
  }
}
