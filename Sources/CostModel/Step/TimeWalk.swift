import Workloads

/// The seconds of one optimizer step, by phase and term, from a walk over its items.
struct TimeWalk: Sendable {
  /// Seconds by phase position; a phase that runs every R steps counts with 1/R.
  private(set) var phases: [TermTimes]
  /// FLOP that the model needs, and FLOP that the device executes.
  private(set) var modelFlops = 0.0
  private(set) var hardwareFlops = 0.0
  /// Bytes reduced or gathered per rank for weights and gradients, exposed or not.
  private(set) var trafficBytes = 0.0
  /// Seconds of those collectives, exposed or not.
  private(set) var trafficSeconds = 0.0
  /// Seconds of the kernels of all micro-batches: what a pipeline repeats.
  private(set) var passes = TermTimes.zero
  /// Seconds of backward kernels beside which gradients are reduced.
  private var clock = 0.0
  private var networkFree = 0.0
  private var hidden = 0.0

  /// Walks `items` of a prepared program.
  init(
    _ items: [StepItem], program: PreparedProgram, prices: [SegmentPrice], setting: StepSetting,
    update: TermTimes
  ) {
    phases = [TermTimes](repeating: .zero, count: program.phases.count)
    var hostSeconds = [Double](repeating: 0, count: program.phases.count)
    let bucket = max(1, setting.bucketElements * setting.gradientBytes)
    let trained = program.towers.reduce(0.0) { $0 + Double($1.trained) }
    let reduction: Collective.Kind = setting.zeroStage >= 1 ? .reduceScatter : .allReduce
    let message = min(bucket, trained * setting.gradientBytes)
    let secondsPerByte =
      message > 0 ? setting.collectives.seconds(reduction, bytes: message) / message : 0
    var lastBackward = 0

    for item in items {
      let phase = program.phases[item.phase]
      let weight = Double(phase.repeats) / Double(phase.every)
      switch item.kind {
      case .forward, .backward:
        let price = prices[item.price]
        let cost = Self.cost(of: item, price)
        let count = Double(item.count)
        phases[item.phase] += (weight * count) * cost.times
        passes += (weight * count) * cost.times
        hostSeconds[item.phase] += weight * count * Double(cost.kernels) * setting.hostIssue
        if item.writtenGradients > 0, phase.repeats > 1, setting.zeroStage < 2 {
          // From the second micro-batch on, new gradients are added to those that are there.
          let again = (weight - 1 / Double(phase.every)) * count
          let seconds =
            item.writtenGradients * setting.gradientAdditionBytes / setting.elementwiseRate
          phases[item.phase] += TermTimes(.memoryBound, again * seconds)
          passes += TermTimes(.memoryBound, again * seconds)
        }
        if !item.isCachedFirst { modelFlops += weight * count * cost.modelFlops }
        hardwareFlops += weight * count * cost.hardwareFlops
        let gathered =
          setting.zeroStage == 3 && setting.ranks > 1 && price.parameterElements > 0
          ? gather(item, price, seconds: cost.times.total, weight: weight, setting) : 0
        guard case .backward = item.kind, setting.ranks > 1 else { continue }
        let seconds = count * cost.times.total
        // ZeRO-2 and 3 shard gradients: every backward reduces, not only the last.
        let everyTime = setting.zeroStage >= 2
        let elements = everyTime ? item.writtenGradients : item.finishedGradients
        let bytes = elements * count * setting.gradientBytes
        let repeats = everyTime ? weight : 1
        if bytes > 0 {
          trafficBytes += repeats * bytes
          trafficSeconds += repeats * bytes * secondsPerByte
          lastBackward = item.phase
          if setting.overlapsReduction {
            for _ in 0..<max(1, everyTime ? phase.repeats : 1) {
              reduce(
                bytes * secondsPerByte, behind: gathered, beside: seconds, applications: count)
            }
            continue
          }
          phases[item.phase][.communication] += repeats * bytes * secondsPerByte
        }
        clock += seconds
      case .collective(let kind):
        phases[item.phase][.communication] +=
          weight * setting.collectives.seconds(kind, bytes: item.bytes)
      case .pass(let kernels, let family):
        let seconds =
          setting.laws?.seconds(family: family, bytes: item.bytes, calls: kernels)
          ?? max(Double(kernels) * setting.kernelLaunch, item.bytes / setting.elementwiseRate)
        phases[item.phase] += TermTimes(.memoryBound, weight * seconds)
        hostSeconds[item.phase] += weight * Double(kernels) * setting.hostIssue
      case .update:
        phases[item.phase] += update
        if setting.zeroStage == 1 || setting.zeroStage == 2, setting.ranks > 1 {
          let bytes = trained * setting.computeBytes
          let seconds = setting.collectives.seconds(.allGather, bytes: bytes)
          phases[item.phase][.communication] += seconds
          trafficBytes += bytes
          trafficSeconds += seconds
        }
      case .hold(isInput: true):
        // Read and written twice: out of the source's batch, and into the step's memory.
        phases[item.phase][.memoryBound] +=
          setting.laws?.seconds(family: "images", bytes: 4 * item.bytes) ?? 0
      case .hold, .drop: break
      }
    }
    if setting.ranks > 1 {
      phases[lastBackward][.communication] +=
        max(0, networkFree - clock) + hidden * setting.collectives.overlapCost
    }
    for index in phases.indices {
      let device = phases[index].compute + phases[index][.tensorCommunication]
      let wait =
        setting.blocksOnLaunch
        ? hostSeconds[index] : Self.wait(host: hostSeconds[index], device: device)
      phases[index][.launch] += wait
      passes[.launch] += wait
    }
  }

  /// Kernel seconds, launches and FLOP of one application of an item.
  private static func cost(
    of item: StepItem, _ price: SegmentPrice
  ) -> (times: TermTimes, kernels: Int, modelFlops: Double, hardwareFlops: Double) {
    if case .forward = item.kind {
      return item.castsWeights
        ? (
          price.forward + price.casts, price.forwardKernels + price.castKernels,
          price.forwardFlops, price.forwardFlops
        ) : (price.forward, price.forwardKernels, price.forwardFlops, price.forwardFlops)
    }
    switch item.keep {
    case .input:
      return (
        // A checkpoint opens a context of its own, whose cache of cast weights is empty.
        price.backward + price.recomputed + price.casts,
        price.backwardKernels + price.recomputedKernels + price.castKernels,
        price.backwardFlops, price.backwardHardwareFlops + price.recomputedFlops
      )
    case .selective:
      return (
        price.backward + price.selective, price.backwardKernels + price.selectiveKernels,
        price.backwardFlops, price.backwardHardwareFlops + price.selectiveFlops
      )
    case .all, .nothing:
      return (
        price.backward, price.backwardKernels, price.backwardFlops, price.backwardHardwareFlops
      )
    }
  }

  /// Seconds in which the device waits for the host: what issuing takes beyond the kernels, and some
  /// more, because kernels differ: short ones wait where the sums say that none has to.
  ///
  /// `max(0, h - d) + 0.19 min (min / max)^3` of host h and device d: a fifth where both are equal,
  /// next to nothing from a factor of two on. Pinned by five vTrain set-ups of one node.
  static func wait(host: Double, device: Double) -> Double {
    let (low, high) = (min(host, device), max(host, device))
    guard high > 0 else { return 0 }
    let ratio = low / high
    return max(0, host - device) + balancedWait * low * ratio * ratio * ratio
  }

  /// Share of a phase that the device waits where host and device take equally long.
  static let balancedWait = 0.19

  /// Queues a reduction behind a stretch of backward: blocks finish one after the other.
  ///
  /// `gathers` are seconds of weight gathers that hide beside the same backward: one link carries
  /// both, so a reduction hides only in what they leave.
  private mutating func reduce(
    _ seconds: Double, behind gathers: Double, beside compute: Double, applications: Double
  ) {
    let busy = seconds + gathers
    let start = clock + compute / applications
    clock += compute
    let before = max(networkFree, start)
    networkFree = max(before + busy, clock + busy / applications)
    hidden += max(0, min(seconds, clock - before - gathers))
  }

  /// ZeRO-3 gathers the weights of every application; the next one's are fetched meanwhile.
  ///
  /// - Returns: Seconds of gathers that hide beside the item's own kernels.
  private mutating func gather(
    _ item: StepItem, _ price: SegmentPrice, seconds: Double, weight: Double,
    _ setting: StepSetting
  ) -> Double {
    let bytes = price.parameterElements * setting.computeBytes
    let one = setting.collectives.seconds(.allGather, bytes: bytes)
    let count = Double(item.count)
    let exposed =
      setting.overlapsReduction
      ? max(0, one - seconds) * count + (item.blocks?.layer == 0 ? min(one, seconds) : 0)
      : one * count
    phases[item.phase][.communication] += weight * exposed
    hidden += weight * (one * count - exposed)
    trafficBytes += weight * bytes * count
    trafficSeconds += weight * one * count
    return one * count - exposed
  }

  /// Seconds of the step by term.
  var total: TermTimes { phases.reduce(.zero, +) }
}
