/// Bytes that a segment holds while its kernels run one after the other.
///
/// A tensor lives from the kernel that writes it to the last kernel that reads it; kept tensors
/// live on. Parameters, parameter gradients and constants belong to the tower's state and are not
/// counted here.
struct Liveness {
  /// The largest number of live bytes at any kernel, a kernel's operands and results included.
  var peak = 0
  /// Live bytes after the last kernel.
  var end = 0

  /// Walks `kernels` with `initial` tensors live at the start; `kept` ones never die.
  init(kernels: [Kernel], tensors: [Tensor], initial: [TensorID], kept: Set<TensorID>) {
    /// Columns of a tensor live and die with the tensor.
    func owner(_ id: TensorID) -> TensorID { tensors[id.index].view?.of ?? id }
    let kept = Set(kept.map(owner))
    var lastRead = [Int](repeating: -1, count: tensors.count)
    for (step, kernel) in kernels.enumerated() {
      for id in kernel.reads + kernel.touches { lastRead[owner(id).index] = step }
      // A result that nobody reads dies with its kernel, unless it is kept.
      for id in kernel.writes where lastRead[owner(id).index] < step {
        lastRead[owner(id).index] = step
      }
    }
    func size(_ id: TensorID) -> Int {
      let tensor = tensors[id.index]
      return tensor.role == .activation ? tensor.bytes : 0
    }
    var isLive = [Bool](repeating: false, count: tensors.count)
    var live = 0
    for id in initial.map(owner) where !isLive[id.index] {
      isLive[id.index] = true
      live += size(id)
    }
    peak = live
    for (step, kernel) in kernels.enumerated() {
      for id in kernel.writes.map(owner) where !isLive[id.index] {
        isLive[id.index] = true
        live += size(id)
      }
      peak = max(peak, live)
      for id in (kernel.reads + kernel.touches + kernel.writes).map(owner)
      where isLive[id.index] && lastRead[id.index] == step && !kept.contains(id) {
        isLive[id.index] = false
        live -= size(id)
      }
    }
    end = live
  }
}
