import Clusters
import CostModel
import Quantities
import TestSupport
import Testing
import Workloads

/// Matrix products against vectors computed independently from the same published constants.
struct ProductTimeTests {
  private func pricer() -> ProductTime {
    let profile = SampleHardware.a100(memoryGiB: 39.39)
    return ProductTime(
      curve: profile.efficiency.gemm.value, peak: [2: 312e12, 4: 156e12], bandwidth: 1555e9,
      multiprocessors: 108)
  }

  /// Shapes of CLIP towers on A100-40GB: microseconds.
  @Test(arguments: [
    (24672, 3072, 1024, 728.268), (24672, 1024, 1024, 248.517), (24672, 4096, 1024, 968.143),
    (24672, 1024, 4096, 920.097), (37824, 2304, 768, 644.461), (37824, 3072, 768, 857.039),
    (12800, 3072, 768, 295.24), (16448, 5120, 1280, 992.074), (16448, 4224, 1408, 894.703),
    (16448, 6144, 1408, 1300.288), (7392, 3072, 768, 171.561),
  ])
  func towerShapes(m: Int, n: Int, k: Int, microseconds: Double) {
    let seconds = pricer().seconds(GEMMShape(m: m, n: n, k: k), bytes: 2)
    #expect(abs(seconds * 1e6 / microseconds - 1) < 1e-3)
  }

  @Test func misalignedColumnsAreSlower() {
    let aligned = pricer().seconds(GEMMShape(m: 1024, n: 2144, k: 1024), bytes: 2)
    let odd = pricer().seconds(GEMMShape(m: 1024, n: 2145, k: 1024), bytes: 2)
    #expect(odd > 1.2 * aligned)
  }

  @Test func aBatchedProductFillsTheDeviceBetterThanItsParts() {
    let one = pricer().seconds(GEMMShape(m: 256, n: 64, k: 64), bytes: 2)
    let many = pricer().seconds(GEMMShape(m: 256, n: 64, k: 64, count: 1000), bytes: 2)
    #expect(many > one)
    #expect(many < 1000 * one / 10)
  }

  @Test func linearLawIsItsFormula() {
    let law = GEMMCurve.LinearLaw(
      launch: Seconds(1e-6), perFlop: 1e-11, perByte: 1e-10, perOutput: 1e-9, measured: 1...1e12)
    let time = ProductTime(
      curve: .linear(law), peak: [4: 1e11], bandwidth: 1e10, multiprocessors: 2)
    // 12,000 FLOP, 1,100 elements of 4 bytes, 200 outputs.
    let expected: Double = 1e-6 + 1.2e-7 + 4.4e-7 + 2e-7
    #expect(abs(time.seconds(GEMMShape(m: 10, n: 20, k: 30), bytes: 4) - expected) < 1e-15)
  }

  @Test func plateauIsItsFormula() {
    let plateau = GEMMCurve.Plateau(
      efficiency: 0.7, halfK: 100, launch: Seconds(2e-6), memoryFloor: 0.8)
    let time = ProductTime(
      curve: .plateau(plateau), peak: [2: 100e12], bandwidth: 1e12, multiprocessors: 80)
    let flops = 2.0 * 4096 * 4096 * 1024
    let expected = 2e-6 + flops * (1 + 100.0 / 1024) / 70e12
    let seconds = time.seconds(GEMMShape(m: 4096, n: 4096, k: 1024), bytes: 2)
    #expect(abs(seconds / expected - 1) < 1e-12)
  }
}
