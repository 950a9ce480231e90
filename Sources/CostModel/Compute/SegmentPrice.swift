import Workloads

/// One application of a segment, priced and weighed: seconds, FLOP, bytes, launches.
struct SegmentPrice: Sendable {
  /// Seconds of one forward.
  let forward: TermTimes
  /// Seconds of casting the weights before the first forward of a step.
  let casts: TermTimes
  /// Seconds of one backward, without anything run again.
  let backward: TermTimes
  /// Seconds of what selective recomputation runs again.
  let selective: TermTimes
  /// Seconds of what full recomputation runs again: the forward, or its part that is needed.
  let recomputed: TermTimes
  /// Kernels and FLOP of that.
  let recomputedKernels: Int
  let recomputedFlops: Double
  /// Kernels of the first four.
  let forwardKernels: Int
  let castKernels: Int
  let backwardKernels: Int
  let selectiveKernels: Int
  /// FLOP of forward and backward that the model needs.
  let forwardFlops: Double
  let backwardFlops: Double
  /// FLOP that the device executes in the backward, and in what is run again selectively.
  let backwardHardwareFlops: Double
  let selectiveFlops: Double
  /// Elements of the parameters.
  let parameterElements: Double
  /// Elements of those that have gradients where the segment's weights are trained.
  let trainedElements: Double
  let factoredElements: Double
  /// Bytes, see `SegmentAnalysis`.
  let inputBytes: Double
  let outputBytes: Double
  let keptBytes: Double
  let selectiveKeptBytes: Double
  let forwardPeak: Double
  let selectiveForwardPeak: Double
  let inferencePeak: Double
  let backwardPeak: Double
  let recomputePeak: Double
  /// Most keys of a fused attention, for the check of the measured range; 0 without one.
  let attentionKeys: Int

  /// Families of kernels that lie outside what was measured.
  let unmeasured: Set<String>

  /// Prices an analysed segment.
  init(_ analysis: SegmentAnalysis, pricer: KernelPricer) {
    func seconds(_ kernels: [Kernel]) -> TermTimes {
      pricer.price(kernels, tensors: analysis.tensors)
    }
    forward = seconds(analysis.forward) + pricer.host(kernels: analysis.forward.count)
    casts = seconds(analysis.casts)
    backward = seconds(analysis.backward) + pricer.host(kernels: analysis.backward.count)
    selective = seconds(analysis.selectiveRecompute)
    let again = pricer.recomputationStopsEarly ? analysis.neededForward : analysis.forward
    recomputed = seconds(again)
    recomputedKernels = again.count
    recomputedFlops = again.reduce(0) { $0 + $1.operation.hardwareFlops }
    forwardKernels = analysis.forward.count
    castKernels = analysis.casts.count
    backwardKernels = analysis.backward.count
    selectiveKernels = analysis.selectiveRecompute.count
    forwardFlops = analysis.forwardFlops
    backwardFlops = analysis.backward.reduce(0) { $0 + $1.operation.modelFlops }
    backwardHardwareFlops = analysis.backward.reduce(0) { $0 + $1.operation.hardwareFlops }
    selectiveFlops = analysis.selectiveRecompute.reduce(0) { $0 + $1.operation.hardwareFlops }
    parameterElements = Double(analysis.parameterElements)
    trainedElements = Double(analysis.trainedElements)
    factoredElements = Double(analysis.factoredElements)
    inputBytes = Double(analysis.inputBytes)
    outputBytes = Double(analysis.outputBytes)
    keptBytes = Double(analysis.keptBytes)
    selectiveKeptBytes = Double(analysis.selectiveKeptBytes)
    forwardPeak = Double(analysis.forwardPeakBytes)
    selectiveForwardPeak = Double(analysis.selectiveForwardPeakBytes)
    inferencePeak = Double(analysis.inferencePeakBytes)
    backwardPeak = Double(analysis.backwardPeakBytes)
    recomputePeak = Double(analysis.recomputePeakBytes)
    unmeasured = Set(
      (analysis.forward + analysis.backward).compactMap {
        pricer.unmeasuredFamily($0, tensors: analysis.tensors)
      })
    attentionKeys = analysis.forward.reduce(0) {
      if case .attention(let shape) = $1.operation { return max($0, shape.keys) }
      return $0
    }
  }

  /// Bytes that one application keeps until its backward.
  func kept(_ keep: Keep) -> Double {
    switch keep {
    case .nothing: 0
    case .all: keptBytes
    case .selective: selectiveKeptBytes
    case .input: inputBytes
    }
  }
}
