import Clusters
import Quantities
public import Strategies
public import Workloads

/// Which blocks should recompute: what a choice saves at every instant, and what it costs.
///
/// Variables are, for each group of identical blocks, how many are recomputed fully and how many
/// selectively. Live bytes at an instant are linear in them; the numbers come from the same items
/// that `MemoryWalk` reads, and a plan is checked by that walk afterwards.
public struct ActivationProblem: Sendable {
  /// A group of identical blocks.
  public struct Group: Sendable {
    /// The tower.
    public var tower: String
    /// The group within the tower's pass.
    public var group: Int
    /// Blocks.
    public var count: Int
    /// Seconds per step that one fully recomputed block costs.
    public var fullSeconds: Double
    /// Seconds per step of one selectively recomputed block; nil where it drops nothing.
    public var selectiveSeconds: Double?

    /// A group.
    public init(
      tower: String, group: Int, count: Int, fullSeconds: Double, selectiveSeconds: Double?
    ) {
      self.tower = tower
      self.group = group
      self.count = count
      self.fullSeconds = fullSeconds
      self.selectiveSeconds = selectiveSeconds
    }
  }

  /// Bytes live at one instant: `constant + sum full_g full[g] + sum selective_g selective[g]`.
  public struct Row: Sendable {
    /// What runs.
    public var name: String
    /// Bytes with nothing recomputed.
    public var constant: Double
    /// Bytes per fully recomputed block (negative: it saves), by group.
    public var full: [Double]
    /// Bytes per selectively recomputed block, by group.
    public var selective: [Double]

    /// A row.
    public init(name: String, constant: Double, full: [Double], selective: [Double]) {
      self.name = name
      self.constant = constant
      self.full = full
      self.selective = selective
    }
  }

  /// The groups, in the order of the variables.
  public var groups: [Group]
  /// One row per instant that can be the fullest.
  public var rows: [Row]
  /// Bytes that activations may take, losses weighed as what the allocator does not lose on them:
  /// capacity less the margin, states and reserve.
  public var limit: Double

  /// A problem.
  public init(groups: [Group], rows: [Row], limit: Double) {
    self.groups = groups
    self.rows = rows
    self.limit = limit
  }
}

extension StepPricer {
  /// The activation problem of a strategy; its own recomputation is ignored.
  ///
  /// `margin`: share of memory that must stay free.
  public func activationProblem(
    _ strategy: Strategy, calibration: CalibrationSettings,
    margin: Double = MemoryEstimate.margin
  ) -> ActivationProblem {
    let material = activationMaterial(strategy, calibration: calibration)
    var writer = ActivationRows(material: material)
    writer.walk()
    let fixed = MemoryAssembly(
      state: material.state, walk: MemoryWalk([], prices: [], state: material.state),
      strategy: strategy, cluster: cluster
    ).peak
    // Growing gradients are part of the rows; constant ones are part of the fixed bytes.
    let loss = strategy.software.allocatorLoss.value
    let room =
      (1 - margin) * cluster.profile.accelerator.memory.value.value - fixed
    return ActivationProblem(groups: writer.groups, rows: writer.rows, limit: room / (1 + loss))
  }
}

/// Writes the rows of an activation problem: `MemoryWalk` with unknown counts.
struct ActivationRows {
  /// What the walk reads.
  struct Material {
    var program: PreparedProgram
    var prices: [SegmentPrice]
    var state: StateBytes
    /// Factor on seconds.
    var factor: Double
    /// Share of activations that the allocator cannot use, and loses on no loss.
    var allocatorLoss: Double
  }

  let material: Material
  private(set) var groups: [ActivationProblem.Group] = []
  private(set) var rows: [ActivationProblem.Row] = []
  private var position: [Int: [Int: Int]] = [:]
  private var live: ActivationProblem.Row

  init(material: Material) {
    self.material = material
    live = ActivationProblem.Row(name: "", constant: 0, full: [], selective: [])
    collectGroups()
    live.full = [Double](repeating: 0, count: groups.count)
    live.selective = live.full
  }

  private func isWhole(_ item: StepItem) -> BlockRange? {
    guard let blocks = item.blocks, item.keep == .all, blocks.first == 0, item.count == blocks.of
    else { return nil }
    return blocks
  }

  private mutating func collectGroups() {
    for item in material.program.items {
      guard case .backward = item.kind, let blocks = isWhole(item) else { continue }
      let price = material.prices[item.price]
      let phase = material.program.phases[item.phase]
      let weight = material.factor * Double(phase.repeats) / Double(phase.every)
      let index: Int
      if let known = position[item.tower]?[blocks.group] {
        index = known
      } else {
        index = groups.count
        position[item.tower, default: [:]][blocks.group] = index
        groups.append(
          ActivationProblem.Group(
            tower: material.program.towers[item.tower].name, group: blocks.group,
            count: blocks.of, fullSeconds: 0, selectiveSeconds: nil))
      }
      groups[index].fullSeconds += weight * (price.recomputed + price.casts).total
      if price.selectiveKernels > 0 {
        groups[index].selectiveSeconds =
          (groups[index].selectiveSeconds ?? 0) + weight * price.selective.total
      }
    }
  }

  /// Walks the program and writes a row for every instant that can be the fullest.
  mutating func walk() {
    let grows = material.state.growingGradientBytes
    for item in material.program.items {
      switch item.kind {
      case .forward: forward(item)
      case .backward: backward(item, grows: grows)
      case .hold:
        live.constant += weight(item) * item.bytes
        row("buffers", 0)
      case .drop: live.constant -= weight(item) * item.bytes
      case .update: row("update", 0)
      case .collective, .pass: break
      }
    }
  }

  /// What a byte of an item weighs against the limit.
  private func weight(_ item: StepItem) -> Double {
    item.isLoss ? 1 / (1 + material.allocatorLoss) : 1
  }

  private mutating func row(_ name: String, _ more: Double) {
    var row = live
    row.name = name
    row.constant += more
    rows.append(row)
  }

  private func name(_ item: StepItem) -> String {
    material.program.towers[item.tower].name
  }

  private mutating func forward(_ item: StepItem) {
    let price = material.prices[item.price]
    let kept = weight(item) * price.kept(item.keep)
    live.constant += kept * Double(item.count)
    if let blocks = isWhole(item), let index = position[item.tower]?[blocks.group] {
      live.full[index] -= kept - price.inputBytes
      live.selective[index] -= kept - price.selectiveKeptBytes
    }
    row(
      name(item) + " forward",
      item.keep == .nothing
        ? price.inferencePeak : weight(item) * price.forwardPeak - kept)
  }

  private mutating func backward(_ item: StepItem, grows: Double) {
    let price = material.prices[item.price]
    let weight = weight(item)
    let kept = weight * price.kept(item.keep)
    let count = Double(item.count)
    let grown = item.newGradients * grows
    guard let blocks = isWhole(item), let index = position[item.tower]?[blocks.group] else {
      row(name(item) + " backward", weight * price.backwardPeak - kept + grown)
      live.constant += grown * count - kept * count
      row(name(item) + " backward, last", weight * price.backwardPeak)
      return
    }
    // The first block keeps everything: all is still live.
    row(name(item) + " backward", price.backwardPeak - kept + grown)
    live.constant -= kept * count
    live.full[index] += kept - price.inputBytes
    live.selective[index] += kept - price.selectiveKeptBytes
    // Blocks that keep everything are done; selective ones are next, then the full ones.
    live.constant += grown * count
    var middle = live
    middle.selective[index] += price.selectiveKeptBytes - grown
    middle.full[index] += price.inputBytes - grown
    middle.name = name(item) + " selective backward"
    middle.constant += price.backwardPeak - price.selectiveKeptBytes + grown
    if price.selectiveKernels > 0 { rows.append(middle) }
    var full = live
    full.full[index] += price.inputBytes - grown
    full.name = name(item) + " recomputed backward"
    full.constant += price.recomputePeak - price.inputBytes + grown
    rows.append(full)
    row(name(item) + " recomputed backward, last", price.recomputePeak)
  }
}
