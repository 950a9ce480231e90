public import Clusters
public import Quantities
public import Strategies
public import Workloads

/// Prices steps of one workload on one cluster; remembers every segment and program it has seen.
///
/// A class because it is a cache. Not shared between threads: each worker has its own.
public final class StepPricer {
  /// The cluster.
  public let cluster: Cluster
  /// What is trained; strategies choose among calibration settings.
  public let workload: Workload
  private let factory: ProgramFactory
  let layers: Int
  private var books: [BookKey: PriceBook] = [:]
  private var programs: [ProgramKey: PreparedProgram] = [:]
  private var factored: [CalibrationSettings: Double] = [:]

  private struct BookKey: Hashable {
    var precision: Precision
    var software: String
    var sharding: Sharding
  }

  private struct ProgramKey: Hashable {
    var sharding: Sharding
    var stage: PipelineStage
    var microBatch: Int
    var accumulation: Int
    var ranks: Int
    var precision: Precision
    var software: String
    var attention: [String: AttentionKernel]
    var defaultAttention: AttentionKernel
    var gather: ContrastiveGather
    var calibration: CalibrationSettings
  }

  /// A pricer with nothing priced yet.
  public init(workload: Workload, cluster: Cluster) {
    self.workload = workload
    self.cluster = cluster
    factory = ProgramFactory(
      model: workload.model, frozen: workload.frozen, partial: workload.partial,
      patchDropout: workload.patchDropout)
    layers = workload.model.blockTowerNames.reduce(0) {
      $0 + workload.model.blockGroups(of: $1).reduce(0, +)
    }
  }

  /// Seconds per step and peak bytes per device, typical: what a search compares.
  public func quick(
    _ strategy: Strategy, calibration: CalibrationSettings
  ) -> (step: Seconds, peak: Bytes) {
    let stages = stageWalks(strategy, calibration)
    let busy = factor(strategy) * stages.times.total
    return (Seconds(max(busy, inputSeconds(strategy))), Bytes(stages.fullest.peak))
  }

  /// Memory per device alone: nothing that is measured about the hardware is looked at.
  public func memory(
    _ strategy: Strategy, calibration: CalibrationSettings
  ) -> MemoryEstimate {
    memoryEstimate(stageWalks(strategy, calibration).fullest, strategy)
  }

  private func memoryEstimate(_ walks: Walks, _ strategy: Strategy) -> MemoryEstimate {
    var estimate = walks.assembly.estimate()
    if walks.items.indices.contains(walks.memory.item) {
      estimate.peakPhase = walks.program.phases[walks.memory.phase].name.rawValue
      estimate.peakInstant = Self.instant(walks.items[walks.memory.item], walks.program)
      if strategy.pipelineParallel > 1 {
        estimate.peakInstant += ", stage \(walks.stage.index + 1) of \(walks.stage.count)"
      }
    }
    estimate.hostNeeded = hostBytes(walks.program, strategy)
    return estimate
  }

  /// The whole priced step.
  func priced(_ strategy: Strategy, calibration: CalibrationSettings) -> PricedStep {
    let stages = stageWalks(strategy, calibration)
    let slowest = stages.slowest
    let factor = self.factor(strategy)
    var phases = zip(slowest.program.phases, slowest.time.phases).map {
      (name: $0.name, times: factor * $1)
    }
    if let last = phases.lastIndex(where: { $0.name == .backward }) ?? phases.indices.last {
      phases[last].times += factor * stages.waiting
    }
    var times = factor * stages.times
    let stall = max(0, inputSeconds(strategy) - times.total)
    if stall > 0 {
      times[.input] += stall
      if let first = phases.firstIndex(where: { $0.name == .imageForward }) ?? phases.indices.first
      {
        phases[first].times[.input] += stall
      }
    }
    let keys = slowest.items.compactMap { item -> Int? in
      switch item.kind {
      case .forward, .backward:
        let keys = slowest.prices[item.price].attentionKeys
        return keys > 0 ? keys : nil
      default: return nil
      }
    }
    return PricedStep(
      phases: phases, times: times, modelFlops: stages.modelFlops,
      hardwareFlops: stages.hardwareFlops, memory: memoryEstimate(stages.fullest, strategy),
      fewestAttentionKeys: keys.min(),
      unmeasured: slowest.items.reduce(into: []) { families, item in
        switch item.kind {
        case .forward, .backward: families.formUnion(slowest.prices[item.price].unmeasured)
        default: break
        }
      }, trainableParameters: trainableParameters(strategy, calibration, slowest.program))
  }

  /// Trained parameters of the whole model, not of one rank's share.
  private func trainableParameters(
    _ strategy: Strategy, _ calibration: CalibrationSettings, _ program: PreparedProgram
  ) -> Int {
    let isWhole = strategy.sharding == .none && strategy.pipelineParallel == 1
    let towers =
      isWhole
      ? program.towers
      : factory.program(ProgramOptions(microBatch: 1, calibration: calibration)).towers
    return towers.reduce(0) { $0 + $1.trained }
  }

  // MARK: Parts

  /// What the rows of an activation problem are written from.
  func activationMaterial(
    _ strategy: Strategy, calibration: CalibrationSettings
  ) -> ActivationRows.Material {
    let (book, program) = prepared(strategy, calibration)
    let (state, _) = states(strategy, calibration, program, book)
    return ActivationRows.Material(
      program: program, prices: book.prices, state: state, factor: factor(strategy),
      allocatorLoss: strategy.software.allocatorLoss.value)
  }

  func factor(_ strategy: Strategy) -> Double {
    strategy.software.timeRange.value.typical * stragglerFactor(ranks: strategy.dataParallel)
  }

  /// Seconds in which the input pipeline delivers the samples of one step and rank.
  private func inputSeconds(_ strategy: Strategy) -> Double {
    let limits = [workload.inputRateLimit, strategy.software.inputRateLimit]
    guard let rate = limits.compactMap({ $0?.value.value }).min(), rate > 0 else { return 0 }
    // Ranks that share layers or stages read the same samples.
    let sharing = strategy.tensorParallel * strategy.pipelineParallel
    return Double(strategy.microBatch * strategy.accumulation) / Double(sharing) / rate
  }

  func plans(
    _ strategy: Strategy, _ program: PreparedProgram
  ) -> [RecomputationPlan?] {
    program.towers.map { strategy.recomputation[$0.name] }
  }

  func states(
    _ strategy: Strategy, _ calibration: CalibrationSettings, _ program: PreparedProgram,
    _ book: PriceBook
  ) -> (StateBytes, TermTimes) {
    let rule = workload.optimizer
    let state = StateBytes(
      towers: program.towers,
      factored: rule.isFactored
        ? factoredElements(calibration)
          / Double(strategy.tensorParallel * strategy.pipelineParallel) : 0,
      strategy: strategy, optimizer: rule)
    let trained = program.towers.reduce(0.0) { $0 + Double($1.trained) }
    let update = UpdateTime.seconds(
      trained: trained, strategy: strategy, optimizer: rule, profile: cluster.profile)
    return (state, update)
  }

  /// Rows plus columns of all trained matrices, from the graphs of a smallest program.
  func factoredElements(_ calibration: CalibrationSettings) -> Double {
    if let known = factored[calibration] { return known }
    let program = factory.program(ProgramOptions(microBatch: 1, calibration: calibration))
    var sum = 0.0
    var seen: Set<SegmentSpec> = []
    for step in program.phases.flatMap(\.steps) {
      guard case .backward(let index, let count, _, let need, _, true, _) = step, need.weights,
        seen.insert(program.segments[index].spec).inserted
      else { continue }
      let segment = program.segments[index]
      sum +=
        Double(count)
        * Double(segment.spec.graph(segment.shape, style: segment.style).factoredElements)
    }
    factored[calibration] = sum
    return sum
  }

  func prepared(
    _ strategy: Strategy, _ calibration: CalibrationSettings, stage: PipelineStage = .whole
  ) -> (PriceBook, PreparedProgram) {
    let bookKey = BookKey(
      precision: strategy.precision, software: strategy.software.id, sharding: strategy.sharding)
    let book: PriceBook
    if let known = books[bookKey] {
      book = known
    } else {
      book = PriceBook(strategy: strategy, cluster: cluster)
      books[bookKey] = book
    }
    let key = ProgramKey(
      sharding: strategy.sharding, stage: stage, microBatch: strategy.microBatch,
      accumulation: strategy.accumulation,
      ranks: strategy.dataParallel, precision: strategy.precision,
      software: strategy.software.id, attention: strategy.attention,
      defaultAttention: strategy.defaultAttention, gather: strategy.contrastiveGather,
      calibration: calibration)
    if let known = programs[key] { return (book, known) }
    var options = strategy.programOptions(for: workload, stage: stage)
    options.calibration = calibration
    let program = PreparedProgram(factory.program(options, recomputing: false), book: book)
    programs[key] = program
    return (book, program)
  }

  /// Host memory per node: every local rank reads the initial weights, and two batches wait.
  private func hostBytes(_ program: PreparedProgram, _ strategy: Strategy) -> Bytes {
    let parameters = program.towers.reduce(0.0) { $0 + Double($1.parameters) }
    let ranks = Double(cluster.acceleratorsPerNode)
    let images = Double(strategy.microBatch) * Double(workload.model.imageElements) * 4
    return Bytes(ranks * (parameters * 4 + 2 * images))
  }

  private static func instant(_ item: StepItem, _ program: PreparedProgram) -> String {
    let tower = program.towers.indices.contains(item.tower) ? program.towers[item.tower].name : ""
    let part = item.isLoss ? "" : (item.blocks == nil ? " embedding or head" : " block")
    switch item.kind {
    case .forward: return "\(tower)\(part), forward"
    case .backward:
      let again = item.keep == .input ? " with recomputation" : ""
      return "\(tower)\(part), backward\(again)"
    case .update: return "parameter update"
    default: return "between passes"
    }
  }
}
