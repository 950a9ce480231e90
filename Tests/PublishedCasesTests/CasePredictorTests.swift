import CostModel
import Foundation
import Planning
import PublishedCases
import Quantities
import Scenarios
import Strategies
import Testing
import Workloads

struct CasePredictorTests {
  private let loader: ScenarioLoader
  private let predictor: CasePredictor

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path(percentEncoded: false)
    loader = ScenarioLoader(
      data: DataFolders(roots: [String(root.dropLast())], userData: root + "no-such-folder"))
    predictor = CasePredictor(setter: try CaseSetter(loader: loader))
  }

  private func predict(_ edits: [(String, String)] = []) throws -> CasePrediction {
    let text = edits.reduce(CaseReaderTests.line) { $0.replacing($1.0, with: $1.1) }
    let cases = try CaseReader.read(SourceFile(name: "c.jsonl", text: text))
    return try predictor.predict(try #require(cases.first))
  }

  @Test func aKnownCaseRunsWithoutNotes() throws {
    let prediction = try predict()
    #expect(prediction.problem == nil)
    #expect(prediction.notes.isEmpty)
    #expect(prediction.stack == "megatron-2021")
    let time = try #require(prediction.time)
    let step = try #require(prediction.step)
    #expect(time.error == step.typical / 1.5 - 1)
    let terms = try #require(prediction.terms)
    let sum = terms.parts.reduce(0) { $0 + $1.time.value }
    #expect(abs(sum / step.typical - 1) < 1e-9)
  }

  @Test func namesThatNobodyKnowsArePricedAsTheNearest() throws {
    let prediction = try predict([
      ("a100-80gb-sxm", "b300-288gb-sxm"), ("\"megatron\"", "\"my-trainer\""),
      ("\"per_node\": 8", "\"per_node\": 8, \"cluster\": \"moonbase\""),
      ("amp-bf16", "fp8"),
    ])
    #expect(prediction.problem == nil)
    #expect(prediction.known == .init(software: false, accelerator: false, machine: false))
    #expect(prediction.notes.contains { $0.contains("b300-288gb-sxm") })
    #expect(prediction.notes.contains { $0.contains("my-trainer") })
    #expect(prediction.notes.contains { $0.contains("moonbase") })
    #expect(prediction.notes.contains { $0.contains("fp8") })
    // The name says how much memory there is.
    #expect(try #require(prediction.memory).capacity > Bytes(280e9))
  }

  @Test func aFamilyWithoutTowersIsAProblemNotAnError() throws {
    let prediction = try predict([("causal-lm", "clip")])
    #expect(prediction.problem?.contains("image_tower") == true)
    #expect(prediction.figures.isEmpty)
  }

  @Test func sizesThatNobodyCanCountAreAProblemNotAnOverflow() throws {
    let tower = "\"image_tower\": {\"patch_px\": 1, \"image_px\": 10000000, \"width\": 64"
    let prediction = try predict([
      ("causal-lm", "image-classifier"), ("\"language_model\": {\"width\": 64", tower),
    ])
    #expect(prediction.problem?.contains("more bytes than can be counted") == true)
  }

  @Test func ratesTurnTheIntervalRound() throws {
    let prediction = try predict([("step_seconds", "tokens_per_second_per_accelerator")])
    let rate = try #require(prediction.time).predicted
    let step = try #require(prediction.step)
    // 2 samples of 32 tokens per accelerator.
    #expect(abs(rate.typical - 64 / step.typical) < 1e-9 * rate.typical)
    #expect(rate.low < rate.typical && rate.typical < rate.high)
    #expect(abs(rate.low - 64 / step.high) < 1e-9 * rate.low)
  }

  @Test func basesOfMemoryAreReadApart() throws {
    func peak(_ basis: String) throws -> Double {
      let prediction = try predict([
        (
          "{\"kind\": \"step_seconds\", \"value\": 1.5, \"bound\": \"exact\"}",
          "{\"kind\": \"peak_memory_gib\", \"value\": 10, \"basis\": \"\(basis)\"}"
        )
      ])
      return try #require(prediction.figures.first).predicted.typical
    }
    #expect(try peak("allocated") < peak("reserved"))
    #expect(try peak("reserved") < peak("device"))
  }

  @Test func everyShippedCaseIsSetUp() throws {
    let cases = try PublishedLibrary(loader: loader).cases(at: nil)
    #expect(cases.count == 399)
    let setter = try CaseSetter(loader: loader)
    for published in cases {
      let setup = try setter.setup(published)
      #expect(setup.isKnown.accelerator, "\(published.hardware.accelerator)")
      #expect(setup.scenario.workload.model.parameters > 0)
    }
  }
}
