import Foundation
import Testing

/// `foretrain explain` and `foretrain refit run` as a user meets them.
struct ExplainCommandTests {
  @Test func waterfallSumsToTheStep() throws {
    let binary = try Binary()
    let chart = binary.home.appending(path: "step.svg").path
    let result = try binary.run([
      "explain", "eva02-clip-b16", "--calibration", "lsa-itc", "--format", "json", "--chart", chart,
    ])
    #expect(result.status == 0, "\(result.errors)")
    #expect(try result.problems(with: "explain") == [])
    let json = try #require(result.json)
    let bars = try #require(json["waterfall"] as? [[String: Any]])
    let step = try #require((json["step_seconds"] as? [String: Any])?["typical"] as? Double)
    let sum = bars.reduce(0) { $0 + ($1["seconds"] as? Double ?? .nan) }
    #expect(abs(sum - step) < 1e-9 * step)
    let parts = try #require(json["memory"] as? [[String: Any]])
    let peak = try #require((json["memory_peak_bytes"] as? [String: Any])?["typical"] as? Double)
    let bytes = parts.reduce(0) { $0 + ($1["bytes"] as? Double ?? .nan) }
    #expect(abs(bytes - peak) < 1e-9 * peak)
    // Products at peak are pinned by the peak, and the profile says who published it.
    let pins = try #require(bars.first?["pinned_by"] as? [[String: Any]])
    #expect((pins.first?["input"] as? String)?.hasPrefix("hardware:accelerator.peak") == true)
    #expect(pins.first?["origin"] as? String == "published")
    let svg = try String(contentsOfFile: chart, encoding: .utf8)
    #expect(svg.hasPrefix("<svg") && svg.contains("</svg>"))
  }

  @Test func oneNumberNamesWhatItRestsOn() throws {
    let binary = try Binary()
    let result = try binary.run(["explain", "eva02-clip-b16", "cost_usd", "--format", "json"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(try result.problems(with: "explain") == [])
    let json = try #require(result.json)
    #expect(json["path"] as? String == "cost_usd.typical")
    #expect((json["formula"] as? String)?.contains("site.price") == true)
    let rests = try #require(json["rests_on"] as? [[String: Any]])
    let price = try #require(rests.first { $0["input"] as? String == "hardware:site.price" })
    #expect(abs((price["elasticity"] as? Double ?? 0) - 1) < 1e-9)
    #expect((price["source"] as? String)?.isEmpty == false)
  }

  @Test func unknownPathsNameNearOnes() throws {
    let binary = try Binary()
    let result = try binary.run(["explain", "eva02-clip-b16", "memory.peek_bytes"])
    #expect(result.status == 64)
    #expect(result.errors.contains("memory.peak_bytes"), "\(result.errors)")
    #expect(try binary.run(["explain", "12345"]).status == 64)
  }

  @Test func refitWritesAStackThatTheEstimateTakes() throws {
    let binary = try Binary()
    let examples = "Documentation/examples/measured-runs"
    let result = try binary.run(["refit", "run", examples + ".csv", "--format", "json"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(try result.problems(with: "refit-run") == [])
    let json = try #require(result.json)
    let summary = try #require(json["summary"] as? [String: Any])
    let before = try #require(summary["time_mean_abs_error_before"] as? Double)
    let after = try #require(summary["time_mean_abs_error_after"] as? Double)
    #expect(before > 0.1 && after < 0.3 * before)
    #expect(summary["time_mean_abs_error_left_out"] is Double)
    let files = try #require(json["files"] as? [String])
    #expect(!files.isEmpty)
    let refit = try binary.run([
      "estimate", "openclip-b16-laion400m", "--software", "open-clip-2021-refit", "--format",
      "json", "--set", "strategy.micro_batch=256", "--set", "workload.global_batch=45056",
    ])
    #expect(refit.status == 0, "\(refit.errors)")
    let steps = try #require(refit.json?["step_seconds"] as? [String: Any])
    // The run of that size took 0.98 s.
    #expect(abs((steps["typical"] as? Double ?? 0) / 0.98 - 1) < 0.05)
    let explained = try binary.run([
      "explain", "openclip-b16-laion400m", "step.factor", "--software", "open-clip-2021-refit",
      "--format", "json",
    ])
    #expect(explained.output.contains("foretrain refit run measured-runs.csv"), "\(explained)")
  }

  @Test func badRunFilesSayEverythingAtOnce() throws {
    let binary = try Binary()
    let file = try binary.file(
      "runs.csv", "scenario,step_time\nnowhere,1 s\nopenclip-b16-laion400m,soon\n")
    let result = try binary.run(["refit", "run", file])
    #expect(result.status == 65)
    #expect(result.errors.contains("runs.csv:2:1") && result.errors.contains("runs.csv:3:24"))
    let mixed = try binary.file(
      "mixed.csv", "scenario,step_time\nopenclip-b16-laion400m,1 s\neva02-clip-b16,1 s\n")
    let other = try binary.run(["refit", "run", mixed])
    #expect(other.status == 65 && other.errors.contains("mixed.csv:3:1"), "\(other.errors)")
    #expect(try binary.run(["refit", "run", "no-such.json"]).status == 66)
  }

  @Test func compareSaysInJSONWhyHardwareFails() throws {
    let binary = try Binary()
    let result = try binary.run([
      "compare", "eva-clip-18b", "--hardware", "rtx-3090:8", "--keep-strategy", "--format", "json",
    ])
    #expect(result.status == 2)
    let failed = try #require(result.json?["failed"] as? [[String: Any]])
    #expect(failed.first?["hardware"] as? String == "rtx-3090")
    #expect((failed.first?["reason"] as? String)?.isEmpty == false)
  }
}
