import Foundation
import PublishedCases
import Scenarios
import Testing

@Suite("Intervals of peak memory")
struct MemorySpreadsTests {
  private func rows(_ series: String, _ reading: String, _ ratios: [Double]) -> [MemoryRow] {
    ratios.map {
      MemoryRow(
        id: series, series: series, group: series + "/run", reading: reading, measured: 10 * $0,
        predicted: 10)
    }
  }

  /// By hand: three rows of the reading, no others: conformal places 0.05 4 - 1 and 0.95 4 - 1 lie
  /// beyond the ends, so both the reading's and the pool's quantiles are its outermost rows.
  @Test("few rows: the ends are the outermost")
  func outermost() throws {
    let spreads = MemorySpreads(rows("a", "device", [0.9, 1, 1.2])).byReading
    let device = try #require(spreads["device"])
    #expect(abs(device.low - 0.9) < 1e-12)
    #expect(abs(device.high - 1.2) < 1e-12)
    #expect(device.runs == 3)
  }

  /// By hand: 10 rows of weight 10 and a pool of the same 10 and 2 more: low is the mean, in
  /// logarithms, of own and common quantile with weights 2 and 10 for the reading with two rows.
  @Test("a reading with few rows is drawn to all readings")
  func drawn() throws {
    let all =
      rows("a", "device", [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]) + rows("b", "allocated", [0.5, 0.5])
    let allocated = try #require(MemorySpreads(all).byReading["allocated"])
    // 12 rows: place 0.05 13 - 1 lies before the first, so the pool's low end is 0.5 as well.
    #expect(abs(allocated.low - 0.5) < 1e-12)
    // High: own 0.5 (weight 2), common 1 (weight 10); never below the prediction's own 2 %.
    #expect(abs(allocated.high - max(1.02, exp((2 * log(0.5) + 10 * log(1.0)) / 12))) < 1e-12)
  }

  @Test("an unknown series is at least as uncertain, and each known one counts once")
  func unseen() throws {
    let many = rows("many", "device", [Double](repeating: 1, count: 60))
    let spread = try #require(
      MemorySpreads(many + rows("one", "device", [1.3])).byReading["device"])
    // 61 rows hide a single one; two series do not.
    #expect(spread.high < 1.1)
    #expect(abs(spread.unseenHigh - 1.3) < 1e-12)
    #expect(spread.unseenLow <= spread.low)
  }

  /// By hand: a's 0.97 lies below b's 0.98, its 1.03 below far's 1.5; b lies within a; far is beyond all.
  @Test("left out: a series is judged by what the others say")
  func leftOut() {
    let near = rows("a", "device", [0.97, 1.03]) + rows("b", "device", [0.98, 1.02])
    let found = MemorySpreads(near + rows("far", "device", [1.5])).leftOut
    #expect(found.all == 5)
    #expect(found.inside == 3)
  }

  @Test("without a peak there is no interval")
  func empty() {
    #expect(MemorySpreads([]).byReading.isEmpty)
    #expect(MemorySpreads([]).leftOut.all == 0)
  }
}
