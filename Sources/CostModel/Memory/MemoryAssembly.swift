import Clusters
import Quantities
import Strategies

/// From live bytes to what a device reads: states, the fullest instant, reserve, context.
struct MemoryAssembly {
  let state: StateBytes
  let walk: MemoryWalk
  let strategy: Strategy
  let cluster: Cluster

  /// The allocator's loss lies on what comes and goes in many sizes: not on tensors that stay, and
  /// not on the loss's few matrices of one size, whose blocks are used again as they are.
  private var reserve: Double { strategy.software.allocatorLoss.value * walk.activations }
  private var context: Double { cluster.profile.accelerator.memoryContext.value.value }
  private var workspace: Double { strategy.software.libraryWorkspace.value }
  private var states: Double {
    state.weights + state.frozen + state.optimizer + state.communication + walk.gradients
  }

  /// The device reading at the peak, in bytes.
  var peak: Double {
    states + walk.activations + walk.loss + workspace + reserve + context
  }

  /// All categories.
  func estimate() -> MemoryEstimate {
    var memory = MemoryEstimate()
    memory.parameters = Bytes(state.weights)
    memory.frozenParameters = Bytes(state.frozen)
    memory.gradients = Bytes(walk.gradients)
    memory.optimizer = Bytes(state.optimizer)
    memory.activations = Bytes(walk.activations)
    memory.loss = Bytes(walk.loss)
    memory.mostLoss = Bytes(walk.mostLoss)
    memory.communication = Bytes(state.communication)
    memory.workspace = Bytes(workspace)
    memory.reserve = Bytes(reserve)
    memory.context = Bytes(context)
    memory.capacity = cluster.profile.accelerator.memory.value
    memory.hostCapacity = cluster.profile.node.hostMemory.value
    let range = strategy.software.memoryRange.value
    let device = cluster.profile.accelerator.memoryContext
    let held = states + workspace + walk.activations + walk.loss + reserve
    func reading(_ factor: Double, _ context: Bytes?) -> Bytes {
      Bytes(held * factor + (context ?? device.value).value)
    }
    let typical = memory.peak
    memory.peakInterval = Interval(
      low: min(typical, reading(range.low / range.typical, device.low)), typical: typical,
      high: max(typical, reading(range.high / range.typical, device.high)))
    return memory
  }
}
