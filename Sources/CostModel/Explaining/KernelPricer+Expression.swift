import Clusters
import Quantities
import Strategies
import Workloads

/// Writes out how kernels are priced, with the paths of the values that the prices rest on.
struct KernelExpressions {
  let pricer: KernelPricer
  let profile: HardwareProfile
  let software: SoftwareStack
  let precision: Precision

  /// How `KernelPricer.price` computes the seconds of one call.
  ///
  /// `seconds`: what it found, for collectives, which a model of the network prices.
  func expression(_ kernel: Kernel, tensors: [Tensor], seconds: Double) -> Expression {
    if let laws = pricer.laws,
      let work = KernelWork(kernel, tensors: tensors, workers: laws.workers),
      let expression = laws.expression(work)
    {
      return expression
    }
    switch kernel.operation {
    case .collective(let collective):
      let bytes = Bytes(Double(collective.bytes))
      return .counted(
        "\(collective.kind) of \(bytes) among \(pricer.layers.group.ranks) ranks", seconds)
    case .gemm(let shape):
      let bytes = kernel.reads.first.map { tensors[$0.index].type.bytes } ?? 4
      return fitted(
        "products", pricer.factors.products,
        pricer.products.expression(
          shape, bytes: bytes == 2 ? 2 : 4, format: format(bytes: bytes)))
    case .attention(let shape), .attentionBackward(let shape):
      let isWide = shape.headWidth >= TermFactors.wideHead
      return fitted(
        isWide ? "wide_attention" : "narrow_attention",
        pricer.factors.attention(headWidth: shape.headWidth),
        attention(shape, hardwareFlops: kernel.operation.hardwareFlops))
    case .memoryBound(let kind):
      let bytes = (kernel.reads + kernel.writes).reduce(0.0) {
        $0 + Double(tensors[$1.index].bytes)
      }
      let moved = Expression.counted("bytes read and written", bytes)
      guard kernel.scoreColumns > 0 else {
        return fitted(
          "memory_bound", pricer.factors.memoryBound,
          memoryBound(
            moved * .input("software:factors.elementwise", pricer.elementwiseFactor), kind))
      }
      let isAligned = kernel.scoreColumns % 8 == 0
      let time = memoryBound(moved, kind)
      return isAligned
        ? fitted("memory_bound", pricer.factors.memoryBound, time)
        : fitted(
          "misaligned_scores", pricer.factors.misalignedScores,
          .input(software.misalignedPath(on: profile.accelerator), pricer.misalignedScoresFactor)
            * time)
    }
  }

  /// Seconds times what a fit to published steps found for this device and software.
  private func fitted(_ key: String, _ factor: Double, _ seconds: Expression) -> Expression {
    factor == 1 ? seconds : .input("fitted:\(key)", factor) * seconds
  }

  /// What moves so many bytes in so many calls between segments.
  func pass(_ family: String, bytes: Double, kernels: Int) -> Expression {
    if let laws = pricer.laws,
      let one = laws.expression(family: family, bytes: bytes / Double(max(1, kernels)))
    {
      return .counted("calls", Double(max(1, kernels))) * one
    }
    return memoryBound(
      .counted("bytes read and written", bytes), .elementwise, kernels: kernels)
  }

  /// `max(launches, bytes / (share bandwidth))`.
  func memoryBound(_ bytes: Expression, _ kind: MemoryBoundKind, kernels: Int = 1) -> Expression {
    let shares = profile.efficiency.memoryBound
    let (key, share) =
      switch kind {
      case .elementwise, .gather, .reduction: ("elementwise", shares.elementwise.value)
      case .normalization: ("normalization", shares.normalization.value)
      case .softmax: ("softmax", shares.softmax.value)
      case .optimizer: ("optimizer", shares.optimizer.value)
      }
    let bandwidth = profile.accelerator.memoryBandwidth.value.value
    return .maximum([
      .counted("kernels", Double(kernels))
        * .input("hardware:efficiency.launch.kernel", pricer.kernelLaunch),
      bytes
        / (.input("hardware:efficiency.memory_bound.\(key)", share)
          * .input("hardware:accelerator.memory_bandwidth", bandwidth)),
    ])
  }

  /// The matrix format whose peak stands behind operands of so many bytes.
  func format(bytes: Int) -> String {
    let peaks = profile.accelerator.peak
    if bytes == 2, peaks[precision.matrixFormat] != nil { return precision.matrixFormat.rawValue }
    return precision != .fp32 && peaks[.tf32] != nil ? "tf32" : "fp32"
  }

  private func attention(_ shape: AttentionShape, hardwareFlops: Double) -> Expression {
    let time = pricer.attention
    let launch = Expression.input("hardware:efficiency.launch.kernel", time.launch)
    guard let (index, curve) = time.curve(shape) else { return .constant(.infinity) }
    func value(_ key: String, _ value: Double) -> Expression {
      .input("hardware:efficiency.attention.curves[\(index)].\(key)", value)
    }
    let keys = Expression.counted("keys", Double(shape.keys))
    let rate =
      .counted("rate of the format over 16 bits", time.formatFactor)
      * value("plateau", curve.plateau.value) * keys / (keys + value("half", curve.half))
    let executed = AttentionTiles.flops(shape, hardwareFlops: hardwareFlops)
    return launch + .counted("FLOP of whole tiles", executed) / rate
  }
}

extension SoftwareStack {
  /// Where the stack says what unaligned scores cost on a device.
  func misalignedPath(on device: Accelerator) -> String {
    misalignedScoresByArchitecture[device.architecture] == nil
      ? "software:factors.misaligned_scores"
      : "software:factors.misaligned_scores_on.\(device.architecture.rawValue)"
  }
}
