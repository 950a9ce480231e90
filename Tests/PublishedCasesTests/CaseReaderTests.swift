import Foundation
import PublishedCases
import Scenarios
import Testing

struct CaseReaderTests {
  static let line = """
    {"id": "a", "group": "s/r", "grade": "A", "source": "x", "workload": {"family": "causal-lm", \
    "model": "m", "language_model": {"width": 64, "depth": 2, "heads": 4, "mlp_width": 256, \
    "tokens": 32, "vocabulary": 100}}, "hardware": {"accelerator": "a100-80gb-sxm", "count": 8, \
    "per_node": 8}, "strategy": {"micro_batch": 2, "data_parallel": 8, "precision": "amp-bf16", \
    "software": "megatron"}, "assumed": [], "measured": [{"kind": "step_seconds", "value": 1.5, \
    "bound": "exact"}], "notes": "caf\\u00e9 \\ud83d\\ude00"}
    """

  private func read(_ text: String) throws -> [PublishedCase] {
    try CaseReader.read(SourceFile(name: "c.jsonl", text: text))
  }

  @Test func aLineIsACase() throws {
    let cases = try read(Self.line + "\n\n" + Self.line + "\n")
    #expect(cases.count == 2)
    #expect(cases.map(\.line) == [1, 3])
    let first = try #require(cases.first)
    #expect(first.series == "s")
    #expect(first.notes == "café 😀")
    #expect(first.strategy.accumulation == 1)
    #expect(
      first.measured == [
        CaseMeasurement(kind: .stepSeconds, value: 1.5, bound: .exact, basis: nil)
      ])
  }

  @Test func unknownKeysAreToldAndChangeNothing() throws {
    let odd = Self.line.replacing("\"per_node\": 8", with: "\"per_node\": 8, \"rack\": 3")
    let cases = try read(odd)
    #expect(cases.first?.unknownKeys == ["hardware.rack"])
  }

  @Test(
    arguments: [
      ("\"width\": 64", "\"width\": 0", "workload.language_model.width"),
      ("\"width\": 64, ", "", "workload.language_model.width"),
      ("\"value\": 1.5", "\"value\": -1", "value"),
      ("\"kind\": \"step_seconds\"", "\"kind\": \"step_secnds\"", "step_secnds"),
      ("\"count\": 8", "\"count\": \"many\"", "hardware.count"),
      ("\"micro_batch\": 2,", "\"micro_batch\": 2,,", "JSON"),
      (
        "\"micro_batch\": 2, \"data_parallel\": 8",
        "\"micro_batch\": 10000000, \"accumulation\": 10000000, \"data_parallel\": 10000000",
        "samples a step"
      ),
      (
        "\"data_parallel\": 8",
        "\"data_parallel\": 10000000, \"tensor_parallel\": 10000000, \"pipeline_parallel\": 10000000",
        "accelerators"
      ),
    ])
  func wrongValuesAreErrorsWithLineAndKey(_ good: String, _ bad: String, _ key: String) throws {
    let text = Self.line + "\n" + Self.line.replacing(good, with: bad) + "\n"
    let errors = try #require(throws: FileErrors.self) { try read(text) }
    let first = try #require(errors.diagnostics.first)
    #expect(first.location.line == 2)
    #expect("\(first)".hasPrefix("c.jsonl:2:"))
    #expect(first.message.contains(key))
  }

  @Test func allLinesAreCheckedInOnePass() throws {
    let bad = Self.line.replacing("\"depth\": 2", with: "\"depth\": 0")
    let errors = try #require(throws: FileErrors.self) { try read(bad + "\n" + bad) }
    #expect(errors.diagnostics.map(\.location.line) == [1, 2])
  }
}
