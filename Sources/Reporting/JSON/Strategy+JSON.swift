import Strategies
import Workloads

extension Strategy {
  /// The `strategy` object of the JSON contract; its optimizer is the workload's.
  func json(for workload: Workload) -> JSONValue {
    [
      "micro_batch": .integer(microBatch), "accumulation": .integer(accumulation),
      "data_parallel": .integer(dataParallel), "tensor_parallel": .integer(tensorParallel),
      "pipeline_parallel": .integer(pipelineParallel),
      "virtual_pipeline": .integer(virtualPipeline), "sequence_parallel": .bool(sequenceParallel),
      "zero_stage": .integer(zeroStage),
      "recomputation": Self.byTower(recomputation(for: workload), \.json),
      "precision": .string(precision.rawValue),
      "attention": Self.byTower(attention(for: workload)) { .string($0.rawValue) },
      "optimizer": .string(workload.optimizer.rawValue),
      "contrastive_gather": .string(contrastiveGather.rawValue), "offload": "none",
      "software": .string(software.id),
    ]
  }

  /// Recomputation of every tower; one that the strategy does not name recomputes nothing.
  func recomputation(
    for workload: Workload
  ) -> [(tower: String, value: RecomputationPlan)] {
    workload.model.towerNames.map { ($0, recomputation[$0] ?? .none) }
  }

  /// The attention kernel of every tower.
  func attention(for workload: Workload) -> [(tower: String, value: AttentionKernel)] {
    workload.model.towerNames.map { ($0, attention[$0] ?? defaultAttention) }
  }

  /// One value where every tower has the same, else a map by tower.
  private static func byTower<Value: Hashable>(
    _ towers: [(tower: String, value: Value)], _ json: (Value) -> JSONValue
  ) -> JSONValue {
    if let first = towers.first, towers.allSatisfy({ $0.value == first.value }) {
      return json(first.value)
    }
    return .object(towers.map { .init($0.tower, json($0.value)) })
  }
}

extension ModelSpec {
  /// The towers that strategies name, in the order of reports.
  var towerNames: [String] {
    switch family {
    case .clip, .sigLIP: ["image", "text"]
    case .coca: ["image", "text", "decoder"]
    case .blip2Stage1: ["image", "qformer"]
    case .blip2Stage2: ["image", "qformer", "language"]
    case .visionLanguage(_, .perceptron, _): ["image", "projector", "language"]
    case .visionLanguage(_, .qformer, _): ["image", "qformer", "projector", "language"]
    case .imageClassifier: ["image"]
    case .languageModel: ["language"]
    }
  }
}

extension RecomputationPlan {
  /// `none`, `selective`, `full`, or the counts per group of blocks.
  var json: JSONValue {
    switch kind {
    case .none: "none"
    case .selective: "selective"
    case .full: "full"
    case .perBlock(let groups):
      [
        "per_block": .array(
          groups.map { ["full": .integer($0.full), "selective": .integer($0.selective)] })
      ]
    }
  }

  /// The same for people: `full`, or `per-block 40 full + 8 selective`.
  var summary: String {
    switch kind {
    case .none: return "none"
    case .selective: return "selective"
    case .full: return "full"
    case .perBlock(let groups):
      let full = groups.reduce(0) { $0 + $1.full }
      let selective = groups.reduce(0) { $0 + $1.selective }
      return "per-block (\(full) full" + (selective > 0 ? ", \(selective) selective)" : ")")
    }
  }
}

extension CalibrationSettings {
  /// The method's knobs by their names in a scenario; empty for plain training.
  var json: JSONValue {
    guard method != .none else { return .object([]) }
    return [
      "attack_steps": .integer(attackSteps), "attack_site": .string(attackSite.description),
      "attack_image_size_px": .optional(attackImageSize),
      "attack_weight_gradients": .bool(attackWeightGradients),
      "clean_share": .number(cleanShare), "conditioning": .string(conditioning.rawValue),
      "clean_branch": .string(cleanBranch.rawValue), "phase_share": .number(phaseShare),
      "vulnerable_layers": .integer(vulnerableLayers), "refresh_steps": .integer(refreshSteps),
      "selected_depth": .number(selectedDepth), "probe_samples": .integer(probeSamples),
      "sweep_points": .integer(sweepPoints), "sweep_pairs": .integer(sweepPairs),
      "sweep_attack_steps": .integer(sweepAttackSteps), "teacher_cached": .bool(teacherCached),
    ]
  }
}
