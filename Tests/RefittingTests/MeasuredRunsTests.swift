import Foundation
import Planning
import Quantities
import Scenarios
import Strategies
import Testing

/// Files of measured runs: both forms say the same, and everything wrong is said at its place.
@Suite("Measured runs")
struct MeasuredRunsTests {
  @Test("the examples of the documentation read alike")
  func examples() throws {
    let reader = MeasuredRunsReader(loader: Project.loader())
    let folder = Project.root + "/Documentation/examples/measured-runs"
    let json = try reader.read(path: folder + ".json")
    let csv = try reader.read(path: folder + ".csv")
    #expect(json.count == 3)
    #expect(json.map(\.name) == csv.map(\.name))
    #expect(json.map(\.step) == csv.map(\.step))
    #expect(json.map(\.memory) == csv.map(\.memory))
    #expect(json.map(\.reading) == csv.map(\.reading))
    #expect(json.map(\.scenario.strategy) == csv.map(\.scenario.strategy))
    #expect(json[1].scenario.strategy.microBatch == 192)
    #expect(json[0].step == Seconds(0.98))
  }

  @Test("everything that is wrong is said at its line and column, in one pass")
  func wrongJSON() throws {
    let text = """
      {"schema": "foretrain/measured-runs/1",
       "runs": [
        {"scenario": "openclip-b16-laion40m", "step_time": "1 s"},
        {"scenario": "openclip-b16-laion400m", "step_time": "fast", "memory": "3 GiB"},
        {"scenario": "openclip-b16-laion400m", "step_time": "1 s", "reading": "device", "odd": 1},
        {"scenario": "openclip-b16-laion400m", "step_time": "1 s",
         "set": ["strategy.macro_batch=3"]}
       ]}
      """
    let errors = try #require(Project.errors(text))
    for expected in [
      "runs.json:3:16", "did you mean 'openclip-b16-laion400m'", "runs.json:4:55",
      "runs.json:4:73", "does not say what was read", "stands without 'memory'",
      "unknown key 'odd'", "runs.json:7:11", "macro_batch", "6 errors",
    ] { #expect(errors.contains(expected), "\(expected) in\n\(errors)") }
  }

  @Test(
    "a table that is no table",
    arguments: [
      ("", "the first line names the columns"),
      ("scenario,step\n", "unknown column 'step'"),
      ("scenario,step\n", "the column 'step_time' is missing"),
      ("scenario,step_time,scenario\n", "stands twice"),
      ("scenario,step_time\na\n", "runs.csv:2:1: error: 1 cells, the header has 2"),
      ("scenario,step_time\n\"a,1 s\n", "runs.csv:2:1: error: the quote is never closed"),
      ("scenario,step_time\n\"a\"b,1 s\n", "runs.csv:2:4: error: text follows a closed quote"),
      ("scenario,step_time\nopenclip-b16-laion400m,1\n", "runs.csv:2:24"),
      ("scenario,step_time\n", "'runs' is empty"),
    ])
  func wrongCSV(text: String, expected: String) throws {
    let errors = try #require(Project.errors(text, csv: true))
    #expect(errors.contains(expected), "\(errors)")
  }
}
