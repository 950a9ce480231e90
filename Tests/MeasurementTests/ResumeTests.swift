import Measurement
import Quantities
import Testing

@Suite("A bench that was cut short goes on, and loses nothing")
struct ResumeTests {
  @Test("a resumed bench measures what is missing, behind the samples that it has")
  func resumes() throws {
    let first = FakeMachine(clock: FakeClock())
    var bench = try Bench(
      options: .quick, session: session(), machine: first, clock: first.clock)
    var sink = KeepingSink()
    _ = try bench.run(into: &sink, isCancelled: { first.clock.seconds > 1.3 })
    let kept = sink.samples
    #expect(kept.count > 100)

    let second = FakeMachine(clock: FakeClock())
    var again = try Bench(
      options: .quick, session: session(), machine: second, clock: second.clock)
    again.resume(backend: "openblas")
    let result = try again.run(into: &sink, resuming: kept)
    #expect(Array(sink.samples.prefix(kept.count)) == kept)
    #expect(result.samples == sink.samples)
    #expect(sink.samples.map(\.sequence) == Array(0..<sink.samples.count))
    #expect(!result.interrupted)
    let whole = try measure(FakeMachine(clock: FakeClock())).0
    #expect(result.samples.count - kept.count < whole.samples.count)
    #expect(Set(result.table.rows.map(\.item)) == Set(whole.table.rows.map(\.item)))
    #expect(abs(result.fit.products.perFlop / whole.fit.products.perFlop - 1) < 0.05)
    // Times go on where the earlier bench ended: the budget is one.
    let starts = sink.samples.map(\.start)
    #expect(starts == starts.sorted())
  }

  @Test("a budget that ends before every kernel had its turn still gives a fit")
  func starves() throws {
    var machine = FakeMachine(clock: FakeClock())
    // Forty times too slow for its budget.
    machine.slowness = { _ in 40 }
    var options = BenchOptions.quick
    options.budget = Seconds(1.0)
    let (result, _) = try measure(machine, options: options)
    let plan = BenchPlan.standard(
      quick: true, primary: "openblas", others: [], workers: 2, seed: 1)
    #expect(Set(result.table.rows.map(\.item)) == Set(plan.items))
    #expect(result.fit.callSeconds > 0)
  }

  @Test("the wall clock may jump: samples are timed by one that only moves forward")
  func monotonic() {
    let clock = SystemClock()
    var last = clock.now()
    for _ in 0..<10_000 {
      let now = clock.now()
      #expect(now >= last)
      last = now
    }
    // A stepping wall clock is `Date`; the bench's clock starts at zero, whatever the date is.
    #expect(last.value < 3600)
  }

  @Test("other programs' share of the processors is a share")
  func load() {
    let load = MachineLoad()
    var sum = 0.0
    for index in 0..<3_000_000 { sum += Double(index % 7) }
    #expect(sum > 0)
    if let others = load.others() { #expect(others >= 0 && others <= 1) }
  }
}
