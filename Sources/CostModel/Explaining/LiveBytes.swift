import Workloads

/// What is live at the fullest instant: `MemoryWalk` again, with names.
struct LiveBytes {
  /// One line for each kind of application or buffer.
  private(set) var lines: [StepTrace.Live] = []

  private struct Key: Hashable {
    var name: String
    var isLoss: Bool
    var each: Double
  }

  private var order: [Key] = []
  private var counts: [Key: Double] = [:]
  private let program: PreparedProgram
  private let growingGradientBytes: Double

  /// Walks `items` up to the one at the peak.
  init(
    _ items: [StepItem], program: PreparedProgram, prices: [SegmentPrice], state: StateBytes,
    inFlight: Double, stage: Double, until peak: Int
  ) {
    self.program = program
    growingGradientBytes = state.growingGradientBytes
    add("residual streams that the stage keeps", isLoss: false, 1, each: stage)
    for item in items where inFlight > 1 {
      guard case .forward = item.kind else { continue }
      add(
        name(item) + ", kept of other micro-batches", item, (inFlight - 1) * Double(item.count),
        each: prices[item.price].kept(item.keep))
    }
    for (position, item) in items.enumerated() {
      let isPeak = position == peak
      switch item.kind {
      case .forward: forward(item, prices[item.price], isPeak: isPeak)
      case .backward: backward(item, prices[item.price], isPeak: isPeak)
      case .hold: add("buffers between passes", item, 1, each: item.bytes)
      case .drop: drop(item)
      case .update:
        guard isPeak else { break }
        add("fp32 copies of gradients for the update", isLoss: false, 1, each: state.update)
      case .collective, .pass: break
      }
      if isPeak { break }
    }
    lines = order.compactMap { key in
      guard let count = counts[key], count != 0, key.each != 0 else { return nil }
      return StepTrace.Live(what: key.name, isLoss: key.isLoss, count: count, each: key.each)
    }
  }

  private mutating func add(_ name: String, _ item: StepItem, _ count: Double, each: Double) {
    add(name, isLoss: item.isLoss, count, each: each)
  }

  private mutating func add(_ name: String, isLoss: Bool, _ count: Double, each: Double) {
    let key = Key(name: name, isLoss: isLoss, each: each)
    if counts[key] == nil { order.append(key) }
    counts[key, default: 0] += count
  }

  private mutating func drop(_ item: StepItem) {
    add("buffers between passes", item, -1, each: item.bytes)
  }

  private func name(_ item: StepItem) -> String {
    let tower = program.towers[item.tower].name
    return item.blocks == nil ? tower + " outside blocks" : tower + " block"
  }

  private mutating func forward(_ item: StepItem, _ price: SegmentPrice, isPeak: Bool) {
    let kept = price.kept(item.keep)
    guard isPeak else {
      add(name(item) + ", kept", item, Double(item.count), each: kept)
      return
    }
    add(name(item) + ", kept", item, Double(item.count - 1), each: kept)
    let transient =
      switch item.keep {
      case .all: price.forwardPeak
      case .selective: price.selectiveForwardPeak
      case .input, .nothing: price.inferencePeak
      }
    add(name(item) + ", running its forward", item, 1, each: transient)
  }

  private mutating func backward(_ item: StepItem, _ price: SegmentPrice, isPeak: Bool) {
    let kept = price.kept(item.keep)
    let again = item.keep == .input
    let transient = again ? price.recomputePeak : price.backwardPeak
    guard isPeak else {
      add(name(item) + ", kept", item, -Double(item.count), each: kept)
      return
    }
    // The last application is the fuller one only where gradients grow faster than blocks release.
    let isLast = item.count > 1 && item.newGradients * growingGradientBytes > kept
    add(name(item) + ", kept", item, isLast ? -Double(item.count) : -1, each: kept)
    add(
      name(item) + ", running its backward" + (again ? " after its forward" : ""), item, 1,
      each: transient)
  }
}
