import Clusters
import CostModel
import Planning
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

struct ComparerTests {
  private let scenario = SampleScenario.make(
    SampleModels.tiny, memoryGiB: 39.39, ranks: 2, globalBatch: 4096, microBatch: 2048)

  private func profile(_ id: String, price: Double?, speed: Double = 1) -> HardwareProfile {
    var profile = SampleHardware.a100(memoryGiB: 39.39, id: id)
    profile.site.price = price.map {
      Sourced(USDollarsPerAcceleratorHour($0), origin: .assumed, source: "sample")
    }
    profile.accelerator.memoryBandwidth = profile.accelerator.memoryBandwidth.map { $0 * speed }
    return profile
  }

  @Test func everyProfileIsPlannedAtTheSameGlobalBatch() throws {
    let comparison = Comparer(scenario).compare([
      Cluster(profile: profile("cheap", price: 1), accelerators: 8),
      Cluster(profile: profile("fast", price: 10, speed: 3), accelerators: 8),
    ])
    #expect(comparison.estimates.map(\.globalBatch) == [4096, 4096])
    #expect(comparison.best.time == "fast")
    #expect(comparison.best.cost == "cheap")
    let fast = try #require(comparison.breakEven.first { $0.hardware == "fast" })
    let cheap = try #require(comparison.estimates.first?.cost?.typical.value)
    let hours = try #require(comparison.estimates.last?.billedAcceleratorHours.value)
    #expect(abs(fast.price - cheap / hours) < 1e-9)
    #expect(abs(fast.ratio - fast.price / 1) < 1e-9)
  }

  @Test func anImpossibleCountHasAReason() {
    let comparison = Comparer(scenario).compare([
      Cluster(profile: profile("odd", price: 1), accelerators: 3)
    ])
    #expect(comparison.estimates.isEmpty)
    #expect(comparison.entries.first?.reason?.contains("4096") == true)
  }

  @Test func withoutBfloat16UnitsHalfPrecisionIsUsed() throws {
    var old = profile("old", price: 1)
    old.accelerator.peak[.bf16] = nil
    let comparison = Comparer(scenario).compare([Cluster(profile: old, accelerators: 2)])
    let estimate = try #require(comparison.estimates.first)
    #expect(estimate.strategy.precision == .ampFP16)
  }
}
