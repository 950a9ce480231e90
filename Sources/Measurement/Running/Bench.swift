import Quantities
import TrainingCore
import Workloads

/// Times the kernels of the compute core on a machine.
///
/// Every round visits the unfinished items in a new random order, so that a slow minute hits all
/// of them alike; between short blocks the reference kernels say whether the machine slowed down.
public struct Bench<Machine: BenchMachine, Clock: BenchClock> {
  /// How long and with what.
  public let options: BenchOptions
  /// What the samples share, but for the library, which is chosen at the start.
  public private(set) var session: BenchSession
  private var machine: Machine
  private let clock: Clock
  private let judge: DriftJudge
  private var random: SeededRandom
  private var start: Seconds = .zero

  /// A bench on a machine.
  ///
  /// - Parameters:
  ///   - options: how long, which library.
  ///   - session: describes machine, libraries and threads.
  ///   - machine: runs the kernels.
  ///   - clock: times them.
  ///   - judge: decides which samples count.
  /// - Throws: `BenchError` for a library that the machine does not have, or no time.
  public init(
    options: BenchOptions, session: BenchSession, machine: Machine, clock: Clock,
    judge: DriftJudge = DriftJudge()
  ) throws(BenchError) {
    if let name = options.backend, !machine.backends.contains(name) {
      throw .unknownBackend(name, available: machine.backends)
    }
    guard options.budget.value >= 1, options.budget.value.isFinite else {
      throw .budget(options.budget)
    }
    self.options = options
    self.session = session
    self.machine = machine
    self.clock = clock
    self.judge = judge
    random = SeededRandom(seed: options.seed &+ 0x5eed)
  }

  /// Runs until every item is tight, the budget ends, or `isCancelled` says so.
  ///
  /// - Throws: `BenchError` where too little was measured, and whatever `sink` throws. What was
  ///   measured before is in the sink.
  ///
  /// `earlier` are the samples of an interrupted bench with the same session: it goes on behind
  /// them, in what they have left of the budget.
  public mutating func run(
    into sink: inout some BenchSink, resuming earlier: [BenchSample] = [],
    progress: (BenchProgress) -> Void = { _ in }, isCancelled: () -> Bool = { false }
  ) throws -> BenchResult {
    start = clock.now() - Seconds(earlier.map(\.start).max() ?? 0)
    let load = machine.load
    warmUp()
    var session = session
    if session.backend.isEmpty { session.backend = options.backend ?? fastestBackend() }
    try sink.begin(session)
    let plan = BenchPlan.standard(
      quick: options.quick, primary: session.backend,
      others: machine.backends.filter { $0 != session.backend }, workers: session.threads,
      seed: options.seed)
    var samples = earlier
    try sampleItems(plan, session, into: &sink, &samples, progress, isCancelled)
    try sampleChains(session, into: &sink, &samples, progress, isCancelled)
    return try BenchResult(
      session: session, samples: samples, judge: judge, elapsed: elapsed,
      interrupted: isCancelled(), others: load?.others())
  }

  /// Kernels by themselves.
  private mutating func sampleItems(
    _ plan: BenchPlan, _ session: BenchSession, into sink: inout some BenchSink,
    _ samples: inout [BenchSample], _ progress: (BenchProgress) -> Void, _ isCancelled: () -> Bool
  ) throws {
    var timed = sized(plan, isCancelled: isCancelled)
    for sample in samples {
      guard let place = timed.firstIndex(where: { $0.item == sample.item }) else { continue }
      timed[place].note(sample, options, judge)
    }
    var last = references(session.backend)
    var goesOn = true
    while goesOn {
      let order = timed.indices.filter { !timed[$0].isDone }.shuffled(using: &random)
      if order.isEmpty { break }
      for block in blocks(of: order, timed) {
        goesOn = !isCancelled() && elapsed + cost(of: block, timed) <= limit(of: block, timed)
        guard goesOn else { break }
        let (taken, after) = sample(block, timed, before: last, first: samples.count, session)
        last = after
        samples += taken
        try sink.record(taken)
        for (place, sample) in zip(block, taken) { timed[place].note(sample, options, judge) }
        progress(
          BenchProgress(
            finished: timed.count(where: \.isDone), items: timed.count, samples: samples.count,
            elapsed: elapsed, budget: options.budget))
      }
    }
    // On a machine so busy that the budget ended before, the trial calls have to do.
    let unseen = isCancelled() ? [] : timed.filter(\.isUnseen)
    let trials = unseen.enumerated().map { place, item in
      let reference = ReferenceClass(of: item.item.kernel)
      return BenchSample(
        sequence: samples.count + place, item: item.item, calls: 1, seconds: item.secondsPerCall,
        start: elapsed.value, referenceBefore: last[reference] ?? 0,
        referenceAfter: last[reference] ?? 0)
    }
    if !trials.isEmpty { try sink.record(trials) }
    samples += trials
  }

  /// Kernels in chains, model after model, until the budget ends.
  private mutating func sampleChains(
    _ session: BenchSession, into sink: inout some BenchSink, _ samples: inout [BenchSample],
    _ progress: (BenchProgress) -> Void, _ isCancelled: () -> Bool
  ) throws {
    guard machine.hasChains else { return }
    let groups = BenchModels.chains(
      models: options.quick ? 16 : 72, flops: options.quick ? 1e9...6e9 : 1.5e9...3e10,
      seed: options.seed)
    // A resumed bench goes on behind the chains that it has visited.
    var order = SeededRandom(seed: options.seed &+ 0xc4a1)
    var visited = Set(
      samples.filter { if case .inChain = $0.item.kernel { true } else { false } }.map(\.start)
    ).count
    var last = references(session.backend, [.block])
    for (place, chains) in groups.enumerated() {
      for chain in chains.shuffled(using: &order) {
        if visited > 0 {
          visited -= 1
          continue
        }
        // One model always: without it there are no laws at all.
        guard !isCancelled(), place == 0 || elapsed <= options.budget else { return }
        let begin = elapsed
        let runs = try machine.timings(of: chain, backend: session.backend, runs: options.chainRuns)
        let after = references(session.backend, [.block])
        let taken = Self.samples(
          of: runs, chain: chain, backend: session.backend, start: begin,
          references: (last, after), first: samples.count)
        last = after
        samples += taken
        try sink.record(taken)
        progress(
          BenchProgress(
            finished: place, items: groups.count, samples: samples.count, elapsed: elapsed,
            budget: options.budget))
      }
    }
  }

  /// One sample for each kernel of a chain: the median over its runs.
  private static func samples(
    of runs: [[KernelChain.Timing]], chain: BenchChain, backend: String, start: Seconds,
    references: ([ReferenceClass: Double], [ReferenceClass: Double]), first: Int
  ) -> [BenchSample] {
    var times: [KernelWork: [Double]] = [:]
    for run in runs {
      for timing in run { times[timing.work, default: []].append(timing.seconds) }
    }
    return (runs.first ?? []).enumerated().map { place, timing in
      let kernel = BenchKernel.inChain(timing.work)
      let sorted = (times[timing.work] ?? [timing.seconds]).sorted()
      let reference = ReferenceClass(of: kernel)
      return BenchSample(
        sequence: first + place, item: BenchItem(kernel, backend: backend, role: chain.role),
        calls: timing.calls, seconds: SampleStatistics.quantile(0.5, ofSorted: sorted),
        start: start.value, referenceBefore: references.0[reference] ?? 0,
        referenceAfter: references.1[reference] ?? 0)
    }
  }

  /// Goes on with the library of the session that was cut short.
  public mutating func resume(backend: String) { session.backend = backend }

  private var elapsed: Seconds { clock.now() - start }

  /// When a block must have ended: on a busy machine the first round gets 40 % more, because
  /// without a sample of every item there is no fit at all.
  private func limit(of block: [Int], _ timed: [TimedItem]) -> Seconds {
    let share = machine.hasChains ? options.itemShare : 1
    return (block.contains { timed[$0].isUnseen } ? 1.4 : 1) * share * options.budget
  }

  // MARK: Before the first sample

  /// Lets the clock rate settle and the libraries load their code.
  private mutating func warmUp() {
    let end = start + Seconds(min(0.3, options.budget.value / 20))
    repeat {
      for backend in machine.backends {
        machine.run(ReferenceClass.compute.kernel, backend: backend, calls: 1)
      }
    } while clock.now() < end
  }

  /// The library with the least geometric mean of its best times on the comparison kernels.
  private mutating func fastestBackend() -> String {
    var best = (name: machine.backends.first ?? "", logTime: Double.infinity)
    for backend in machine.backends where machine.backends.count > 1 {
      var product = 1.0
      for kernel in BenchPlan.comparison {
        var least = Double.infinity
        for _ in 0..<3 { least = min(least, time(kernel, backend, calls: 1).value) }
        product *= least
      }
      if product < best.logTime { best = (backend, product) }
    }
    return best.name
  }

  /// Runs every item once, unrecorded, to know how many calls fill a sample.
  private mutating func sized(_ plan: BenchPlan, isCancelled: () -> Bool) -> [TimedItem] {
    var timed: [TimedItem] = []
    for item in plan.items where !isCancelled() {
      let first = time(item.kernel, item.backend, calls: 1)
      let estimate = min(first, time(item.kernel, item.backend, calls: 1))
      timed.append(TimedItem(item, estimate: estimate, sampleTime: options.sampleTime))
    }
    return timed
  }

  // MARK: Samples

  private mutating func time(_ kernel: BenchKernel, _ backend: String, calls: Int) -> Seconds {
    let begin = clock.now()
    machine.run(kernel, backend: backend, calls: calls)
    return clock.now() - begin
  }

  private mutating func references(
    _ backend: String, _ classes: [ReferenceClass] = [.compute, .memory]
  ) -> [ReferenceClass: Double] {
    var times: [ReferenceClass: Double] = [:]
    for reference in classes {
      // The better of two: an interrupt is not a slow machine.
      let first = time(reference.kernel, backend, calls: 1)
      times[reference] = min(first, time(reference.kernel, backend, calls: 1)).value
    }
    return times
  }

  /// Cuts a round into blocks of about 40 ms, each between two reference timings.
  private func blocks(of order: [Int], _ timed: [TimedItem]) -> [[Int]] {
    var blocks: [[Int]] = []
    var filled = Seconds.zero
    for place in order {
      if blocks.isEmpty || filled > Seconds(0.04) {
        blocks.append([])
        filled = .zero
      }
      blocks[blocks.count - 1].append(place)
      filled += timed[place].cost
    }
    return blocks
  }

  private func cost(of block: [Int], _ timed: [TimedItem]) -> Seconds {
    block.reduce(.zero) { $0 + timed[$1].cost }
  }

  private mutating func sample(
    _ block: [Int], _ timed: [TimedItem], before: [ReferenceClass: Double], first: Int,
    _ session: BenchSession
  ) -> ([BenchSample], [ReferenceClass: Double]) {
    var samples: [BenchSample] = []
    for place in block {
      let item = timed[place].item
      let calls = timed[place].calls
      let begin = elapsed
      let spent = time(item.kernel, item.backend, calls: calls)
      samples.append(
        BenchSample(
          sequence: first + samples.count, item: item, calls: calls,
          seconds: spent.value / Double(calls), start: begin.value, referenceBefore: 0,
          referenceAfter: 0))
    }
    let after = references(session.backend)
    for index in samples.indices {
      let reference = ReferenceClass(of: samples[index].item.kernel)
      samples[index].referenceBefore = before[reference] ?? 0
      samples[index].referenceAfter = after[reference] ?? 0
    }
    return (samples, after)
  }
}
