import Foundation
import Testing

@Suite("foretrain tradeoff")
struct TradeOffCommandTests {
  private let binary: Binary
  private let model: String

  init() throws {
    binary = try Binary()
    model = try binary.smallModel()
  }

  private func study(_ more: String...) -> [String] {
    [
      "tradeoff", "--model", model, "--hardware", "this-machine", "--micro-batch", "6",
      "--samples-seen", "18", "--attention", "flash", "--threads", "1", "--images", "64", "--seeds",
      "1", "--fixed", "0.4", "--methods", "none,lsa-itc", "--into", folder, "-q",
    ] + more
  }

  private var folder: String { binary.home.appending(path: "study").path }
  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
  }

  @Test("every run has its points, in a picture, a table and one object; ended runs are kept")
  func study() throws {
    let first = try binary.run(study("--format", "json"))
    #expect(first.status == 0, "\(first.errors)")
    #expect(try first.problems(with: "tradeoff") == [])
    let json = try #require(first.json)
    let runs = try #require(json["runs"] as? [[String: Any]])
    #expect(runs.map { $0["run"] as? String } == ["none", "lsa-itc", "lambda 0.4"])
    let counts = runs.map { ($0["points"] as? [[String: Any]])?.count }
    #expect(counts == [1, 6, 1])
    #expect(try text("tradeoff.svg").contains("lsa-itc, one model"))
    #expect(try text("tradeoff.csv").split(whereSeparator: \.isNewline).count == 9)
    let points = try text("points.csv")
    // Another method joins the study; the runs that are there are not made again.
    let more = try binary.run(study("--methods", "none,lsa-itc,oat"))
    #expect(more.status == 0, "\(more.errors)")
    #expect(try text("points.csv").hasPrefix(points))
    #expect(more.output.contains("oat"))
  }

  @Test("runs of other settings stand beside each other, lines that are none are named")
  func foreign() throws {
    #expect(try binary.run(study()).status == 0)
    let points = try text("points.csv")
    #expect(try binary.run(study("--steps", "2")).status == 0)
    let both = try text("points.csv")
    #expect(both.hasPrefix(points))
    #expect(both.split(separator: "\n").count == 2 * points.split(separator: "\n").count - 1)
    let path = folder + "/points.csv"
    let broken = both + "none,1,zero,0.5,0.5,64,key\nnone\n"
    try broken.write(toFile: path, atomically: true, encoding: .utf8)
    let damaged = try binary.run(study())
    #expect(damaged.status == 65)
    for line in [18, 19] { #expect(damaged.errors.contains("points.csv:\(line):")) }
    #expect(try text("points.csv") == broken)
  }

  @Test("a sweep over data without classes is refused before a step is run")
  func withoutClasses() throws {
    let result = try binary.run([
      "train", "--model", model, "--hardware", "this-machine", "--micro-batch", "6",
      "--samples-seen", "24", "--attention", "flash", "--sweep", "--training-data", "none.tar",
    ])
    #expect(result.status == 64)
    #expect(result.errors.contains("only the painted data set has classes"))
    #expect(!result.errors.contains("step 1"))
  }

  @Test("train --sweep and --profile add their keys, and tables")
  func afterTraining() throws {
    let words = [
      "train", "--model", model, "--hardware", "this-machine", "--micro-batch", "6",
      "--samples-seen", "24", "--attention", "flash", "--threads", "1", "--calibration", "lsa-itc",
      "--sweep", "--sweep-images", "64", "--profile", "-q",
    ]
    let result = try binary.run(words + ["--format", "json"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(try result.problems(with: "train") == [])
    let json = try #require(result.json)
    let sweep = try #require(json["sweep"] as? [[String: Double]])
    #expect(sweep.map { $0["lambda"] } == [0, 0.1, 0.2, 0.3, 0.4, 1])
    #expect(sweep.allSatisfy { ($0["clean_accuracy"] ?? -1) >= 0 && $0["images"] == 64 })
    let profile = try #require(json["profile"] as? [String: Any])
    let kinds = try #require(profile["kinds"] as? [[String: Any]])
    let names = Set(kinds.compactMap { $0["kind"] as? String })
    #expect(names.isSuperset(of: ["gemm", "attention", "normalization", "update"]))
    // What was timed, and what lies between, make up the step.
    let parts = kinds.reduce(0) { $0 + ($1["seconds"] as? Double ?? 0) }
    let whole = try #require(profile["step_seconds_mean"] as? Double)
    #expect(abs(parts / whole - 1) < 0.01)
    let table = try binary.run(words)
    #expect(table.output.contains("Where the time goes"))
    #expect(table.output.contains("attacked"))
  }
}
