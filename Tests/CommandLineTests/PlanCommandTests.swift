import Foundation
import Testing

struct PlanCommandTests {
  private let binary: Binary
  init() throws { binary = try Binary() }

  @Test func plansAreRankedAndRejectionsHaveReasons() throws {
    let json = try #require(
      try binary.run(["plan", "eva02-clip-e14-plus", "--format", "json", "-q"]).json)
    let plans = try #require(json["plans"] as? [[String: Any]])
    #expect(!plans.isEmpty)
    for plan in plans {
      #expect(plan["global_batch"] as? Int == 144_000)
      let memory = try #require(plan["memory"] as? [String: Any])
      #expect(memory["verdict"] as? String != "does_not_fit")
    }
    let rejected = try #require(json["rejected"] as? [[String: Any]])
    #expect(rejected.contains { $0["rule"] as? String == "memory" })
    #expect((json["searched"] as? Int ?? 0) >= 10_000)
    #expect(json["fixed"] is [String: Any])
    let prices = try #require(json["shadow_prices"] as? [[String: Any]])
    #expect(prices.contains { $0["resource"] as? String == "memory" })
  }

  @Test func lsaITCIsSetBesideEveryBaseline() throws {
    let result = try binary.run(
      ["plan", "eva02-clip-e14-plus", "--calibration", "lsa-itc", "--format", "json", "-q"])
    let plans = try #require(result.json?["plans"] as? [[String: Any]])
    let calibration = try #require(plans.first?["calibration"] as? [String: Any])
    let overhead = try #require(calibration["overhead"] as? [String: Any])
    for baseline in [
      "plain", "plain-replanned", "fixed-lambda", "fixed-lambda-matched", "adversarial-only",
      "one-run-per-lambda", "two-end-points",
    ] {
      let key = overhead.keys.first {
        $0.replacing("_", with: "-") == baseline
      }
      let entry = try #require(overhead[key ?? ""] as? [String: Any], "\(baseline)")
      let time = try #require(entry["time"] as? [String: Double])
      #expect((time["low"] ?? 9) <= (time["typical"] ?? 0))
      #expect((time["typical"] ?? 9) <= (time["high"] ?? 0))
    }
  }

  @Test func anImpossibleDeadlineExitsWithTwo() throws {
    let result = try binary.run(["plan", "eva02-clip-e14-plus", "--deadline", "1h", "-q"])
    #expect(result.status == 2)
    #expect(result.output.contains("deadline"))
  }

  @Test func nothingFitsIsAnAnswerWithTheBindingConstraint() throws {
    let result = try binary.run([
      "plan", "--model", "EVA-CLIP-18B", "--hardware", "rtx-3090", "--accelerators", "1",
      "--micro-batch", "8", "--format", "json",
    ])
    #expect(result.status == 2)
    #expect(result.errors.contains("memory"))
    #expect((result.json?["plans"] as? [Any])?.isEmpty == true)
  }
}
