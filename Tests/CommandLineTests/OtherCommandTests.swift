import Foundation
import Testing

struct OtherCommandTests {
  private let binary: Binary
  init() throws { binary = try Binary() }

  @Test func compareReplansOnEveryProfile() throws {
    let result = try binary.run([
      "compare", "scenarios/eva02-clip-e14-plus.yaml", "--hardware",
      "a100-40gb-sxm-juwels,a100-80gb-sxm-dgx,h100-80gb-sxm-dgx", "--format", "json", "-q",
    ])
    let estimates = try #require(result.json?["estimates"] as? [[String: Any]])
    #expect(
      estimates.compactMap { $0["hardware"] as? String }
        == ["a100-40gb-sxm-juwels", "a100-80gb-sxm-dgx", "h100-80gb-sxm-dgx"])
    #expect(estimates.allSatisfy { $0["global_batch"] as? Int == 144_000 })
    let best = try #require(result.json?["best"] as? [String: Any])
    #expect("\(best["time"] ?? "")".contains("h100"))
  }

  @Test func findMaxMicroBatch() throws {
    func largest(_ method: String) throws -> Int {
      let result = try binary.run([
        "find", "max-micro-batch", "eva02-clip-e14-plus", "--calibration", method, "--format",
        "json",
      ])
      #expect(result.status == 0)
      return try #require(result.json?["answer"] as? Int)
    }
    // Worked by hand: about 900 with both branches live, more than 1000 one after the other.
    let together = try largest("lsa-itc")
    #expect(abs(Double(together) - 900) < 60)
    let sequential = try largest("lsa-itc-sequential")
    #expect(sequential > 1000)
  }

  @Test func aReportIsWrittenWhole() throws {
    let folder = binary.home.appending(path: "report").path
    let result = try binary.run([
      "report", "openclip-b16-laion400m", "--calibration", "lsa-itc", "-o", folder, "-q",
    ])
    #expect(result.status == 0)
    let html = try String(
      decoding: Data(contentsOf: URL(filePath: folder + "/report.html")), as: UTF8.self)
    #expect(html.contains("<svg"))
    #expect(html.contains("not validated on GPU"))
    #expect(!html.contains(folder))
    for name in ["report.md", "report.json", "memory.csv", "step-time.csv"] {
      #expect(FileManager.default.fileExists(atPath: folder + "/" + name), "\(name)")
    }
  }

  @Test func aReportIntoAFileIsRefusedAndLeavesIt() throws {
    let file = try binary.file("occupied", "mine")
    let result = try binary.run(["report", "openclip-b16-laion400m", "-o", file, "-q"])
    #expect(result.status == 1)
    #expect(try String(decoding: Data(contentsOf: URL(filePath: file)), as: UTF8.self) == "mine")
  }

  @Test(arguments: ["hardware", "models", "methods", "scenarios", "stacks"])
  func listsAreNotEmpty(kind: String) throws {
    let result = try binary.run(["list", kind, "--format", "json"])
    #expect(result.status == 0)
    let rows = try #require(result.json?[kind] as? [[String: Any]])
    #expect(rows.count >= 9)
    #expect(rows.allSatisfy { $0["id"] is String })
  }

  @Test(arguments: [
    "a100-40gb-sxm-juwels", "EVA02-E-14-plus", "lsa-itc", "eva02-clip-b16", "open-clip-2021",
  ])
  func showKnowsEveryKind(id: String) throws {
    let result = try binary.run(["show", id])
    #expect(result.status == 0)
    #expect(result.output.contains(id))
  }

  @Test func benchMeasuresStoresAndIsUsed() throws {
    let bench = try binary.run(["bench", "--quick", "--budget", "3"])
    #expect(bench.status == 0, "\(bench.errors)")
    #expect(bench.output.contains("openblas"))
    let profile = binary.home.appending(path: "data/foretrain/this-machine.yaml").path
    #expect(FileManager.default.fileExists(atPath: profile))
    let estimate = try binary.run(["estimate", "tiny-clip", "--format", "json"])
    #expect(estimate.status == 0, "\(estimate.errors)")
    let assumptions = try #require(estimate.json?["assumptions"] as? [[String: Any]])
    let curve = try #require(assumptions.first { $0["key"] as? String == "efficiency.gemm" })
    #expect(curve["origin"] as? String == "measured")
    // Fused attention has a law of its own now.
    let peer = try binary.run(["estimate", "peer-tiny-clip", "--format", "json"])
    #expect(peer.status == 0, "\(peer.errors)")
    let sessions = try binary.run(["bench", "--sessions", "--format", "json"])
    #expect((sessions.json?["sessions"] as? [[String: Any]])?.count == 1)
    let samples = try binary.run(["bench", "--export", "csv"])
    #expect(samples.status == 0)
    #expect(samples.output.split(separator: "\r\n").count > 100)
    let comparison = try binary.run(["bench", "--compare", "1", "1", "--format", "json"])
    let rows = try #require(comparison.json?["comparison"] as? [[String: Any]])
    #expect(rows.allSatisfy { $0["ratio"] as? Double == 1 })
    #expect(try binary.run(["bench", "--compare", "1", "7"]).status == 64)
    let runs = try binary.run(
      ["validate", "runs", "--only", "w128-d2", "--steps", "3", "--format", "json"])
    #expect(runs.status == 0, "\(runs.errors)")
    #expect(try runs.problems(with: "validate-runs") == [])
    let summary = try #require(runs.json?["summary"] as? [String: Any])
    #expect(summary["n"] as? Int == 1)
    #expect(summary["memory_max_abs_error"] as? Double ?? 1 < 0.01)
    let run = try #require((runs.json?["runs"] as? [[String: Any]])?.first)
    #expect(run["kernels_match"] as? Bool == true)
    #expect((run["prediction_hash"] as? String)?.hasPrefix("fnv1a:") == true)
  }

  @Test func helpTeaches() throws {
    let help = try binary.run(["help", "plan"])
    #expect(help.status == 0)
    #expect(help.output.contains("foretrain plan eva02-clip-e14-plus"))
    #expect(try binary.run(["--version"]).output.contains("0."))
  }
}
