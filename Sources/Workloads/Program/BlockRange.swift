/// Which blocks of a tower a step runs.
public struct BlockRange: Sendable, Hashable {
  /// The group of identical blocks, counted from the front of the tower's pass.
  public var group: Int
  /// The first block within the group.
  public var first: Int
  /// Blocks of the whole group.
  public var of: Int
  /// The first block's position among all blocks of the tower: whose weights it has.
  public var layer: Int

  /// A range that starts at `first`; the step's count says how long it is.
  public init(group: Int, first: Int, of: Int, layer: Int? = nil) {
    self.group = group
    self.first = first
    self.of = of
    self.layer = layer ?? first
  }
}

extension RecomputationPlan {
  /// A stretch of blocks, cut where the plan keeps something else, in order of execution.
  ///
  /// The first blocks of a group are recomputed fully, then some selectively, the last ones keep
  /// everything: what is kept at the end of the forward is needed first in the backward.
  public func parts(
    of blocks: BlockRange, count: Int
  ) -> [(keep: Keep, count: Int, blocks: BlockRange)] {
    let full: Int
    let selective: Int
    switch kind {
    case .none: return [(.all, count, blocks)]
    case .selective: return [(.selective, count, blocks)]
    case .full: return [(.input, count, blocks)]
    case .perBlock(let groups):
      let counts =
        blocks.group < groups.count
        ? groups[blocks.group] : BlockCounts(full: 0, selective: 0)
      full = min(blocks.of, counts.full)
      selective = min(blocks.of - full, counts.selective)
    }
    var parts: [(keep: Keep, count: Int, blocks: BlockRange)] = []
    let edges = [
      (Keep.input, 0, full), (.selective, full, full + selective),
      (.all, full + selective, blocks.of),
    ]
    for (keep, from, to) in edges {
      let start = max(from, blocks.first)
      let end = min(to, blocks.first + count)
      guard end > start else { continue }
      parts.append(
        (
          keep, end - start,
          BlockRange(
            group: blocks.group, first: start, of: blocks.of,
            layer: blocks.layer + start - blocks.first)
        ))
    }
    return parts
  }
}

extension StepProgram {
  /// The same program with other activations kept: `plans` by tower, a missing tower keeps all.
  ///
  /// The transformation touches only what forwards keep and what backwards run again, never the
  /// order or the shapes. The receiver must keep everything, as the writer first writes it.
  func recomputing(_ plans: [String: RecomputationPlan]) -> StepProgram {
    guard plans.values.contains(where: { $0 != .none }) else { return self }
    var copy = self
    for index in copy.phases.indices {
      copy.phases[index].steps = phases[index].steps.flatMap { recomputing($0, plans) }
    }
    return copy
  }

  private func recomputing(_ step: Step, _ plans: [String: RecomputationPlan]) -> [Step] {
    switch step {
    case .forward(let segment, let count, .all, let need, let blocks?, let pass):
      guard let plan = plans[towers[segments[segment].tower].name] else { return [step] }
      return plan.parts(of: blocks, count: count).map {
        .forward(
          segment: segment, count: $0.count, keep: $0.keep, need: need, blocks: $0.blocks,
          pass: pass)
      }
    case .backward(
      let segment, let count, .all, let need, let blocks?, let synchronises, let pass):
      guard let plan = plans[towers[segments[segment].tower].name] else { return [step] }
      return plan.parts(of: blocks, count: count).reversed().map {
        .backward(
          segment: segment, count: $0.count, keep: $0.keep, need: need, blocks: $0.blocks,
          synchronises: synchronises, pass: pass)
      }
    default: return [step]
    }
  }
}
