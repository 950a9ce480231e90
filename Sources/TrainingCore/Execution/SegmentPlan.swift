import Workloads

/// When a segment's kernels run, what each allocates before and releases after it.
///
/// The rules are those that the memory model counts by: a tensor lives from the kernel that writes
/// it to the last that reads it, kept ones live on; columns of a tensor live and die with it.
struct SegmentPlan {
  /// One kernel with the tensors that begin and end with it, by position of their owner.
  struct Turn {
    var kernel: Kernel
    var allocates: [Int]
    var releases: [Int]
  }

  let segment: StepProgram.Segment
  let need: GradientNeed
  /// All tensors of forward and backward.
  let tensors: [Tensor]
  /// The position of the tensor that owns each one's memory.
  let owners: [Int]
  let inputs: [TensorID]
  let outputs: [TensorID]
  let arriving: [TensorID]
  /// The output that each of them belongs to.
  let arrivingOutputs: [Int]
  let shared: [TensorID]
  /// The input that each of them belongs to.
  let sharedInputs: [Int]
  let leaving: [TensorID]
  /// The input that each of them belongs to.
  let leavingInputs: [Int]
  /// Forward with everything that backward needs.
  private(set) var keepingAll: [Turn] = []
  private(set) var keepingSelective: [Turn] = []
  private(set) var keepingInput: [Turn] = []
  private(set) var keepingNothing: [Turn] = []
  /// Forward again, for backward alone: the output is not wanted.
  private(set) var again: [Turn] = []
  /// Attention's core again.
  private(set) var core: [Turn] = []
  private(set) var backward: [Turn] = []
  /// Owners of what backward reads, further inputs left out.
  let kept: Set<Int>
  private let selective: Set<Int>

  init(_ segment: StepProgram.Segment, need: GradientNeed) {
    self.segment = segment
    self.need = need
    let graph = segment.spec.graph(segment.shape, style: segment.style)
    let back = graph.backward(need, gradientType: segment.style.gradients)
    let tensors = back.tensors
    let owners = tensors.indices.map { tensors[$0].view?.of.index ?? $0 }
    self.tensors = tensors
    self.owners = owners
    inputs = graph.inputs
    outputs = graph.outputs
    arriving = back.arriving
    arrivingOutputs = back.arrivingOutputs
    shared = back.shared
    sharedInputs = back.sharedInputs
    leaving = back.leaving
    leavingInputs = back.leavingInputs
    func own(_ ids: some Sequence<TensorID>) -> Set<Int> { Set(ids.map { owners[$0.index] }) }
    kept = own(back.kept).subtracting(own(graph.inputs.dropFirst()))
    selective = kept.subtracting(own(graph.attentionCore))
    let results = own(graph.outputs)
    let input = own(graph.inputs.prefix(1))
    func turns(_ kernels: [Kernel], from start: Set<Int>, keeping: Set<Int>) -> [Turn] {
      Self.turns(kernels, tensors: tensors, owners: owners, from: start, keeping: keeping)
    }
    let forward = graph.forwardKernels
    keepingAll = turns(forward, from: input, keeping: kept.union(results))
    keepingSelective = turns(forward, from: input, keeping: selective.union(results))
    keepingInput = turns(forward, from: input, keeping: input.union(results))
    keepingNothing = turns(forward, from: input, keeping: results)
    again = turns(forward, from: input, keeping: kept)
    core = turns(graph.attentionCoreKernels, from: selective, keeping: kept)
    backward = turns(
      back.kernels, from: kept.union(own(back.arriving)), keeping: own(back.leaving))
  }

  /// The forward for what is kept.
  func forward(_ keep: Keep) -> [Turn] {
    switch keep {
    case .all: keepingAll
    case .selective: keepingSelective
    case .input: keepingInput
    case .nothing: keepingNothing
    }
  }

  /// Owners that a frame holds between forward and backward.
  func keptOwners(_ keep: Keep) -> Set<Int> {
    switch keep {
    case .all: kept
    case .selective: selective
    case .input: Set(inputs.prefix(1).map { owners[$0.index] })
    case .nothing: []
    }
  }

  private static func turns(
    _ kernels: [Kernel], tensors: [Tensor], owners: [Int], from start: Set<Int>, keeping: Set<Int>
  ) -> [Turn] {
    var last = [Int](repeating: -1, count: tensors.count)
    for (step, kernel) in kernels.enumerated() {
      for id in kernel.reads + kernel.touches + kernel.writes { last[owners[id.index]] = step }
    }
    var live = start
    return kernels.enumerated().map { step, kernel in
      var turn = Turn(kernel: kernel, allocates: [], releases: [])
      for id in kernel.writes where tensors[id.index].role == .activation {
        if live.insert(owners[id.index]).inserted { turn.allocates.append(owners[id.index]) }
      }
      for id in kernel.reads + kernel.touches + kernel.writes {
        let owner = owners[id.index]
        guard last[owner] == step, !keeping.contains(owner), live.remove(owner) != nil else {
          continue
        }
        turn.releases.append(owner)
      }
      return turn
    }
  }
}
