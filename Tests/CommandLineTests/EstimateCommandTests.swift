import Foundation
import Testing

struct EstimateCommandTests {
  private let binary: Binary
  init() throws { binary = try Binary() }

  /// OpenCLIP ViT-B/16 on LAION-400M: 33,792 global, 176 A100-40GB, 331 samples/s per GPU published
  /// (open_clip, docs/PRETRAINED.md); the parameter count is that of open_clip's own module.
  @Test func openCLIPBase16() throws {
    let result = try binary.run(
      ["estimate", "scenarios/openclip-b16-laion400m.yaml", "--format", "json"])
    #expect(result.status == 0)
    let json = try #require(result.json)
    #expect(json["parameters"] as? Int == 149_620_737)
    #expect(json["accelerators"] as? Int == 176)
    let rate = try #require(json["samples_per_second_per_accelerator"] as? [String: Double])
    #expect(abs((rate["typical"] ?? 0) / 331 - 1) < 0.25)
    #expect((rate["low"] ?? 999) < 331 && (rate["high"] ?? 0) > 331)
    let breakdown = try #require(json["step_breakdown_seconds"] as? [String: Double])
    let step = try #require(json["step_seconds"] as? [String: Double])
    let sum = breakdown.values.reduce(0, +)
    #expect(abs(sum / (step["typical"] ?? 0) - 1) < 1e-9)
  }

  @Test func theContractsMembersAreThere() throws {
    let json = try #require(
      try binary.run(["estimate", "eva02-clip-b16", "--format", "json"]).json)
    for key in [
      "schema_version", "scenario", "hardware", "accelerators", "parameters",
      "trainable_parameters", "forward_flops_per_sample", "global_batch", "samples_seen",
      "strategy", "step_seconds", "step_breakdown_seconds", "phase_breakdown_seconds",
      "samples_per_second_per_accelerator", "steps", "wall_hours", "accelerator_hours",
      "billed_accelerator_hours", "node_hours", "cost_usd", "energy_kwh", "carbon_kg", "mfu",
      "hfu", "max_micro_batch", "memory", "calibration", "run", "assumptions", "flags",
      "provenance",
    ] {
      #expect(json[key] != nil, "\(key)")
    }
    let memory = try #require(json["memory"] as? [String: Any])
    for key in ["peak_bytes", "capacity_bytes", "verdict", "peak_phase", "readings"] {
      #expect(memory[key] != nil, "\(key)")
    }
  }

  @Test func whatDoesNotFitExitsWithTwoAndSaysWhy() throws {
    let result = try binary.run(["estimate", "eva02-clip-e14-plus", "--calibration", "lsa-itc"])
    #expect(result.status == 2)
    #expect(result.errors.contains("does not fit"))
    #expect(result.errors.contains("largest micro-batch"))
    // The whole estimate is printed all the same.
    #expect(result.output.contains("Memory per device"))
  }

  @Test(arguments: [
    "none", "loss-reweight", "layer-probe", "at-lr", "oat", "lsa-itc", "lsa-itc-sequential",
    "anchored", "teacher",
  ])
  func everyMethodCanBeChosen(method: String) throws {
    let result = try binary.run(
      ["estimate", "eva02-clip-l14", "--calibration", method, "--format", "json"])
    #expect(result.status == 0 || result.status == 2)
    let calibration = try #require(result.json?["calibration"] as? [String: Any])
    #expect(calibration["method"] as? String == method)
  }

  @Test func theShortFormNeedsNoFile() throws {
    let result = try binary.run([
      "estimate", "--model", "ViT-L-14", "--hardware", "rtx-3090", "--accelerators", "4",
      "--micro-batch", "128", "--frozen", "image", "--format", "json",
    ])
    #expect(result.status == 0 || result.status == 2)
    let json = try #require(result.json)
    #expect(json["parameters"] as? Int == 427_616_513)
    #expect((json["trainable_parameters"] as? Int ?? 0) < 427_616_513)
    #expect(json["global_batch"] as? Int == 512)
  }

  @Test func anOpenCLIPConfigIsAModel() throws {
    let config = try binary.file(
      "own.json",
      """
      {"embed_dim": 512,
       "vision_cfg": {"image_size": 224, "layers": 12, "width": 768, "patch_size": 16},
       "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12}}
      """)
    let json = try #require(
      try binary.run([
        "estimate", "--model", config, "--hardware", "h100-80gb-sxm-dgx", "--gpus", "8",
        "--micro-batch", "256", "--format", "json",
      ]).json)
    #expect(json["parameters"] as? Int == 149_620_737)
  }

  @Test func aSavedScenarioGivesTheSameAnswer() throws {
    let path = binary.home.appending(path: "saved.yaml").path
    let first = try binary.run([
      "estimate", "openclip-b16-laion400m", "--micro-batch", "96", "--set",
      "strategy.accumulation=2", "--save", path, "--format", "json",
    ])
    let second = try binary.run(["estimate", path, "--format", "json"])
    let a = try #require(first.json?["step_seconds"] as? [String: Double])
    let b = try #require(second.json?["step_seconds"] as? [String: Double])
    #expect(a == b)
  }

  @Test func sameInputsSameBytes() throws {
    let arguments = ["estimate", "eva02-clip-l14", "--format", "json"]
    #expect(try binary.run(arguments).output == (try binary.run(arguments).output))
  }
}
