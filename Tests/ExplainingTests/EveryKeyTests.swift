import Explaining
import Foundation
import Planning
import Reporting
import Scenarios
import Strategies
import Testing

/// No key of a scenario is read and forgotten: another value is another answer.
@Suite("Every key counts")
struct EveryKeyTests {
  typealias Object = [String: Any]

  /// Values to try for the last part of a path, or for a whole path.
  static let values: [String: [String]] = [
    "patch_dropout": ["0.25"], "samples_seen": ["5e8"], "epochs": ["3"],
    "dataset_size": ["1e8"], "input_rate_limit": ["50 samples/s"], "global_batch": ["65536"],
    "optimizer": ["lion"], "trainable": ["last 3 blocks"], "method": ["lsa-itc"],
    "baselines": ["[plain]"],
    "attack_steps": ["5"], "attack_site": ["encoder-output"], "attack_resolution": ["112 px"],
    "attack_weight_gradients": ["true"], "clean_share": ["0.5"], "conditioning": ["film"],
    "clean_branch": ["forward-only"], "phase_share": ["0.5"], "selected_depth": ["0.3"],
    "probe_samples": ["512"], "at_most": ["2"], "refresh": ["7 steps"], "points": ["9"],
    "pairs": ["77"], "branches": ["sequential"], "cached_teacher": ["true", "false"],
    "hardware": ["h100-80gb-sxm-dgx"], "accelerators": ["32"], "network": ["40 GB/s per node"],
    "price": ["1 USD/accelerator-hour"], "pue": ["1.9"], "grid": ["77 g/kWh"],
    "failures": ["99 per 1000 node-days"], "restart": ["9 h"], "spare_nodes": ["3"],
    "software": ["deepspeed-2024", "open-clip-2023"], "micro_batch": ["64", "128"],
    "tensor_parallel": ["2"],
    "pipeline_parallel": ["2"], "virtual_pipeline": ["2"], "sequence_parallel": ["true"],
    "zero_stage": ["3", "0"], "precision": ["fp32"], "recomputation": ["full", "none"],
    "attention": ["unfused"], "contrastive_gather": ["global", "local"],
    "deadline": ["1 h"], "budget": ["1 USD"], "memory_margin": ["0.9"], "repeats": ["4"],
    "runs": ["5"], "share_of_samples": ["0.5"], "failed_runs": ["0.5"], "evaluation": ["0.5"],
    "checkpoint_interval": ["5 min"],
    "search.micro_batch": ["[2]"], "search.accumulation": ["[8]"], "search.zero_stage": ["[3]"],
    "search.recomputation": ["[full]"], "search.attention": ["[unfused]"],
    "search.precision": ["[fp32]"], "search.contrastive_gather": ["[global]"],
    "search.tensor_parallel": ["[2]"], "search.pipeline_parallel": ["[2]"],
    "search.calibration.branches": ["[sequential]"],
  ]

  /// What must hold beside a key for it to matter.
  static let contexts: [String: [String]] = [
    "selected_depth": ["clean_branch=to-last-selected-layer"],
    "share_of_samples": ["campaign.trials.runs=4"],
    "epochs": [], "dataset_size": [],
    "search.calibration.branches": ["calibration.method=lsa-itc"],
    "baselines": ["calibration.method=lsa-itc"],
  ]

  /// Keys that say how a method is trained: they move no cost, and stand among the assumptions.
  static let remarks: Set<String> = [
    "attack_radius", "attack_step_size", "attack_warm_up", "threshold", "target_share", "gain",
    "lambdas", "cached_text", "conditioning_rate",
  ]

  /// Keys that name things, or that other keys stand in for.
  static let names: Set<String> = [
    "schema", "id", "title", "sources", "defaults", "workload.data.name", "workload.model",
    "workload.family", "workload.towers", "workload.embedding_width", "workload.loss",
    "workload.data.epochs", "workload.data.dataset_size",
    // On one cluster time, cost and energy rank plans alike: the objective only says so.
    "objective",
  ]

  /// Another value alone contradicts the global batch: it must be refused, not forgotten.
  static let refused: [String: String] = [
    "strategy.accumulation": "4", "strategy.data_parallel": "32",
  ]

  /// A search of one plan, so that the test is quick.
  static let narrow: [(key: String, setting: String)] = [
    ("search.micro_batch", "[2048]"), ("search.zero_stage", "[1]"),
    ("search.recomputation", "[full]"), ("search.attention", "[flash]"),
    ("search.contrastive_gather", "[local]"),
  ]

  /// All leaves of the schema.
  static func paths() throws -> [String] {
    let url = URL(filePath: Project.root + "/schemas/scenario.schema.json")
    let schema = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? Object)
    let shared = schema["$defs"] as? Object ?? [:]
    func walk(_ object: Object, _ path: String) -> [String] {
      var object = object
      if let reference = object["$ref"] as? String,
        let other = shared[String(reference.split(separator: "/").last ?? "")] as? Object
      {
        object = other
      }
      guard let properties = object["properties"] as? Object, !path.hasSuffix("defaults") else {
        return [path]
      }
      return properties.keys.sorted().flatMap { key in
        walk(properties[key] as? Object ?? [:], path.isEmpty ? key : path + "." + key)
      }
    }
    return walk(schema, "")
  }

  @Test("another value of any key of the schema is another answer")
  func keys() throws {
    let loader = try Project.loader()
    var seen = 0
    for path in try Self.paths() {
      let key = String(path.split(separator: ".").last ?? "")
      guard !Self.names.contains(path), !Self.names.contains(key) else { continue }
      seen += 1
      if Self.remarks.contains(key) {
        try remark(path, loader)
        continue
      }
      if let value = Self.refused[path] {
        #expect(throws: (any Error).self, "\(path)") {
          try answer(["\(path)=\(value)"], path, loader)
        }
        continue
      }
      guard let values = Self.values[path] ?? Self.values[key] else {
        Issue.record("\(path): say in this test which value changes what")
        continue
      }
      let context = context(path, key)
      let before = try answer(context, path, loader)
      let changed = values.contains { value in
        guard let after = try? answer(context + ["\(path)=\(value)"], path, loader) else {
          return false
        }
        return after != before
      }
      #expect(changed, "\(path) changes nothing")
    }
    #expect(seen > 120)
  }

  private func context(_ path: String, _ key: String) -> [String] {
    let parts = path.split(separator: ".").map(String.init)
    var context: [String] = []
    if parts.count > 2, parts[0] == "calibration" {
      context.append("calibration.method=\(parts[1])")
    }
    for setting in Self.contexts[path] ?? Self.contexts[key] ?? [] {
      let isOwn = parts.count > 2 && parts[0] == "calibration" && !setting.contains("method")
      context.append(isOwn ? "calibration.\(parts[1]).\(setting)" : setting)
    }
    if ["tensor_parallel", "pipeline_parallel", "virtual_pipeline", "sequence_parallel"].contains(
      key)
    {
      context += ["strategy.software=megatron-2024", "search.zero_stage=[1]"]
      if key == "virtual_pipeline" || key == "sequence_parallel" {
        context += ["strategy.tensor_parallel=2"]
      }
    }
    return context
  }

  /// What a scenario answers: its estimate, and for keys of a search its plans.
  private func answer(
    _ settings: [String], _ path: String, _ loader: ScenarioLoader
  ) throws -> String {
    let isPlan = path.hasPrefix("search") || path.hasPrefix("constraints")
    var overrides = ScenarioOverrides()
    let named = settings.map { String($0.prefix { $0 != "=" }) }
    let fixed = Self.narrow.filter { isPlan && $0.key != path && !named.contains($0.key) }
    overrides.set = fixed.map { "\($0.key)=\($0.setting)" } + settings
    let scenario = try loader.load("eva02-clip-b16", overrides: overrides)
    guard isPlan else {
      let (estimate, broken) = scenario.estimate()
      guard let estimate else { return broken.map(\.detail).joined() }
      return text(estimate.json(provenance: Provenance(version: "")))
    }
    var planner = Planner(scenario)
    planner.limit = 3
    let plan = planner.plan().json(
      scenario: scenario, provenance: Provenance(version: ""), isTimed: false)
    return text(plan)
  }

  /// Without what only repeats the input.
  private func text(_ value: JSONValue) -> String {
    func stripped(_ value: JSONValue) -> JSONValue {
      switch value {
      case .object(let members):
        .object(
          members.filter {
            !["assumptions", "objective", "settings", "provenance"].contains($0.key)
          }
          .map { .init($0.key, stripped($0.value)) })
      case .array(let values): .array(values.map(stripped))
      default: value
      }
    }
    return stripped(value).line
  }

  private func remark(_ path: String, _ loader: ScenarioLoader) throws {
    let method = String(path.split(separator: ".")[1])
    let value = path.hasSuffix("lambdas") ? "[0.25]" : path.hasSuffix("text") ? "true" : "0.0625"
    var overrides = ScenarioOverrides()
    overrides.set = ["calibration.method=\(method)", "\(path)=\(value)"]
    let scenario = try loader.load("eva02-clip-b16", overrides: overrides)
    let note = scenario.assumptions.first { $0.key == path }
    #expect(note != nil, "\(path) stands nowhere")
    if let note {
      #expect(note.value.contains(value.filter { !"[]".contains($0) }) || value == "true")
    }
  }
}
