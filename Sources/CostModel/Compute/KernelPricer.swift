import Clusters
import Quantities
import Strategies
import Workloads

/// Prices kernels on one device as one software stack runs them in one precision.
struct KernelPricer: Sendable {
  let products: ProductTime
  let attention: FusedAttentionTime
  /// Bytes per second by kind of memory-bound kernel.
  let rates: [MemoryBoundKind: Double]
  let elementwiseFactor: Double
  let misalignedScoresFactor: Double
  let kernelLaunch: Double
  /// The laws of this project's own core; nil for other software, and where nobody has measured it.
  let laws: KernelLawTime?
  /// Whether full recomputation leaves out what no gradient needs.
  let recomputationStopsEarly: Bool
  /// Measured over counted seconds by term, for this class of device and this software.
  let factors: TermFactors
  /// Collectives among the ranks that share layers.
  let layers: CollectiveTime
  /// Whether those run beside the kernel behind them where it does not need their result.
  let overlapsLayers: Bool

  /// A pricer for a strategy's device, stack, precision and tensor-parallel group.
  init(strategy: Strategy, cluster: Cluster) {
    let (profile, software, precision) = (
      cluster.profile, strategy.software, strategy.precision
    )
    layers = CollectiveTime(cluster: cluster, group: .tensor(strategy, on: cluster))
    overlapsLayers = software.overlapsTensorReduction
    let device = profile.accelerator
    let efficiency = profile.efficiency
    let bandwidth = device.memoryBandwidth.value.value
    let ordinary = device.peak[.fp32]?.value.value
    let wide = (precision == .fp32 ? nil : device.peak[.tf32]?.value.value) ?? ordinary
    var peak: [Int: Double] = [:]
    peak[4] = wide
    peak[2] = device.peak[precision.matrixFormat]?.value.value ?? wide
    products = ProductTime(
      curve: efficiency.gemm.value, peak: peak, bandwidth: bandwidth,
      multiprocessors: Double(device.multiprocessors.value))
    let half = device.peak[.bf16]?.value.value ?? device.peak[.fp16]?.value.value
    let bytes = precision.compute.bytes
    let factor: Double
    if let half, let own = peak[bytes] { factor = min(1, own / half) } else { factor = 1 }
    attention = FusedAttentionTime(
      curves: efficiency.attention.map {
        software.fusedAttention.curve($0, on: device.architecture)
      }, formatFactor: factor,
      launch: efficiency.kernelLaunch.value.value)
    let shares = efficiency.memoryBound
    var rates: [MemoryBoundKind: Double] = [:]
    for kind in MemoryBoundKind.allCases {
      let share =
        switch kind {
        case .elementwise, .gather, .reduction: shares.elementwise.value
        case .normalization: shares.normalization.value
        case .softmax: shares.softmax.value
        case .optimizer: shares.optimizer.value
        }
      rates[kind] = share * bandwidth
    }
    self.rates = rates
    elementwiseFactor = software.elementwiseFactor.value
    misalignedScoresFactor = software.misalignedScores(on: device).value
    kernelLaunch = efficiency.kernelLaunch.value.value
    laws = KernelLawTime(profile, strategy)
    recomputationStopsEarly = software.recomputationStopsEarly
    factors = efficiency.fitted * software.fitted
  }

  /// Seconds around the kernels of one application of a segment.
  func host(kernels: Int) -> TermTimes {
    TermTimes(.launch, laws?.seconds(.host(kernels: kernels)) ?? 0)
  }

  /// The family of a kernel that is larger, smaller or of another kind than what was measured.
  func unmeasuredFamily(_ kernel: Kernel, tensors: [Tensor]) -> String? {
    guard let laws,
      let work = KernelWork(kernel, tensors: tensors, workers: laws.workers), laws.isOutside(work)
    else { return nil }
    return work.family
  }

  /// Seconds of kernels one after the other, by term.
  func price(_ kernels: [Kernel], tensors: [Tensor]) -> TermTimes {
    var sum = TermTimes.zero
    for (index, kernel) in kernels.enumerated() {
      let times = price(kernel, tensors: tensors)
      guard overlapsLayers, case .collective(let collective) = kernel.operation,
        collective.precedesIndependentWork, index + 1 < kernels.count
      else {
        sum += times
        continue
      }
      // What the next kernel does not hide.
      let hidden = price(kernels[index + 1], tensors: tensors).total
      sum += TermTimes(
        .tensorCommunication,
        max(0, times.total - hidden) + layers.overlapCost * min(hidden, times.total))
    }
    return sum
  }

  /// Seconds of one kernel by term; `tensors` are those that its ids point into.
  func price(_ kernel: Kernel, tensors: [Tensor]) -> TermTimes {
    if let laws, let work = KernelWork(kernel, tensors: tensors, workers: laws.workers),
      let seconds = laws.seconds(work)
    {
      switch kernel.operation {
      case .gemm: return TermTimes(.products, seconds)
      case .attention, .attentionBackward: return TermTimes(.attention, seconds)
      case .memoryBound, .collective: return TermTimes(.memoryBound, seconds)
      }
    }
    switch kernel.operation {
    case .gemm(let shape):
      let bytes = kernel.reads.first.map { tensors[$0.index].type.bytes } ?? 4
      return TermTimes(
        .products, factors.products * products.seconds(shape, bytes: bytes == 2 ? 2 : 4))
    case .attention(let shape), .attentionBackward(let shape):
      return TermTimes(
        .attention,
        factors.attention(headWidth: shape.headWidth)
          * attention.seconds(shape, hardwareFlops: kernel.operation.hardwareFlops))
    case .collective(let collective):
      return TermTimes(
        .tensorCommunication,
        layers.seconds(collective.kind, bytes: Double(collective.bytes)))
    case .memoryBound(let kind):
      let bytes = (kernel.reads + kernel.writes).reduce(0.0) {
        $0 + Double(tensors[$1.index].bytes)
      }
      if kernel.scoreColumns > 0 {
        let isAligned = kernel.scoreColumns % 8 == 0
        let factor =
          isAligned
          ? factors.memoryBound : misalignedScoresFactor * factors.misalignedScores
        return TermTimes(
          isAligned ? .memoryBound : .misalignedScores, factor * seconds(bytes, kind))
      }
      return TermTimes(
        .memoryBound, factors.memoryBound * seconds(bytes * elementwiseFactor, kind))
    }
  }

  /// Seconds of moving `bytes` in `kernels` launches of a kind.
  func seconds(_ bytes: Double, _ kind: MemoryBoundKind, kernels: Int = 1) -> Double {
    max(Double(kernels) * kernelLaunch, bytes / (rates[kind] ?? .infinity))
  }
}
