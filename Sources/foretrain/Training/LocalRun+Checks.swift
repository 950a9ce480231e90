import Clusters
import Measurement
import Quantities
import Reporting
import Scenarios

/// What keeps a run from this machine, found before it begins.
extension LocalRun {
  /// - Throws: `Failure.no` where the strategy breaks rules; they have been said then.
  func checkRules() throws {
    let broken = broken
    guard !broken.isEmpty else { return }
    for line in broken { Terminal.complain(line) }
    throw Failure.no
  }

  /// A run that does not fit would be killed without a word.
  ///
  /// - Throws: `Failure.no`, after the answer, where there is less memory than the run needs.
  func checkMemory(_ loaded: LoadedScenario, output: OutputOptions) throws {
    let predicted = predictedPeak(selection: nil)
    guard let available = ProcessMemory.availableBytes().map({ Bytes(Double($0)) }),
      predicted > available
    else { return }
    let step = predictedStep(isMeasured: loaded.isMachineMeasured)
    let time =
      step.map { "; a step would take \($0)" }
      ?? "; how long a step would take is known after `foretrain bench`"
    let answer = TooLarge(
      reason: "too large for this machine: needs \(predicted) of memory, \(available) are free"
        + time,
      predictedPeak: predicted, available: available, predictedStep: step)
    Terminal.complain(answer.reason)
    if output.format == .json { try output.write(answer, provenance: loaded.provenance) }
    throw Failure.no
  }
}

extension LoadedScenario {
  /// Whether `foretrain bench` has measured this machine, so that a step has a time.
  var isMachineMeasured: Bool { loader.data.thisMachine != nil }
}

extension LocalRun {
  /// A scenario on this machine; `standIn` where nobody has measured it.
  init(_ loaded: LoadedScenario, orUnmeasured standIn: HardwareProfile) throws {
    try self.init(
      loaded,
      machine: loaded.isMachineMeasured
        ? try loaded.loader.hardware(MachineProfile.id) : standIn)
  }
}
