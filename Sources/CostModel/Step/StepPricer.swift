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
  private var books: [BookKey: PriceBook] = [:]
  private var programs: [ProgramKey: PreparedProgram] = [:]
  private var factored: [CalibrationSettings: Double] = [:]

  private struct BookKey: Hashable {
    var precision: Precision
    var software: String
  }

  private struct ProgramKey: Hashable {
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
      model: workload.model, frozen: workload.frozen, patchDropout: workload.patchDropout)
  }

  /// Seconds per step and peak bytes per device, typical: what a search compares.
  public func quick(
    _ strategy: Strategy, calibration: CalibrationSettings
  ) -> (step: Seconds, peak: Bytes) {
    let walks = walks(strategy, calibration)
    let factor = self.factor(strategy)
    let busy = factor * walks.time.total.total
    let reading = MemoryAssembly(
      state: walks.state, walk: walks.memory, strategy: strategy, cluster: cluster)
    return (Seconds(max(busy, inputSeconds(strategy))), Bytes(reading.peak))
  }

  /// Memory per device alone: nothing that is measured about the hardware is looked at.
  public func memory(
    _ strategy: Strategy, calibration: CalibrationSettings
  ) -> MemoryEstimate {
    let (book, program) = prepared(strategy, calibration)
    let (state, _) = states(strategy, calibration, program, book)
    let items = program.items(recomputing: plans(strategy, program))
    let walk = MemoryWalk(items, prices: book.prices, state: state)
    var estimate = MemoryAssembly(
      state: state, walk: walk, strategy: strategy, cluster: cluster
    ).estimate()
    if items.indices.contains(walk.item) {
      estimate.peakPhase = program.phases[walk.phase].name.rawValue
      estimate.peakInstant = Self.instant(items[walk.item], program)
    }
    estimate.hostNeeded = hostBytes(program, strategy)
    return estimate
  }

  /// The whole priced step.
  func priced(_ strategy: Strategy, calibration: CalibrationSettings) -> PricedStep {
    let walks = walks(strategy, calibration)
    let (program, items, walk, memory) = (walks.program, walks.items, walks.time, walks.memory)
    let factor = self.factor(strategy)
    var phases = zip(program.phases, walk.phases).map { (name: $0.name, times: factor * $1) }
    var times = factor * walk.total
    let stall = max(0, inputSeconds(strategy) - times.total)
    if stall > 0 {
      times[.input] += stall
      if let first = phases.firstIndex(where: { $0.name == .imageForward }) ?? phases.indices.first
      {
        phases[first].times[.input] += stall
      }
    }
    let assembly = MemoryAssembly(
      state: walks.state, walk: memory, strategy: strategy, cluster: cluster)
    var estimate = assembly.estimate()
    if items.indices.contains(memory.item) {
      estimate.peakPhase = program.phases[memory.phase].name.rawValue
      estimate.peakInstant = Self.instant(items[memory.item], program)
    }
    estimate.hostNeeded = hostBytes(program, strategy)
    let keys = items.compactMap { item -> Int? in
      switch item.kind {
      case .forward, .backward:
        let keys = walks.prices[item.price].attentionKeys
        return keys > 0 ? keys : nil
      default: return nil
      }
    }
    let trained = program.towers.reduce(0) { $0 + ($1.trainable ? $1.parameters : 0) }
    return PricedStep(
      phases: phases, times: times, modelFlops: walk.modelFlops,
      hardwareFlops: walk.hardwareFlops, memory: estimate, fewestAttentionKeys: keys.min(),
      trainableParameters: trained)
  }

  // MARK: Parts

  /// Both walks over a strategy's step, and what they went over.
  struct Walks {
    var program: PreparedProgram
    var prices: [SegmentPrice]
    var items: [StepItem]
    var state: StateBytes
    var time: TimeWalk
    var memory: MemoryWalk
  }

  func walks(_ strategy: Strategy, _ calibration: CalibrationSettings) -> Walks {
    let (book, program) = prepared(strategy, calibration)
    let items = program.items(recomputing: plans(strategy, program))
    let (state, update) = states(strategy, calibration, program, book)
    let time = TimeWalk(
      items, program: program, prices: book.prices,
      setting: StepSetting(strategy: strategy, cluster: cluster), update: update)
    let memory = MemoryWalk(items, prices: book.prices, state: state)
    return Walks(
      program: program, prices: book.prices, items: items, state: state, time: time,
      memory: memory)
  }

  /// What the rows of an activation problem are written from.
  func activationMaterial(
    _ strategy: Strategy, calibration: CalibrationSettings
  ) -> ActivationRows.Material {
    let (book, program) = prepared(strategy, calibration)
    let (state, _) = states(strategy, calibration, program, book)
    return ActivationRows.Material(
      program: program, prices: book.prices, state: state, factor: factor(strategy))
  }

  func factor(_ strategy: Strategy) -> Double {
    strategy.software.timeRange.value.typical * stragglerFactor(ranks: strategy.dataParallel)
  }

  /// Seconds in which the input pipeline delivers the samples of one step and rank.
  func inputSeconds(_ strategy: Strategy) -> Double {
    let limits = [workload.inputRateLimit, strategy.software.inputRateLimit]
    guard let rate = limits.compactMap({ $0?.value.value }).min(), rate > 0 else { return 0 }
    return Double(strategy.microBatch * strategy.accumulation) / rate
  }

  private func plans(
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
      towers: program.towers, factored: rule.isFactored ? factoredElements(calibration) : 0,
      strategy: strategy, optimizer: rule)
    let trained = program.towers.reduce(0.0) { $0 + ($1.trainable ? Double($1.parameters) : 0) }
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
    _ strategy: Strategy, _ calibration: CalibrationSettings
  ) -> (PriceBook, PreparedProgram) {
    let bookKey = BookKey(precision: strategy.precision, software: strategy.software.id)
    let book: PriceBook
    if let known = books[bookKey] {
      book = known
    } else {
      book = PriceBook(
        profile: cluster.profile, software: strategy.software, precision: strategy.precision)
      books[bookKey] = book
    }
    let key = ProgramKey(
      microBatch: strategy.microBatch, accumulation: strategy.accumulation,
      ranks: strategy.dataParallel, precision: strategy.precision,
      software: strategy.software.id, attention: strategy.attention,
      defaultAttention: strategy.defaultAttention, gather: strategy.contrastiveGather,
      calibration: calibration)
    if let known = programs[key] { return (book, known) }
    var options = strategy.programOptions(for: workload)
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
