import Strategies
import Workloads

/// One forward, one backward (1F1B), plain or interleaved over several chunks per stage.
///
/// Narayanan et al., arXiv 2104.04473, section 2.2; in flight: Korthikanti et al., arXiv 2205.05198,
/// section 4.2.3.
struct PipelineSchedule: Sendable, Hashable {
  /// Stages, p.
  var stages: Int
  /// Chunks per stage, v.
  var chunks: Int
  /// Micro-batches per step, m.
  var microBatches: Int

  init(_ strategy: Strategy) {
    stages = strategy.pipelineParallel
    chunks = max(1, strategy.virtualPipeline)
    microBatches = strategy.accumulation
  }

  /// Most micro-batches whose activations a stage holds, as a share of all its blocks' activations.
  ///
  /// Plain: `p - s`. Interleaved: `(2 (p - s - 1) + (v - 1) p + 1) / v`, which for the first stage
  /// is `p (1 + (p - 1) / (p v))`. Never more than there are.
  func inFlight(stage: Int) -> Double {
    let behind = Double(stages - stage - 1)
    guard chunks > 1 else { return min(Double(microBatches), behind + 1) }
    let units = 2 * behind + Double((chunks - 1) * stages) + 1
    return min(Double(microBatches), units / Double(chunks))
  }

  /// Seconds in which the slowest stage waits: every other stage runs one micro-batch ahead or
  /// behind it, in an interleaved schedule one chunk of it.
  ///
  /// With equal stages of t seconds a micro-batch it is `(p - 1) t / v`, so that the step takes
  /// `m t (1 + (p - 1) / (m v))`.
  ///
  /// - Parameters:
  ///   - all: Seconds of one micro-batch on all stages together.
  ///   - slowest: Seconds of one micro-batch on the slowest.
  /// - Returns: Seconds of the step in which the slowest stage has nothing to do.
  func bubble(all: Double, slowest: Double) -> Double {
    max(0, all - slowest) / Double(chunks)
  }

  /// Messages that a stage waits for per micro-batch: one each way and chunk.
  var messages: Double { stages > 1 ? 2 * Double(chunks) : 0 }

  /// Stages that differ in what they hold: the first of each kind, with how many there are.
  func kinds(layers: Int) -> [(stage: PipelineStage, count: Int)] {
    guard stages > 1 else { return [(.whole, 1)] }
    struct Kind: Hashable {
      var blocks: Int
      var isFirst: Bool
      var isLast: Bool
    }
    var order: [Kind] = []
    var found: [Kind: (stage: PipelineStage, count: Int)] = [:]
    for index in 0..<stages {
      let stage = PipelineStage(index: index, count: stages)
      let kind = Kind(
        blocks: stage.blocks(of: layers), isFirst: stage.isFirst, isLast: stage.isLast)
      if found[kind] == nil { order.append(kind) }
      found[kind, default: (stage, 0)].count += 1
    }
    return order.compactMap { found[$0] }
  }
}
