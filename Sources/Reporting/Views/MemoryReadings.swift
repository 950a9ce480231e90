import CostModel
import Quantities
import Strategies

extension Estimate {
  /// What the tools of the software would read: `torch reads 53.50 GiB allocated, ...`.
  ///
  /// - Parameters:
  ///   - and: Between what is handed out and what is held.
  ///   - then: Before what the whole process takes.
  /// - Returns: Part of a sentence.
  func memoryReadings(and: String, then: String) -> String {
    let peak = Figures.gibibytes(memory.peak)
    // An arena holds what is live and no more: there is no cache to tell from it.
    guard strategy.software.allocatorLoss.value > 0 else {
      return "the arena holds \(Figures.gibibytes(memory.allocated)), the process \(peak)"
    }
    return "torch reads \(Figures.gibibytes(memory.allocated)) allocated\(and)"
      + "\(Figures.gibibytes(memory.reserved)) reserved\(then)nvidia-smi \(peak)"
  }
}
