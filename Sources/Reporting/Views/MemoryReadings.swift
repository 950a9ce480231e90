import CostModel
import Quantities
import Strategies

extension Estimate {
  /// What the tools of the software would read, part of a sentence.
  ///
  /// This project's own core has one arena, which holds what is live and no more, and no GPU.
  var memoryReadings: String {
    let (allocated, peak) = (Figures.gibibytes(memory.allocated), Figures.gibibytes(memory.peak))
    return strategy.software.epilogues
      ? "the arena holds \(allocated), the process \(peak)"
      : "torch reads \(allocated) allocated, \(Figures.gibibytes(memory.reserved)) reserved; "
        + "nvidia-smi \(peak)"
  }
}
