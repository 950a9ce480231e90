import Quantities

/// Times the kernels of the compute core on a machine.
///
/// Every round visits the unfinished items in a new random order, so that a slow minute hits all
/// of them alike; between short blocks the reference kernels say whether the machine slowed down.
public struct Bench<Machine: BenchMachine, Clock: BenchClock> {
  /// How long and with what.
  public let options: BenchOptions
  /// What the samples share, but for the library, which is chosen at the start.
  public let session: BenchSession
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
  public mutating func run(
    into sink: inout some BenchSink, progress: (BenchProgress) -> Void = { _ in },
    isCancelled: () -> Bool = { false }
  ) throws -> BenchResult {
    start = clock.now()
    warmUp()
    var session = session
    session.backend = options.backend ?? fastestBackend()
    try sink.begin(session)
    let plan = BenchPlan.standard(
      quick: options.quick, primary: session.backend,
      others: machine.backends.filter { $0 != session.backend }, seed: options.seed)
    var timed = sized(plan, isCancelled: isCancelled)
    var samples: [BenchSample] = []
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
    return try BenchResult(
      session: session, samples: samples, judge: judge, elapsed: elapsed,
      interrupted: isCancelled())
  }

  private var elapsed: Seconds { clock.now() - start }

  /// When a block must have ended: on a busy machine the first round gets 40 % more, because
  /// without a sample of every item there is no fit at all.
  private func limit(of block: [Int], _ timed: [TimedItem]) -> Seconds {
    block.contains { timed[$0].isUnseen } ? 1.4 * options.budget : options.budget
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

  private mutating func references(_ backend: String) -> [ReferenceClass: Double] {
    var times: [ReferenceClass: Double] = [:]
    for reference in ReferenceClass.allCases {
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
