import Measurement
import Quantities
import Testing
import TrainingCore
import Workloads

@Suite("The bench on a machine whose speed is known")
struct BenchTests {
  @Test("the law comes back from noisy samples with outliers")
  func recoversLaw() throws {
    var machine = FakeMachine(clock: FakeClock())
    machine.outliers = 0.1
    let (result, _) = try measure(machine)
    let products = result.fit.products
    // The linear program's optimum of medians with 1 % noise; collinear terms share their error.
    #expect(abs(products.perFlop / machine.perFlop - 1) < 0.05)
    #expect(products.heldOutError < 0.01)
    #expect(products.heldOutError90 < 0.03)
    #expect(abs(products.heldOutBias) < 0.01)
    #expect(products.heldOutCount == 28)
    #expect(products.ratioLow <= 1 && products.ratioHigh >= 1)
    #expect(abs(result.fit.callSeconds / 1e-6 - 1) < 0.02)
    // AdamW runs at 1.5 times the copy's rate, so it defines the bandwidth.
    #expect(abs(result.fit.memory.bandwidth / 3e10 - 1) < 0.02)
    #expect(abs(result.fit.memory.copyBandwidth / 2e10 - 1) < 0.02)
    #expect(abs(result.fit.memory.elementwise.typical * 1.5 - 1) < 0.02)
    #expect(abs(result.fit.memory.softmax.typical * 3 - 1) < 0.02)
    #expect(result.fit.memory.optimizer.typical <= 1)
  }

  @Test("a quick pass ends by itself, before its budget, once every interval is tight")
  func endsWhenTight() throws {
    let machine = FakeMachine(clock: FakeClock())
    let (result, sink) = try measure(machine)
    #expect(result.elapsed < BenchOptions.quick.budget)
    #expect(!result.interrupted)
    #expect(result.warnings.isEmpty)
    #expect(result.disturbance < 1.05)
    for row in result.table.rows {
      #expect(row.seconds.relativeHalfInterval <= BenchOptions.quick.tightness)
    }
    #expect(sink.samples == result.samples)
    #expect(sink.batches > 10)
  }

  @Test("a noisy machine is measured until the budget ends, and not longer")
  func endsWithBudget() throws {
    var machine = FakeMachine(clock: FakeClock())
    machine.noise = 0.5
    var options = BenchOptions.quick
    options.budget = Seconds(5.0)
    let (result, _) = try measure(machine, options: options)
    #expect(result.elapsed.value > 4.5 && result.elapsed.value < 5.2)
    let memory = result.fit.memory
    for share in [memory.elementwise, memory.normalization, memory.softmax, memory.optimizer] {
      #expect(0 < share.low && share.low <= share.typical)
      #expect(share.typical <= share.high && share.high <= 1)
    }
  }

  @Test("samples taken while the machine was slow do not count")
  func rejectsDrift() throws {
    var machine = FakeMachine(clock: FakeClock())
    // Twice as slow for a second, early in the bench.
    machine.slowness = { $0 > 1.2 && $0 < 2.2 ? 2 : 1 }
    let (result, _) = try measure(machine)
    let rejected = result.table.rows.reduce(0) { $0 + $1.rejected }
    #expect(rejected > 10)
    #expect(result.disturbance > 1)
    for row in result.table.rows {
      let truth = machine.law(row.item.kernel)
      #expect(abs(row.seconds.median / truth - 1) < 0.02, "\(row.item.kernel)")
    }
  }

  @Test("a machine that is busy half of the time is called busy")
  func warnsWhenBusy() throws {
    var machine = FakeMachine(clock: FakeClock())
    machine.slowness = { Int($0 * 10).isMultiple(of: 2) ? 1.6 : 1 }
    let (result, _) = try measure(machine)
    #expect(result.disturbance > 1.4)
    #expect(result.warnings.contains { $0.hasPrefix("The machine was busy") })
  }

  @Test("where most samples were slow, they count after correction, and say so")
  func correctsDrift() {
    let item = BenchItem(.emptyCall, role: .fit)
    let other = BenchItem(
      .product(m: 8, n: 8, k: 8, count: 1, left: .no, right: .no), backend: "b", role: .fit)
    func sample(_ item: BenchItem, _ seconds: Double, reference: Double) -> BenchSample {
      BenchSample(
        sequence: 0, item: item, calls: 1, seconds: seconds, start: 0,
        referenceBefore: reference, referenceAfter: reference)
    }
    let samples =
      (0..<6).map { _ in sample(other, 1, reference: 1) }
      + [
        sample(item, 5, reference: 1), sample(item, 10, reference: 2),
        sample(item, 10, reference: 2), sample(item, 40, reference: 8),
      ]
    let verdicts = DriftJudge().judge(samples)
    #expect(verdicts.map(\.item) == [other, item])
    #expect(verdicts[0].seconds.count == 6 && verdicts[0].rejected == 0)
    #expect(verdicts[1].seconds == [5, 5, 5])
    #expect(verdicts[1].corrected == 2)
    #expect(verdicts[1].rejected == 1)
  }

  @Test("chains are held against the block; those timed far from its median count where all are")
  func prefersSteadyChains() {
    func sample(_ kernels: Int, _ seconds: Double, reference: Double) -> BenchSample {
      BenchSample(
        sequence: 0,
        item: BenchItem(.inChain(.host(kernels: kernels)), backend: "b", role: .fit), calls: 1,
        seconds: seconds, start: 0, referenceBefore: reference, referenceAfter: reference)
    }
    let verdicts = DriftJudge().judge([
      sample(1, 3, reference: 1), sample(1, 5, reference: 1.25), sample(1, 3.3, reference: 1.05),
      sample(2, 5, reference: 1.25), sample(3, 2, reference: 1), sample(3, 9, reference: 4),
      sample(3, 2, reference: 1),
    ])
    // The median of the reference is 1.05: the second timing of the first is 19 % away.
    #expect(verdicts.map(\.seconds.count) == [2, 1, 2])
    #expect(verdicts.map(\.corrected) == [0, 1, 0])
    #expect(verdicts.map(\.rejected) == [1, 0, 1])
    #expect(abs(verdicts[1].seconds[0] - 5 / (1.25 / 1.05)) < 1e-12)
  }

  @Test("the fastest library is fitted; the others are compared")
  func choosesLibrary() throws {
    var machine = FakeMachine(backends: ["openblas", "onednn"], clock: FakeClock())
    machine.speed = ["onednn": 2]
    let (result, sink) = try measure(machine)
    #expect(sink.session?.backend == "onednn")
    #expect(result.fit.backend == "onednn")
    #expect(abs(result.fit.products.perFlop / (machine.perFlop / 2) - 1) < 0.05)
    let libraries = Set(result.fit.comparison.map(\.backend))
    #expect(libraries == ["openblas", "onednn"])
    var options = BenchOptions.quick
    options.backend = "openblas"
    let (forced, _) = try measure(machine, options: options)
    #expect(forced.fit.backend == "openblas")
  }

  @Test("equal seeds give equal plans and orders, other seeds others")
  func repeatable() throws {
    let first = try measure(FakeMachine(clock: FakeClock())).1.samples
    let second = try measure(FakeMachine(clock: FakeClock())).1.samples
    #expect(first == second)
    var options = BenchOptions.quick
    options.seed = 2
    let third = try measure(FakeMachine(clock: FakeClock()), options: options).1.samples
    #expect(first.map(\.item) != third.map(\.item))
  }

  @Test("what was measured before an interruption is in the sink")
  func interruption() throws {
    let machine = FakeMachine(clock: FakeClock())
    let clock = machine.clock
    var bench = try Bench(
      options: .quick, session: session(), machine: machine, clock: clock)
    var sink = KeepingSink()
    #expect(throws: BenchError.self) {
      // So early that no fit is possible.
      _ = try bench.run(into: &sink, isCancelled: { clock.seconds > 0.85 }).elapsed
    }
    #expect(!sink.samples.isEmpty)
    #expect(sink.samples.map(\.sequence) == Array(0..<sink.samples.count))

    let late = FakeMachine(clock: FakeClock())
    let (result, kept) = try measure(late, isCancelled: { late.clock.seconds > 1.3 })
    #expect(result.interrupted)
    #expect(result.samples == kept.samples)
    let again = try BenchResult(
      session: result.session, samples: kept.samples, elapsed: result.elapsed, interrupted: true)
    #expect(again == result)
  }

  @Test("impossible options are errors that say what is possible")
  func options() {
    let machine = FakeMachine(clock: FakeClock())
    var options = BenchOptions.quick
    options.backend = "mkl"
    #expect(throws: BenchError.unknownBackend("mkl", available: ["openblas"])) {
      try Bench(options: options, session: session(), machine: machine, clock: machine.clock)
    }
    options = .quick
    options.budget = Seconds(0.5)
    #expect(throws: BenchError.budget(Seconds(0.5))) {
      try Bench(options: options, session: session(), machine: machine, clock: machine.clock)
    }
    options = .quick
    options.threads = 100_000
    #expect(throws: BenchError.self) { try ThisMachine.bench(options: options) }
  }
}
