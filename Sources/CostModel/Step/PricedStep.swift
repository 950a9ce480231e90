import Clusters
import Quantities
import Strategies
import Workloads

/// One strategy's step on one cluster, priced: what estimates and overheads are made from.
struct PricedStep: Sendable {
  /// Seconds by phase in program order, stack factor included.
  var phases: [(name: StepProgram.PhaseName, times: TermTimes)]
  /// Seconds of the step by term.
  var times: TermTimes
  var modelFlops: Double
  var hardwareFlops: Double
  var memory: MemoryEstimate
  /// Fewest keys of a fused attention in the program; nil where none is fused.
  var fewestAttentionKeys: Int?
  /// Families of kernels that lie outside what was measured on this machine.
  var unmeasured: Set<String> = []
  /// Parameters of the program: trained, and not trained without references.
  var trainableParameters: Int

  /// Seconds of the step.
  var seconds: Double { times.total }

  /// Seconds of its attack passes.
  var attackSeconds: Double {
    phases.reduce(0) { $0 + ($1.name == .attack ? $1.times.total : 0) }
  }
}

/// Slow-down of a synchronous step per doubling of the ranks beyond 8: the slowest rank counts.
///
/// 1.2 % per doubling, fitted to published data-parallel runs of 8 to 1,024 GPUs.
func stragglerFactor(ranks: Int) -> Double {
  1 + stragglerPerDoubling * max(0, logarithm(Double(ranks) / 8) / logarithm(2))
}

/// What every doubling of the ranks adds, as a share.
let stragglerPerDoubling = 0.012
