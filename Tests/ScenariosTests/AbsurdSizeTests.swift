import Scenarios
import Testing

@Suite("Absurd sizes")
struct AbsurdSizeTests {
  /// A scenario of the project under `--set` flags; nil where it is read, else the message.
  private static func refusal(_ settings: String...) throws -> String? {
    var overrides = ScenarioOverrides()
    overrides.model = "ViT-L-14"
    overrides.hardware = "rtx-3090"
    overrides.accelerators = 4
    overrides.set = settings
    do {
      _ = try ProjectData.loader().load(nil, overrides: overrides)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test("batches whose bytes no integer counts are refused, with the most that can be")
  func batches() throws {
    for setting in ["workload.global_batch=1099511627776", "strategy.micro_batch=1073741824"] {
      let message = try #require(try Self.refusal(setting))
      #expect(message.contains("multiply to more bytes than can be counted"), "\(message)")
      #expect(message.contains("keep micro_batch x accumulation at"), "\(message)")
    }
    #expect(try Self.refusal("strategy.micro_batch=1000000") == nil)
  }

  @Test("a small micro-batch does not hide a batch that a search would try whole")
  func accumulated() throws {
    let message = try Self.refusal(
      "workload.global_batch=1099511627776", "strategy.micro_batch=1")
    #expect(message?.contains("multiply to more bytes") == true)
  }

  @Test("samples that no run sees are refused")
  func samples() throws {
    let message = try #require(
      try Self.refusal("workload.data.epochs=1e12", "workload.data.dataset_size=1e12"))
    #expect(message.contains("above 1e18 samples"), "\(message)")
    let example = try #require(try Self.refusal("workload.data.samples_seen=0.5"))
    #expect(example.contains("a whole number from 1 to 1e18"), "\(example)")
    #expect(example.contains("for example 9e9"), "\(example)")
  }

  @Test(
    "quantities that would make sums infinite are refused",
    arguments: [
      "cluster.price=1e300 USD/h", "constraints.deadline=1e300 days",
      "constraints.budget=1e300 USD", "workload.data.input_rate_limit=1e-300 samples/s",
    ])
  func quantities(setting: String) throws {
    let message = try #require(try Self.refusal(setting))
    #expect(message.contains("to be true"), "\(message)")
  }

  @Test("attacked images divide into patches, at least one")
  func resolution() throws {
    for (size, help) in [("7 px", "write 14 px"), ("113 px", "write 112 px or 126 px")] {
      let message = try #require(
        try Self.refusal("calibration.method=at-lr", "calibration.at-lr.attack_resolution=\(size)"))
      #expect(message.contains("does not divide into patches of 14 px"), "\(message)")
      #expect(message.contains(help), "\(message)")
    }
    #expect(
      try Self.refusal("calibration.method=at-lr", "calibration.at-lr.attack_resolution=112 px")
        == nil)
  }

  @Test("the objective can be set from the command line")
  func objective() throws {
    #expect(try Self.refusal("objective=energy") == nil)
    #expect(try Self.refusal("objective=speed")?.contains("use one of") == true)
  }
}

@Suite("Quoted lines")
struct QuotedLineTests {
  private func text(_ line: String, column: Int) -> [String] {
    Diagnostic(
      file: "a.yaml", location: SourceLocation(line: 1, column: column), message: "wrong",
      help: "", sourceLine: line
    ).description.split(separator: "\n").map(String.init)
  }

  @Test("control characters of a file never reach the terminal")
  func controlCharacters() {
    let lines = text("a: \u{1B}[31mred\u{7}", column: 4)
    #expect(lines[1] == "a: \u{FFFD}[31mred\u{FFFD}")
    #expect(lines[2] == "   ^")
    #expect(
      !"\(Diagnostic(file: "a", location: SourceLocation(line: 1, column: 1), message: "'\u{1B}c'", help: "", sourceLine: nil))"
        .contains("\u{1B}"))
  }

  @Test("of a long line the part around the column is shown, the caret below it")
  func longLines() {
    let lines = text(
      String(repeating: "a", count: 5000) + "X" + String(repeating: "b", count: 5000), column: 5001)
    #expect(lines[1].count <= Diagnostic.quoteLimit + 6)
    #expect(Array(lines[1])[lines[2].count - 1] == "X")
  }

  @Test("the caret of a short line stands at the column, tabs kept")
  func shortLines() {
    #expect(text("ab\tcd", column: 4)[2] == "  \t^")
    #expect(text("ab", column: 5)[2] == "    ^")
  }
}
