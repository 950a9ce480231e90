import Planning
import Quantities
import Scenarios
import Strategies
import Testing
import Workloads

/// What of a tower is trained, as files and flags say it.
@Suite("What is trained")
struct TrainabilityTests {
  static func text(_ workload: String, model: String = "ViT-B-16") -> String {
    """
    schema: foretrain/scenario/1
    id: s
    title: A scenario
    workload:
      model: \(model)
      data: {samples_seen: 1e9}
      global_batch: 4096
      \(workload)
    cluster: {hardware: a100-80gb-sxm-dgx, accelerators: 8}
    strategy: {software: open-clip-2023, micro_batch: 512}

    """
  }

  @Test(
    "every form is read, written back and read again",
    arguments: [
      ("trainable: all", Trainability.all), ("trainable: last 4 blocks", .lastBlocks(4)),
      ("trainable: last 1 block", .lastBlocks(1)), ("trainable: last 0 blocks", .lastBlocks(0)),
      ("trainable: lora", .lora(LoRA(rank: 8))),
      ("trainable: {lora: {rank: 16}}", .lora(LoRA(rank: 16))),
      (
        "trainable: {lora: {rank: 4, targets: [fc2, key]}}",
        .lora(LoRA(rank: 4, targets: [.key, .fc2]))
      ),
      ("trainable: {value: last 2 blocks, origin: given}", .lastBlocks(2)),
    ])
  func forms(_ line: String, _ expected: Trainability) throws {
    let scenario = try ProjectData.read(Self.text("towers: {image: {\(line)}}"))
    #expect((scenario.workload.partial["image"] ?? .all) == expected)
    #expect(scenario.workload.frozen.isEmpty)
    #expect(scenario.workload.partial["text"] == nil)
    let again = try ProjectData.read(ProjectData.loader().text(of: scenario))
    #expect(again.workload.partial == scenario.workload.partial)
    #expect(again.assumptions.map(\.key) == scenario.assumptions.map(\.key))
  }

  @Test("a rank that nobody wrote is an assumption")
  func assumed() throws {
    func isAssumed(_ value: String) throws -> Bool {
      let line = "towers: {image: {trainable: \(value)}}"
      return try ProjectData.read(Self.text(line)).assumptions.contains {
        $0.key == "workload.towers.image.trainable" && $0.origin == .assumed
      }
    }
    #expect(try isAssumed("lora"))
    #expect(try isAssumed("{lora: {rank: 8}}"))
    #expect(try !isAssumed("{lora: {rank: 8, targets: [value]}}"))
    #expect(try !isAssumed("last 4 blocks"))
  }

  @Test("one value for all trained towers")
  func common() throws {
    func read(_ lines: String, model: String = "ViT-B-16") throws -> [String: Trainability] {
      let workload = try ProjectData.read(Self.text(lines, model: model)).workload
      return workload.partial.merging(workload.frozen.map { ($0, .none) }) { $1 }
    }
    let lora = Trainability.lora(LoRA(rank: 8))
    #expect(try read("trainable: lora") == ["image": lora, "text": lora])
    let scenario = try ProjectData.read(Self.text("trainable: lora"))
    let again = try ProjectData.read(ProjectData.loader().text(of: scenario))
    #expect(again.workload.partial == scenario.workload.partial)
    #expect(again.assumptions.map(\.key) == scenario.assumptions.map(\.key))
    #expect(scenario.assumptions.contains { $0.key == "workload.towers.text.trainable" })
    #expect(
      try read("trainable: lora\n  towers: {text: {trainable: none}}")
        == ["image": lora, "text": .none])
    #expect(
      try read("trainable: lora\n  towers: {text: {trainable: all}}") == ["image": lora])
    // A tower that its publication froze stays frozen.
    #expect(
      try read("trainable: last 20 blocks", model: "blip2-stage1-vitg")
        == ["image": .none, "qformer": .lastBlocks(12)])
  }

  @Test("flags")
  func flags() throws {
    var overrides = ScenarioOverrides()
    overrides.lora = 4
    overrides.frozen = ["text"]
    let adapted = try ProjectData.read(Self.text(""), overrides: overrides).workload
    #expect(adapted.partial == ["image": .lora(LoRA(rank: 4))])
    #expect(adapted.frozen == ["text"])
    overrides.lora = 0
    let refusal = #expect(throws: (any Error).self) {
      try ProjectData.read(Self.text(""), overrides: overrides)
    }
    #expect("\(try #require(refusal))".contains("--lora is a rank from 1 to 65536, not 0"))
    var assignment = ScenarioOverrides()
    assignment.set = ["workload.towers.image.trainable=last 3 blocks"]
    #expect(
      try ProjectData.read(Self.text(""), overrides: assignment).workload.partial
        == ["image": .lastBlocks(3)])
    assignment.set = ["workload.towers.image.trainable={lora: {rank: 2, targets: [fc1]}}"]
    #expect(
      try ProjectData.read(Self.text(""), overrides: assignment).workload.partial
        == ["image": .lora(LoRA(rank: 2, targets: [.fc1]))])
  }

  @Test(
    "errors name the place, what was found and the fix",
    arguments: [
      (
        "last four blocks",
        "8:31: error: 'workload.towers.image.trainable': 'last four blocks' does not say how many blocks",
        "last 4 blocks"
      ),
      (
        "last 13 blocks", "8:31: error: the image tower has 12 blocks",
        "write last 12 blocks or fewer, or all"
      ),
      (
        "lora 8", "8:31: error: 'workload.towers.image.trainable': 'lora 8' is not known",
        "write {lora: {rank: 8, targets: [query, value]}}"
      ),
      ("some", "8:31: error: 'workload.towers.image.trainable': 'some' is not known", "use one of"),
      (
        "{lora: {rank: 0}}",
        "8:45: error: 'workload.towers.image.trainable.lora.rank' must be at least 1, not '0'",
        "for example"
      ),
      (
        "{lora: {targets: [qkv]}}",
        "8:49: error: 'workload.towers.image.trainable.lora.targets[0]': 'qkv' is not known",
        "use one of fc1, fc2, key, projection, query, value"
      ),
      (
        "{lora: {targets: []}}",
        "8:48: error: 'workload.towers.image.trainable.lora.targets' must be a list of at least one of",
        "for example"
      ),
      (
        "{lora: {ranc: 8}}",
        "8:39: error: unknown key 'ranc' in 'workload.towers.image.trainable.lora'",
        "did you mean 'rank'?"
      ),
    ])
  func errors(_ value: String, _ error: String, _ help: String) throws {
    let found = try #require(
      ProjectData.errors(Self.text("towers: {image: {trainable: \(value)}}")))
    #expect(found.contains(error), "\(found)")
    #expect(found.contains(help), "\(found)")
  }

  @Test("towers that cannot have it")
  func impossible() throws {
    let stage = "blip2-stage1-vitg"
    let found = try #require(
      ProjectData.errors(
        Self.text("towers: {image: {trainable: last 0 blocks}}", model: stage)))
    #expect(found.contains("nothing stands behind the blocks of the image tower"))
  }
}
