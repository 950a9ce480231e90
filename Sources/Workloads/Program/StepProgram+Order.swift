/// One run of a phase: which micro-batch it works on, which repeat it is.
public struct PhaseRun: Sendable, Hashable {
  /// Position of the phase in the program.
  public var phase: Int
  /// The micro-batch, from 0.
  public var microBatch: Int
  /// The repeat within the micro-batch, from 0.
  public var repetition: Int

  /// A run.
  public init(phase: Int, microBatch: Int, repetition: Int) {
    self.phase = phase
    self.microBatch = microBatch
    self.repetition = repetition
  }
}

extension StepProgram {
  /// Phases in the order in which they really run: loops over micro-batches unrolled.
  ///
  /// - Parameters:
  ///   - number: The step's number, from 0.
  ///   - includes: Whether a phase runs in this step; phases that run only every so many steps are
  ///     left out by default where `every` does not divide `number`.
  /// - Returns: Every run of every phase, in order.
  public func runs(
    ofStep number: Int = 0, including includes: ((Phase) -> Bool)? = nil
  ) -> [PhaseRun] {
    let isIncluded = includes ?? { number.isMultiple(of: $0.every) }
    var runs: [PhaseRun] = []
    var index = 0
    while index < phases.count {
      guard let loop = phases[index].loop else {
        if isIncluded(phases[index]) {
          for repetition in 0..<phases[index].repeats {
            runs.append(PhaseRun(phase: index, microBatch: 0, repetition: repetition))
          }
        }
        index += 1
        continue
      }
      let end = phases[index...].firstIndex { $0.loop != loop } ?? phases.count
      for microBatch in 0..<accumulation {
        for phase in index..<end where isIncluded(phases[phase]) {
          for repetition in 0..<phases[phase].repeats / accumulation {
            runs.append(PhaseRun(phase: phase, microBatch: microBatch, repetition: repetition))
          }
        }
      }
      index = end
    }
    return runs
  }
}
