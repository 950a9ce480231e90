import Clusters
import Measurement
import Quantities
import Testing

@Suite("The profile of this machine, and what it rests on")
struct ProfileTests {
  @Test("what was measured says so; what was not is assumed or unknown")
  func origins() throws {
    let (result, _) = try measure(FakeMachine(clock: FakeClock()))
    var session = result.session
    session.residentBytes = 50_000_000
    let profile = MachineProfile.profile(from: result.fit, session: session)
    #expect(profile.id == "this-machine")
    #expect(profile.asOf == "2026-01-02")
    #expect(profile.accelerator.peak[.fp32]?.value.value == result.fit.peak)
    #expect(profile.accelerator.peak[.fp32]?.origin == .measured)
    #expect(profile.accelerator.peak[.bf16] == nil)
    #expect(profile.accelerator.memory.value == Bytes(8e9))
    #expect(profile.accelerator.memoryContext.value == Bytes(5e7))
    #expect(profile.accelerator.powerTraining == nil)
    #expect(profile.site.price == nil)
    #expect(profile.efficiency.gemm.origin == .measured)
    #expect(profile.efficiency.memoryBound.softmax.origin == .measured)
    #expect(profile.efficiency.attention.isEmpty)
    #expect(profile.node.accelerators.value == 1)
    #expect(profile.network.busBandwidth.origin == .assumed)
    #expect(profile.site.restart.origin == .assumed)
    #expect(profile.sources.keys.sorted() == ["bench", "judgement"])
    guard case .linear(let law) = profile.efficiency.gemm.value else {
      Issue.record("the products follow no linear law")
      return
    }
    #expect(law.perFlop == result.fit.products.perFlop)
    #expect(law.measured.lowerBound >= 1e6 && law.measured.upperBound <= 3e9)
  }

  @Test("a fingerprint's id is stable, ignores a few pages of memory, and nothing else")
  func fingerprints() {
    #expect(fingerprint.id == fingerprint.id)
    #expect(fingerprint.id.count == 16)
    var other = fingerprint
    other.memoryBytes += 1 << 20
    #expect(other.id == fingerprint.id)
    other.memoryBytes = 16_000_000_000
    #expect(other.id != fingerprint.id)
    other = fingerprint
    other.cores = 4
    #expect(other.id != fingerprint.id)
    other = fingerprint
    other.processor = "Test CPU 2"
    #expect(other.id != fingerprint.id)
  }

  @Test("this machine can be read")
  func current() {
    let machine = MachineFingerprint.current()
    #expect(machine.cores >= 1)
    #expect(machine.memoryBytes > 100_000_000)
    #expect(!machine.processor.isEmpty && !machine.operatingSystem.isEmpty)
    #expect(machine.id == MachineFingerprint.current().id)
    #expect((MachineFingerprint.residentBytes() ?? 0) > 1_000_000)
  }

  @Test("the table has one row per item, in a fixed order, with rates")
  func table() throws {
    let (result, _) = try measure(FakeMachine(clock: FakeClock()))
    let plan = BenchPlan.standard(
      quick: true, primary: "openblas", others: [], workers: 2, seed: 1)
    #expect(result.table.rows.count == plan.items.count)
    #expect(Set(result.table.rows.map(\.item)) == Set(plan.items))
    let lines = result.table.columns
    #expect(lines.allSatisfy { $0.count == 9 })
    #expect(lines[1][0] == "empty call" && lines[1][6] == "-")
    let square = lines.first { $0[2] == "1024x1024x1024" }
    #expect(square?[6].hasSuffix("GFLOP/s") == true)
    #expect(lines.last?[6].hasSuffix("GB/s") == true)
  }

  @Test("a plan has no item twice, and learns from no shape that it is judged by")
  func plans() {
    for quick in [true, false] {
      for seed in UInt64(1)...20 {
        let plan = BenchPlan.standard(quick: quick, primary: "a", others: ["b"], seed: seed)
        #expect(Set(plan.items).count == plan.items.count)
        let learned = Set(plan.items.filter { $0.role == .fit }.map(\.kernel))
        let judged = Set(plan.items.filter { $0.role == .heldOut }.map(\.kernel))
        #expect(learned.isDisjoint(with: judged))
        #expect(judged.count == 28)
      }
    }
  }
}

@Suite("Order statistics")
struct SampleStatisticsTests {
  @Test("weighted quantiles: half of the weight lies below the middle one")
  func weighted() throws {
    let values: [(value: Double, weight: Double)] = [(3, 2), (1, 1), (9, 0), (2, 1)]
    #expect(SampleStatistics.quantile(0, of: values) == 1)
    #expect(SampleStatistics.quantile(0.25, of: values) == 1)
    #expect(SampleStatistics.quantile(0.5, of: values) == 2)
    #expect(SampleStatistics.quantile(0.51, of: values) == 3)
    #expect(SampleStatistics.quantile(1, of: values) == 3)
    #expect(SampleStatistics.quantile(0.5, of: [(5, 0)]) == nil)
    // One long chain outweighs ten short ones that are off by a factor.
    let short = (0..<10).map { _ in (value: 4.0, weight: 0.001) }
    #expect(SampleStatistics.quantile(0.95, of: short + [(1, 1)]) == 1)
  }

  @Test("median, deviation and quantiles by hand")
  func byHand() throws {
    let statistics = try #require(SampleStatistics([5, 1, 2, 3, 100]))
    #expect(statistics.count == 5)
    #expect(statistics.median == 3)
    // Distances 2, 1, 0, 2, 97: median 2.
    #expect(statistics.deviation == 2 * 1.4826)
    #expect(abs(statistics.low - 1.2) < 1e-12)
    #expect(abs(statistics.high - 81) < 1e-12)
    #expect(SampleStatistics([]) == nil)
    #expect(SampleStatistics([1, 1])?.relativeHalfInterval == .infinity)
    #expect(SampleStatistics([1, 1, 1])?.relativeHalfInterval == 0)
  }

  @Test("the interval of the median covers the truth about nine times out of ten")
  func coverage() {
    var random = SeededGenerator(seed: 3)
    var covered = 0
    for _ in 0..<2000 {
      let samples = (0..<25).map { _ in
        100 + (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0...1, using: &random) }
      }
      guard let statistics = SampleStatistics(samples) else { continue }
      let half = statistics.relativeHalfInterval * statistics.median
      if abs(statistics.median - 100) <= half { covered += 1 }
    }
    // The deviation of 25 samples is itself uncertain: 0.87 is expected, not 0.90.
    #expect(covered > 1660 && covered < 1880)
  }
}
