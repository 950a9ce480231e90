public import Workloads

extension StepProgram {
  /// FLOP of one step that the model needs: products and attention of forwards, attacks and
  /// backwards; nothing that is only run again to save memory.
  ///
  /// Phases that run every R steps count with 1/R. Convention: see `Operation.modelFlops`.
  public var modelFlops: Double {
    var sum = 0.0
    var seen: [Application: (forward: Double, backward: Double)] = [:]
    let kept = keptStretches
    for phase in phases {
      let weight = Double(phase.repeats) / Double(phase.every)
      for step in phase.steps {
        switch step {
        case .forward(let segment, let count, let keep, let need, let blocks, _):
          // Cached features: the same stretch runs again with everything kept.
          if accumulation > 1, keep == .nothing, kept.contains(stretch(segment, blocks)) {
            continue
          }
          sum += weight * Double(count) * flops(segment, need, &seen).forward
        case .backward(let segment, let count, _, let need, _, _, _):
          sum += weight * Double(count) * flops(segment, need, &seen).backward
        case .collective, .hold, .drop, .pass, .update: continue
        }
      }
    }
    return sum
  }

  private struct Application: Hashable {
    var segment: Int
    var need: GradientNeed
  }

  /// Blocks of a tower from a layer on, or a segment that is no block.
  private struct Stretch: Hashable {
    var tower: Int
    var layer: Int?
    var spec: SegmentSpec?
  }

  private func stretch(_ segment: Int, _ blocks: BlockRange?) -> Stretch {
    Stretch(
      tower: segments[segment].tower, layer: blocks?.layer,
      spec: blocks == nil ? segments[segment].spec : nil)
  }

  private var keptStretches: Set<Stretch> {
    var kept: Set<Stretch> = []
    for step in phases.flatMap(\.steps) {
      if case .forward(let segment, _, let keep, _, let blocks, _) = step, keep != .nothing {
        kept.insert(stretch(segment, blocks))
      }
    }
    return kept
  }

  private func flops(
    _ segment: Int, _ need: GradientNeed,
    _ seen: inout [Application: (forward: Double, backward: Double)]
  ) -> (forward: Double, backward: Double) {
    let key = Application(segment: segment, need: need)
    if let known = seen[key] { return known }
    let part = segments[segment]
    let analysis = SegmentAnalysis(
      graph: part.spec.graph(part.shape, style: part.style), need: need,
      gradientType: part.style.gradients)
    let found = (
      forward: analysis.forwardFlops,
      backward: analysis.backward.reduce(0) { $0 + $1.operation.modelFlops }
    )
    seen[key] = found
    return found
  }
}
