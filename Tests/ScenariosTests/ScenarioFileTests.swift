import Clusters
import Foundation
import Planning
import Quantities
import Scenarios
import Strategies
import Testing
import Workloads

@Suite("Shipped scenarios and stacks")
struct ScenarioFileTests {
  static var scenarios: [String] { (try? ProjectData.loader().scenarioIDs) ?? [] }
  static var stacks: [String] { (try? ProjectData.loader().stackIDs) ?? [] }

  @Test("the expected files are there")
  func complete() throws {
    #expect(
      Set(Self.scenarios).isSuperset(of: [
        "blip2-stage1-vitg", "blip2-stage2-vitg-flant5xl", "blip2-stage2-vitg-opt2.7b",
        "eva-clip-18b", "eva-clip-8b", "eva01-clip-g14", "eva01-clip-g14-plus", "eva02-clip-b16",
        "eva02-clip-e14", "eva02-clip-e14-plus", "eva02-clip-l14", "eva02-clip-l14-plus",
        "openclip-b16-laion400m", "openclip-b32-laion400m", "peer-tiny-clip", "tiny-clip",
      ]))
    #expect(
      Set(Self.stacks).isSuperset(of: [
        "chinese-clip-2023", "deepspeed-2024", "eva-01-video-2022", "eva-clip-2023",
        "foretrain-core", "fsdp-2024", "inf-cl-2024", "lavis-2023", "llm-foundry-2023",
        "megatron-2021", "megatron-2024", "megatron-deepspeed-2022", "nvidia-dle-2021",
        "open-clip-2021", "open-clip-2023", "timm-2022", "torch-compile-2024",
      ]))
  }

  @Test("every scenario reads, and its fixed strategy is legal", arguments: scenarios)
  func reads(_ id: String) throws {
    let scenario = try ProjectData.loader(machine: true).load(id)
    #expect(scenario.id == id)
    // Whether this machine's fused attention was measured is a fact of the machine, not of the file.
    let broken = scenario.strategy.violations(
      workload: scenario.workload, cluster: scenario.cluster
    ).filter { $0.rule != .attentionSupported || scenario.cluster.profile.id != "this-machine" }
    #expect(broken.map { "\($0.rule.rawValue): \($0.detail)" } == [])
    #expect(scenario.strategy.globalBatch == scenario.workload.globalBatch)
    #expect(scenario.workload.samplesSeen.value >= Double(scenario.workload.globalBatch))
  }

  @Test("every scenario writes as a file that reads back to the same", arguments: scenarios)
  func roundTrip(_ id: String) throws {
    let loader = try ProjectData.loader(machine: true)
    let scenario = try loader.load(id)
    let text = try loader.text(of: scenario)
    let back = try ProjectData.read(text, loader: loader)
    expectEqual(scenario, back, text)
  }

  @Test("every stack reads", arguments: stacks)
  func stack(_ id: String) throws {
    let stack = try ProjectData.loader().stack(id)
    #expect(stack.id == id)
    #expect(!stack.attention.isEmpty && !stack.zeroStages.isEmpty)
    #expect(stack.timeRange.value.low <= stack.timeRange.value.high)
  }

  @Test("the training core's stack is the style that its kernels were written for")
  func coreStyle() throws {
    let core = try ProjectData.loader().stack("foretrain-core")
    for attention in [AttentionKernel.flash, .unfused] {
      #expect(core.style(precision: .fp32, attention: attention) == .core(attention))
    }
  }

  @Test("frozen towers are stored in 16 bits where the stack does so, and only there")
  func frozenStyle() throws {
    let lavis = try ProjectData.loader().stack("lavis-2023")
    let frozen = lavis.style(precision: .ampFP16, attention: .unfused, frozen: true)
    #expect(frozen.weights == .float16)
    #expect(lavis.style(precision: .ampFP16, attention: .unfused).weights == .float32)
    let plain = try ProjectData.loader().stack("open-clip-2021")
    #expect(
      plain.style(precision: .ampFP16, attention: .unfused, frozen: true).weights == .float32)
  }

  @Test("EVA-02-CLIP-E/14+ is what was published")
  func evaE14Plus() throws {
    let scenario = try ProjectData.loader().load("eva02-clip-e14-plus")
    #expect(scenario.workload.globalBatch == 144_000)
    #expect(scenario.workload.samplesSeen.value == 9e9)
    #expect(scenario.workload.samplesSeen.origin == .assumed)
    #expect(scenario.workload.patchDropout == 0.5)
    #expect(scenario.workload.optimizer == .lamb)
    #expect(scenario.cluster.accelerators == 144)
    #expect(scenario.strategy.zeroStage == 1)
    #expect(scenario.strategy.precision == .ampBF16)
    #expect(scenario.strategy.recomputation == ["image": .full, "text": .full])
    #expect(scenario.strategy.attention == ["image": .flash, "text": .unfused])
    #expect(scenario.campaign.failedRuns == 0.2)
    #expect(scenario.campaign.trials == 8)
    #expect(scenario.search.zeroStages == [0, 1, 2, 3])
    #expect(scenario.search.branches == [.lsaITC, .lsaITCSequential])
    #expect(scenario.search.microBatches == nil)
    #expect(scenario.calibrations[.lsaITC]?.attackImageSize == 224)
    #expect(scenario.workload.calibration == .none)
  }

  @Test("epochs of a data set multiply to the samples seen")
  func epochs() throws {
    let scenario = try ProjectData.loader().load("openclip-b16-laion400m")
    #expect(scenario.workload.samplesSeen.value == 13_034_626_688)
    #expect(scenario.workload.samplesSeen.origin == .assumed)
    #expect(scenario.workload.inputRateLimit?.value == SamplesPerSecond(800.0))
  }

  @Test("BLIP-2's frozen towers are frozen")
  func blip2() throws {
    let loader = try ProjectData.loader()
    #expect(try loader.load("blip2-stage1-vitg").workload.frozen == ["image"])
    #expect(
      try loader.load("blip2-stage2-vitg-opt2.7b").workload.frozen == ["image", "language"])
  }

  @Test("the example of the documentation reads")
  func documented() throws {
    let page = try String(
      contentsOfFile: ProjectData.root + "/Documentation/scenarios.md", encoding: .utf8)
    let parts = page.components(separatedBy: "```")
    let example = try #require(parts.count > 2 ? parts[1] : nil)
    let scenario = try ProjectData.read(String(example.dropFirst("yaml\n".count)))
    #expect(scenario.strategy.accumulation == 2)
    #expect(scenario.strategy.recomputation == ["image": .full])
  }

  @Test("a machine that was never measured is told how to measure it")
  func unmeasured() throws {
    let loader = try ProjectData.loader()
    #expect(throws: FileErrors.self) { try loader.load("tiny-clip") }
    do {
      _ = try loader.load("tiny-clip")
    } catch {
      #expect("\(error)".contains("help: measure this machine first: foretrain bench --quick"))
    }
  }
}

/// Compares two scenarios field by field.
func expectEqual(
  _ left: Scenario, _ right: Scenario, _ text: String,
  sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
  let note = Comment(rawValue: text)
  #expect(left.id == right.id, note, sourceLocation: sourceLocation)
  #expect(left.title == right.title, note, sourceLocation: sourceLocation)
  #expect(left.workload == right.workload, note, sourceLocation: sourceLocation)
  #expect(left.calibrations == right.calibrations, note, sourceLocation: sourceLocation)
  #expect(left.cluster == right.cluster, note, sourceLocation: sourceLocation)
  #expect(left.strategy == right.strategy, note, sourceLocation: sourceLocation)
  #expect(left.search == right.search, note, sourceLocation: sourceLocation)
  #expect(left.objective == right.objective, note, sourceLocation: sourceLocation)
  #expect(left.constraints == right.constraints, note, sourceLocation: sourceLocation)
  #expect(left.campaign == right.campaign, note, sourceLocation: sourceLocation)
  #expect(left.baselines == right.baselines, note, sourceLocation: sourceLocation)
  #expect(left.modelFile == right.modelFile, note, sourceLocation: sourceLocation)
  func lines(_ scenario: Scenario) -> [String] {
    scenario.assumptions.map { "\($0.key) | \($0.value) | \($0.origin) | \($0.source)" }
  }
  #expect(lines(left) == lines(right), note, sourceLocation: sourceLocation)
}
