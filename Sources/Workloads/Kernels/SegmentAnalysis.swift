/// Everything the readers of a program need to know about one application of a segment.
///
/// Derived once from the graph; the cost model prices the kernels, the memory model uses the
/// bytes. One repetition: a tower of 64 blocks uses these numbers 64 times.
public struct SegmentAnalysis: Sendable {
  /// What the backward pass must produce.
  public let need: GradientNeed
  /// All tensors of forward and backward.
  public let tensors: [Tensor]
  /// Forward kernels.
  public let forward: [Kernel]
  /// Casts of weights that precede the first forward of a step.
  public let casts: [Kernel]
  /// Backward kernels.
  public let backward: [Kernel]
  /// Forward kernels that selective recomputation runs again.
  public let selectiveRecompute: [Kernel]
  /// Forward kernels up to the last one whose results the backward pass needs: what full
  /// recomputation runs where it stops early.
  public let neededForward: [Kernel]
  /// Elements of the segment's parameters.
  public let parameterElements: Int
  /// Elements of those that have gradients where the segment's weights are trained.
  public let trainedElements: Int
  /// Elements that a factored optimizer keeps for them.
  public let factoredElements: Int
  /// Bytes of the segment's own input.
  public let inputBytes: Int
  /// Bytes of what the segment hands on.
  public let outputBytes: Int
  /// Bytes kept between forward and backward when nothing is recomputed.
  public let keptBytes: Int
  /// Bytes kept when attention's core is recomputed.
  public let selectiveKeptBytes: Int
  /// Most bytes live during forward, the input and the kept tensors included.
  public let forwardPeakBytes: Int
  /// The same where attention's core is dropped as soon as forward has used it.
  public let selectiveForwardPeakBytes: Int
  /// Most bytes live during a forward that keeps nothing.
  public let inferencePeakBytes: Int
  /// Most bytes live during backward, the arriving gradient and the kept tensors included.
  public let backwardPeakBytes: Int
  /// Most bytes live while everything is run again and differentiated.
  public let recomputePeakBytes: Int
  /// FLOP of one forward.
  public let forwardFlops: Double

  /// Analyses a graph for a need.
  public init(graph: Graph, need: GradientNeed, gradientType: ElementType) {
    self.need = need
    let derived = graph.backward(need, gradientType: gradientType)
    tensors = derived.tensors
    forward = graph.forwardKernels
    casts = graph.castKernels
    backward = derived.kernels
    parameterElements = graph.parameterElements
    trainedElements = graph.trainedElements
    factoredElements = graph.factoredElements
    forwardFlops = graph.forwardFlops

    func bytes(_ ids: some Sequence<TensorID>) -> Int {
      ids.reduce(0) { $0 + graph.tensor($1).bytes }
    }
    let core = Set(
      graph.nodes.filter(\.isAttentionCore).flatMap(\.kernel.writes))
    inputBytes = bytes(graph.inputs.prefix(1))
    outputBytes = bytes(Set(graph.outputs))
    let needed = derived.kept
    let last = graph.forwardKernels.lastIndex { $0.writes.contains(where: needed.contains) }
    neededForward = last.map { Array(graph.forwardKernels[...$0]) } ?? []
    // What other segments own is not counted twice: further inputs belong to who made them.
    let owned = derived.kept.subtracting(graph.inputs.dropFirst())
    keptBytes = bytes(owned)
    let selective = owned.subtracting(core)
    let dropsCore = selective.count < owned.count
    selectiveKeptBytes = bytes(selective)
    selectiveRecompute =
      dropsCore ? graph.nodes.filter(\.isAttentionCore).map(\.kernel) : []

    let first = Array(graph.inputs.prefix(1))
    let ahead = Liveness(
      kernels: forward, tensors: graph.tensors, initial: first,
      kept: owned.union(graph.outputs))
    forwardPeakBytes = ahead.peak
    selectiveForwardPeakBytes =
      dropsCore
      ? Liveness(
        kernels: forward, tensors: graph.tensors, initial: first,
        kept: selective.union(graph.outputs)
      ).peak : ahead.peak
    inferencePeakBytes =
      Liveness(
        kernels: forward, tensors: graph.tensors, initial: first, kept: Set(graph.outputs)
      ).peak
    let back = Liveness(
      kernels: backward, tensors: derived.tensors, initial: Array(owned) + derived.arriving,
      kept: Set(derived.leaving))
    backwardPeakBytes = back.peak
    let arrivingBytes = derived.arriving.reduce(0) { $0 + derived.tensors[$1.index].bytes }
    let again = Liveness(
      kernels: forward, tensors: graph.tensors, initial: first, kept: owned)
    recomputePeakBytes = max(again.peak + arrivingBytes, back.peak)
  }
}
