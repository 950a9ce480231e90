import Measurement
import Quantities
import Testing
import TrainingCore

@Suite("The real core as a machine to measure")
struct CoreMachineTests {
  @Test("every kernel of every plan runs on every library")
  func runsEverything() {
    let found = GEMMBackends.available()
    var machine = CoreMachine(backends: found, workers: Workers(count: 2))
    #expect(machine.backends == found.map(\.name))
    let plan = BenchPlan.standard(
      quick: true, primary: "openblas", others: Array(machine.backends.dropFirst()), workers: 2,
      seed: 1)
    let clock = SystemClock()
    for item in plan.items {
      let before = clock.now()
      machine.run(item.kernel, backend: item.backend, calls: 2)
      #expect(clock.now() > before, "\(item.kernel)")
    }
  }

  @Test("a short real bench gives a positive law and a sane peak")
  func realBench() throws {
    var bench = try ThisMachine.bench(options: .quick)
    var sink = KeepingSink()
    let result = try bench.run(into: &sink)
    #expect(result.fit.products.perFlop > 0)
    #expect(result.fit.peak > 1e8)
    #expect(result.fit.memory.bandwidth > 1e8)
    #expect(sink.session?.libraries["openblas"]?.hasPrefix("OpenBLAS") == true)
    // The peak is a rate that was reached, so no product of the fitted library is faster.
    let rates = result.table.isolated.filter {
      $0.item.backend == result.fit.backend
    }
    .compactMap { $0.flopRate?.value }
    #expect(rates.allSatisfy { $0 <= result.fit.peak })
  }
}
