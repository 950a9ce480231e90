import Clusters
import Quantities
import Strategies
import Workloads

/// A step stage by stage: without a pipeline there is one.
extension StepPricer {
  /// Both walks over one stage's step, and what they went over.
  struct Walks {
    var stage: PipelineStage
    /// Stages like this one.
    var count: Int
    var program: PreparedProgram
    var prices: [SegmentPrice]
    var items: [StepItem]
    var time: TimeWalk
    var memory: MemoryWalk
    var assembly: MemoryAssembly
    var peak: Double { assembly.peak }
  }

  /// All stages of a step: the slowest sets the pace, the fullest the memory.
  struct StageWalks {
    var slowest: Walks
    var fullest: Walks
    /// Messages between stages and the bubble.
    var waiting = TermTimes.zero
    /// FLOP per accelerator, over all stages.
    var modelFlops: Double
    var hardwareFlops: Double
    /// Seconds of the step.
    var times: TermTimes { slowest.time.total + waiting }
  }

  func stageWalks(
    _ strategy: Strategy, _ calibration: CalibrationSettings
  ) -> StageWalks {
    let schedule = PipelineSchedule(strategy)
    var kinds = schedule.kinds(layers: layers).map {
      walks(strategy, calibration, stage: $0.stage, count: $0.count, schedule)
    }
    let first = kinds.removeFirst()
    var result = StageWalks(
      slowest: first, fullest: first, modelFlops: first.time.modelFlops,
      hardwareFlops: first.time.hardwareFlops)
    guard schedule.stages > 1 else { return result }
    let stages = [first] + kinds
    var (all, model, hardware) = (0.0, 0.0, 0.0)
    for stage in stages {
      if stage.time.total.total > result.slowest.time.total.total { result.slowest = stage }
      if stage.peak > result.fullest.peak { result.fullest = stage }
      all += Double(stage.count) * stage.time.passes.total
      model += Double(stage.count) * stage.time.modelFlops
      hardware += Double(stage.count) * stage.time.hardwareFlops
    }
    result.modelFlops = model / Double(schedule.stages)
    result.hardwareFlops = hardware / Double(schedule.stages)
    let microBatches = Double(schedule.microBatches)
    let message = schedule.messages * messageSeconds(strategy)
    result.waiting = TermTimes(.stageMessages, microBatches * message)
    // A message delays the stages behind it as their kernels do.
    let bubble = schedule.bubble(
      all: all / microBatches + Double(schedule.stages) * message,
      slowest: result.slowest.time.passes.total / microBatches + message)
    result.waiting += TermTimes(.bubble, bubble)
    result.waiting += TermTimes(.communication, tiedSeconds(strategy))
    return result
  }

  /// Seconds of one message between stages: the residual stream of a micro-batch.
  private func messageSeconds(_ strategy: Strategy) -> Double {
    let style = strategy.software.style(precision: strategy.precision, attention: .unfused)
    let crosses = RankGroup.stagesCrossNodes(strategy, on: cluster)
    let collectives = CollectiveTime(
      cluster: cluster, group: .tensor(strategy, on: cluster))
    let whole =
      Double(strategy.microBatch * workload.model.streamElements) * Double(style.residual.bytes)
    let isShared =
      strategy.sharding.sequence
      || (strategy.tensorParallel > 1 && strategy.software.scattersStageMessages)
    let part = isShared ? whole / Double(strategy.tensorParallel) : whole
    let send = collectives.message(bytes: part, acrossNodes: crosses)
    // Ranks that share tokens keep their share; others gather the parts.
    let gather =
      isShared && !strategy.sharding.sequence ? collectives.seconds(.allGather, bytes: whole) : 0
    return send + gather
  }

  /// First and last stage add up the gradients of the table that both have.
  private func tiedSeconds(_ strategy: Strategy) -> Double {
    guard case .languageModel(let model) = workload.model.family, model.tiedEmbeddings else {
      return 0
    }
    let style = strategy.software.style(precision: strategy.precision, attention: .unfused)
    let elements = model.vocabulary * model.block.width / strategy.tensorParallel
    return collectives(strategy).message(
      bytes: Double(elements) * Double(style.gradients.bytes),
      acrossNodes: RankGroup.stagesCrossNodes(strategy, on: cluster))
  }

  /// Micro-batches whose activations a stage holds.
  func inFlight(
    _ strategy: Strategy, _ schedule: PipelineSchedule, stage: Int
  ) -> Double {
    guard schedule.stages > 1 else { return 1 }
    return min(
      Double(schedule.microBatches),
      schedule.inFlight(stage: stage) + Double(strategy.software.spareMicroBatches))
  }

  /// Bytes of residual streams that a stage keeps beside what its blocks keep.
  func stageBytes(
    _ strategy: Strategy, _ schedule: PipelineSchedule, stage: Int
  ) -> Double {
    guard schedule.stages > 1 else { return 0 }
    let style = strategy.software.style(precision: strategy.precision, attention: .unfused)
    let stream =
      Double(strategy.microBatch * workload.model.streamElements) * Double(style.residual.bytes)
    let share = strategy.sharding.sequence ? Double(strategy.tensorParallel) : 1
    return inFlight(strategy, schedule, stage: stage) * Double(strategy.software.stageTensors)
      * stream / share
  }

  private func collectives(_ strategy: Strategy) -> CollectiveTime {
    CollectiveTime(cluster: cluster, group: .data(strategy, on: cluster))
  }

  private func walks(
    _ strategy: Strategy, _ calibration: CalibrationSettings, stage: PipelineStage, count: Int,
    _ schedule: PipelineSchedule
  ) -> Walks {
    let (book, program) = prepared(strategy, calibration, stage: stage)
    let items = program.items(recomputing: plans(strategy, program))
    let (state, update) = states(strategy, calibration, program, book)
    let time = TimeWalk(
      items, program: program, prices: book.prices,
      setting: StepSetting(strategy: strategy, cluster: cluster), update: update)
    let memory = MemoryWalk(
      items, prices: book.prices, state: state,
      inFlight: inFlight(strategy, schedule, stage: stage.index),
      stage: stageBytes(strategy, schedule, stage: stage.index),
      allocatorLoss: strategy.software.allocatorLoss.value)
    return Walks(
      stage: stage, count: count, program: program, prices: book.prices, items: items, time: time,
      memory: memory,
      assembly: MemoryAssembly(state: state, walk: memory, strategy: strategy, cluster: cluster))
  }
}
