import Clusters
import Foundation
import Planning
import Quantities
import Scenarios
import Strategies
import Testing
import Workloads

@Suite("Flags over a scenario, and alone")
struct OverrideTests {
  private func load(
    _ id: String?, _ change: (inout ScenarioOverrides) -> Void
  ) throws -> Scenario {
    var overrides = ScenarioOverrides()
    change(&overrides)
    return try ProjectData.loader().load(id, overrides: overrides)
  }

  private func usage(_ id: String?, _ change: (inout ScenarioOverrides) -> Void) -> String {
    do {
      _ = try load(id, change)
      return "no error"
    } catch let error as UsageError {
      return "\(error)"
    } catch {
      return "another error: \(error)"
    }
  }

  @Test("each flag changes what it names and nothing else")
  func single() throws {
    let plain = try load("eva02-clip-e14-plus") { _ in }
    func changed(_ change: (inout ScenarioOverrides) -> Void) throws -> Scenario {
      try load("eva02-clip-e14-plus", change)
    }
    #expect(try changed { $0.precision = "amp-fp16" }.strategy.precision == .ampFP16)
    #expect(try changed { $0.zero = 2 }.strategy.zeroStage == 2)
    #expect(try changed { $0.patchDropout = 0 }.workload.patchDropout == 0)
    #expect(
      try changed { $0.price = "1.80USD/accelerator-hour" }.cluster.profile.site.price?.value
        == USDollarsPerAcceleratorHour(1.8))
    #expect(try changed { $0.price = "1.80 USD/h" }.cluster.profile.site.price?.origin == .given)
    #expect(try changed { $0.deadline = "14d" }.constraints.deadline == Seconds(14 * 86_400.0))
    #expect(try changed { $0.budget = "20000USD" }.constraints.budget == USDollars(20_000.0))
    #expect(try changed { $0.software = "deepspeed-2024" }.strategy.software.id == "deepspeed-2024")
    #expect(try changed { $0.frozen = ["text"] }.workload.frozen == ["text"])
    #expect(try changed { $0.attention = "flash" }.strategy.defaultAttention == .flash)
    #expect(
      try changed { $0.attention = "image=unfused,text=flash" }.strategy.attention
        == ["image": .unfused, "text": .flash])
    #expect(
      try changed { $0.recomputation = "image=full" }.strategy.recomputation == ["image": .full])
    #expect(
      try changed { $0.samplesSeen = 4e9 }.workload.samplesSeen == Sourced(4e9, origin: .given))
    var other = try changed { $0.zero = 2 }
    other.strategy.zeroStage = plain.strategy.zeroStage
    #expect(other.strategy == plain.strategy)
    #expect(other.workload == plain.workload)
    #expect(other.cluster == plain.cluster)
    #expect(other.title == plain.title + " (with --zero 2)")
  }

  @Test("a calibration method takes the file's block, and --set turns its knobs")
  func calibration() throws {
    let scenario = try load("eva02-clip-e14-plus") {
      $0.calibration = "lsa-itc"
      $0.set = ["calibration.attack_steps=3", "calibration.sweep.points=9"]
    }
    #expect(scenario.workload.calibration.method == .lsaITC)
    #expect(scenario.workload.calibration.attackSteps == 3)
    #expect(scenario.workload.calibration.sweepPoints == 9)
    #expect(scenario.workload.calibration.sweepAttackSteps == 10)
    #expect(scenario.calibrations[.lsaITCSequential]?.attackSteps == 3)
    #expect(scenario.calibrations[.oat]?.attackSteps == 2)
    let sequential = try load("eva02-clip-e14-plus") {
      $0.calibration = "lsa-itc"
      $0.set = ["calibration.branches=sequential"]
    }
    #expect(sequential.workload.calibration.method == .lsaITCSequential)
  }

  @Test("lists and mappings can be set")
  func composite() throws {
    let scenario = try load("eva02-clip-e14-plus") {
      $0.set = [
        "search.zero_stage=[1, 2]", "search.calibration.branches=[sequential]",
        "strategy.recomputation={image: full}", "cluster.site.pue=1.1",
      ]
    }
    #expect(scenario.search.zeroStages == [1, 2])
    #expect(scenario.search.branches == [.lsaITCSequential])
    #expect(scenario.strategy.recomputation == ["image": .full])
    #expect(scenario.cluster.profile.site.pue.value == 1.1)
  }

  @Test("the cluster may shrink: batch and samples stay, the micro-batch gives way")
  func accelerators() throws {
    let scenario = try load("eva02-clip-e14-plus") { $0.accelerators = 100 }
    #expect(scenario.workload.globalBatch == 144_000)
    #expect(scenario.strategy.dataParallel == 100)
    #expect(scenario.strategy.microBatch == 720)
    #expect(scenario.strategy.accumulation == 2)
    let note = scenario.assumptions.first { $0.key == "strategy.micro_batch" }
    #expect(note?.value == "720")
    #expect(note?.origin == .assumed)
    let halved = try load("eva02-clip-e14-plus") { $0.microBatch = 500 }
    #expect(halved.strategy.accumulation == 2)
    #expect(halved.workload.globalBatch == 144_000)
  }

  @Test("a model that is cut by flag has fewer data-parallel ranks; batch and samples stay")
  func cut() throws {
    let scenario = try load("openclip-b16-laion400m") { $0.set = ["strategy.tensor_parallel=2"] }
    #expect(scenario.strategy.tensorParallel == 2)
    #expect(scenario.strategy.dataParallel == 88)
    #expect(scenario.strategy.microBatch == 192)
    #expect(scenario.strategy.accumulation == 2)
    #expect(scenario.workload.globalBatch == 33_792)
    let text = usage("openclip-b16-laion400m") { $0.set = ["strategy.tensor_parallel=3"] }
    #expect(text.contains("command line:1:"))
    #expect(text.contains("176 accelerators cannot be split into groups of 3 x 1"))
  }

  @Test("another cluster does not keep the network and the price of the old one")
  func hardware() throws {
    let scenario = try load("eva02-clip-e14-plus") { $0.hardware = "h100-80gb-sxm-dgx" }
    let profile = try ProjectData.loader().hardware("h100-80gb-sxm-dgx")
    #expect(scenario.cluster.profile.network == profile.network)
    #expect(scenario.cluster.profile.site.price == profile.site.price)
    #expect(scenario.cluster.profile.site.pue.value == 1.58)
  }

  @Test("another model does not keep the sizes of the old one")
  func model() throws {
    let scenario = try load("eva02-clip-e14-plus") { $0.model = "ViT-L-14" }
    #expect(scenario.workload.model.id == "ViT-L-14")
  }

  @Test("the short form needs a model and a profile; the rest is assumed and says so")
  func shortForm() throws {
    let scenario = try load(nil) {
      $0.model = "ViT-L-14"
      $0.hardware = "rtx-3090"
      $0.accelerators = 4
      $0.frozen = ["image"]
      $0.microBatch = 128
    }
    #expect(scenario.id == "command-line")
    #expect(scenario.workload.globalBatch == 512)
    #expect(scenario.workload.frozen == ["image"])
    #expect(scenario.workload.samplesSeen.value == 407_332_084)
    #expect(scenario.strategy.precision == .ampBF16)
    #expect(scenario.strategy.software.id == "open-clip-2023")
    let assumed = Set(scenario.assumptions.filter { $0.origin == .assumed }.map(\.key))
    #expect(
      assumed == [
        "workload.data.samples_seen", "workload.optimizer", "strategy.attention",
        "strategy.precision", "strategy.recomputation", "strategy.software", "strategy.zero_stage",
      ])
    #expect(scenario.assumptions.allSatisfy { !$0.source.isEmpty })
  }

  @Test("what the short form assumed survives being saved")
  func saved() throws {
    let loader = try ProjectData.loader()
    var overrides = ScenarioOverrides()
    overrides.model = "blip2-stage1-vitg"
    overrides.hardware = "h100-80gb-sxm-dgx"
    overrides.accelerators = 8
    overrides.epochs = 3
    overrides.datasetSize = 1e6
    overrides.calibration = "lsa-itc"
    overrides.price = "2.10 USD/h"
    overrides.deadline = "36h"
    let scenario = try loader.load(nil, overrides: overrides)
    #expect(scenario.workload.samplesSeen.value == 3e6)
    let text = try loader.text(of: scenario)
    expectEqual(scenario, try ProjectData.read(text), text)
  }

  @Test(
    "changed scenarios survive being saved",
    arguments: ["eva02-clip-e14-plus", "openclip-b16-laion400m"])
  func savedChanges(_ id: String) throws {
    let loader = try ProjectData.loader()
    var overrides = ScenarioOverrides()
    overrides.hardware = "a100-80gb-sxm-dgx"
    overrides.accelerators = 64
    overrides.globalBatch = 32_768
    overrides.calibration = "at-lr"
    overrides.set = ["calibration.attack_site=block 7", "search.precision=[amp-bf16]"]
    overrides.recomputation = "image=selective"
    overrides.attention = "unfused"
    let scenario = try loader.load(id, overrides: overrides)
    let text = try loader.text(of: scenario)
    expectEqual(scenario, try ProjectData.read(text), text)
  }

  @Test("a plan with counts per block survives being saved")
  func savedPlan() throws {
    let loader = try ProjectData.loader()
    var scenario = try loader.load("eva02-clip-b16")
    let counts = [RecomputationPlan.BlockCounts(full: 5, selective: 2)]
    scenario.strategy.recomputation = ["image": RecomputationPlan(.perBlock(counts))]
    scenario.strategy.attention = [:]
    scenario.strategy.defaultAttention = .unfused
    let back = try ProjectData.read(try loader.text(of: scenario))
    #expect(back.strategy == scenario.strategy)
  }

  @Test("a model file of open_clip can be named")
  func modelFile() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "ft-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "my-model.json")
    let json = """
      {"embed_dim": 256, "vision_cfg": {"image_size": 64, "layers": 2, "width": 128, "patch_size": 16},
       "text_cfg": {"context_length": 16, "vocab_size": 512, "width": 128, "heads": 2, "layers": 2}}
      """
    try json.write(to: path, atomically: true, encoding: .utf8)
    let typed = try load(nil) {
      $0.model = path.path(percentEncoded: false)
      $0.hardware = "l4"
    }
    #expect(typed.workload.model.id == "my-model")
    let loader = try ProjectData.loader()
    expectEqual(typed, try ProjectData.read(try loader.text(of: typed)), "")
    let text = try ProjectData.text("eva02-clip-b16").replacing(
      "model: EVA02-B-16", with: "model: {file: my-model.json, format: open-clip}")
    let file = folder.appending(path: "eva02-clip-b16.yaml")
    try text.write(to: file, atomically: true, encoding: .utf8)
    #expect(
      try loader.load(file.path(percentEncoded: false)).workload.model.id == "my-model")
  }

  @Test("errors of flags quote the flags")
  func flagErrors() {
    let text = usage("eva02-clip-b16") {
      $0.microBatch = -3
      $0.precision = "fp12"
      $0.price = "2.79"
      $0.set = ["strategy.zero_stge=1", "nonsense"]
    }
    #expect(text == Self.flagErrors)
  }

  static let flagErrors = #"""
    command line:1:15: error: 'strategy.micro_batch' must be at least 1, not '-3'
    --micro-batch -3 --precision fp12 --price 2.79 --set strategy.zero_stge=1 --set nonsense
                  ^
    help: for example 64

    command line:1:30: error: 'strategy.precision': 'fp12' is not known
    --micro-batch -3 --precision fp12 --price 2.79 --set strategy.zero_stge=1 --set nonsense
                                 ^
    help: did you mean 'fp32'?

    command line:1:43: error: 'cluster.price': '2.79' has no unit
    --micro-batch -3 --precision fp12 --price 2.79 --set strategy.zero_stge=1 --set nonsense
                                              ^
    help: add one of USD/accelerator-hour or USD/h

    command line:1:54: error: unknown key 'zero_stge' in 'strategy'
    --micro-batch -3 --precision fp12 --price 2.79 --set strategy.zero_stge=1 --set nonsense
                                                         ^
    help: did you mean 'zero_stage'?

    command line:1:81: error: 'nonsense' is not PATH=VALUE
    --micro-batch -3 --precision fp12 --price 2.79 --set strategy.zero_stge=1 --set nonsense
                                                                                    ^
    help: for example --set strategy.zero_stage=1

    5 errors in the flags
    """#

  @Test("without a scenario, the two flags that are needed are named")
  func nothing() {
    #expect(
      usage(nil) { $0.model = "ViT-L-14" } == """
        error: without a scenario, --hardware must be given
        help: name a scenario, or write --model ViT-L-14 --hardware a100-40gb-sxm-p4d --accelerators 8 --micro-batch 128
        """)
  }

  @Test("a batch that flags make impossible names the flag and the nearest legal ones")
  func impossible() {
    #expect(
      usage("eva02-clip-b16") { $0.globalBatch = 1000 } == """
        command line:1:16: error: the global batch 1000 is not a multiple of 64 data-parallel ranks
        --global-batch 1000
                       ^
        help: write 960 or 1024

        1 error in the flags
        """)
    let micro = usage("eva02-clip-b16") { $0.microBatch = 1000 }
    #expect(micro.contains("write micro_batch: 512 with accumulation: 4"), "\(micro)")
  }

  @Test("a number of accelerators that does not divide the batch names those that do")
  func accelerators7() {
    #expect(
      usage("eva02-clip-e14-plus") { $0.accelerators = 7 } == """
        command line:1:16: error: 7 data-parallel ranks do not divide the global batch 144000
        --accelerators 7
                       ^
        help: use 6 or 8 accelerators, or add --global-batch 143997 or --global-batch 144004

        1 error in the flags
        """)
  }

  @Test(
    "a model that makes no features has no anchor and no teacher",
    arguments: [CalibrationMethod.anchored, .teacher])
  func reference(_ method: CalibrationMethod) {
    let text = usage("blip2-stage2-vitg-opt2.7b") { $0.calibration = method.rawValue }
    #expect(text.contains("--calibration \(method.rawValue)"), "\(text)")
    #expect(text.contains("the family 'blip2-stage2' has no contrastive loss"), "\(text)")
    #expect(usage("blip2-stage1-vitg") { $0.calibration = method.rawValue } == "no error")
  }

  @Test("a knob without a method asks for one")
  func knobWithoutMethod() {
    let text = usage("eva02-clip-e14-plus") { $0.set = ["calibration.lambdas=[0, 1]"] }
    #expect(
      text.contains(
        "help: choose a method that has it: --calibration lsa-itc, lsa-itc-sequential, oat"),
      "\(text)")
  }
}
