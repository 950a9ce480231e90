import Planning
import Quantities
import Strategies
import Workloads

/// The settings of `strategy:` and `search:`.
enum StrategySettings {
  static var software: Setting<String> { Setting("software", .text, write: SettingText.scalar) }
  static var microBatch: Setting<Int> { WorkloadSettings.counted("micro_batch", upTo: 1 << 30) }
  static var accumulation: Setting<Int> { WorkloadSettings.counted("accumulation", upTo: 1 << 20) }
  static var dataParallel: Setting<Int> { WorkloadSettings.counted("data_parallel", upTo: 1 << 20) }
  static var tensorParallel: Setting<Int> {
    WorkloadSettings.counted("tensor_parallel", upTo: 1 << 10)
  }
  static var pipelineParallel: Setting<Int> {
    WorkloadSettings.counted("pipeline_parallel", upTo: 1 << 10)
  }
  static var virtualPipeline: Setting<Int> {
    WorkloadSettings.counted("virtual_pipeline", upTo: 1 << 10)
  }
  static var sequenceParallel: Setting<Bool> {
    Setting("sequence_parallel", .bool, write: SettingText.bool)
  }
  static var zeroStage: Setting<Int> { Setting("zero_stage", stage, write: SettingText.count) }
  static var precision: Setting<Precision> { Setting("precision", words: Precision.self) }
  static var gather: Setting<ContrastiveGather> {
    Setting("contrastive_gather", words: ContrastiveGather.self)
  }
  static var recomputation: Setting<ByTower<RecomputationPlan>> {
    Setting("recomputation", .byTower(plan)) { $0.written(writePlan) }
  }
  static var attention: Setting<ByTower<AttentionKernel>> {
    Setting("attention", .byTower(.enumeration(of: AttentionKernel.self))) {
      $0.written(\.rawValue)
    }
  }

  static var stage: Reading<Int> {
    .word(among: (0...3).map { (word: "\($0)", value: $0) })
  }

  /// `none | selective | full`, or `{per_block: [{full: 12, selective: 0}]}`.
  private static var plan: Reading<RecomputationPlan> {
    let words: [(word: String, value: RecomputationPlan)] = [
      ("none", .none), ("selective", .selective), ("full", .full),
    ]
    let word = Reading<RecomputationPlan>.word(among: words)
    let counts = Reading<RecomputationPlan.BlockCounts>.section(
      standIn: RecomputationPlan.BlockCounts(full: 0, selective: 0),
      example: "{full: 12, selective: 0}"
    ) { section in
      RecomputationPlan.BlockCounts(
        full: section.required("full", .countFromZero),
        selective: section.required("selective", .countFromZero))
    }
    let perBlock = Reading<RecomputationPlan>.section(
      standIn: .none, example: "{per_block: [{full: 12, selective: 0}]}"
    ) { RecomputationPlan(.perBlock($0.required("per_block", .list(of: counts)))) }
    return Reading(standIn: .none, example: "full") { node, context in
      node.entries == nil ? word.read(node, context) : perBlock.read(node, context)
    }
  }

  static func writePlan(_ plan: RecomputationPlan) -> String {
    switch plan.kind {
    case .none: "none"
    case .selective: "selective"
    case .full: "full"
    case .perBlock(let groups):
      SettingText.mapping([
        (
          "per_block",
          SettingText.list(
            groups.map {
              SettingText.mapping([("full", "\($0.full)"), ("selective", "\($0.selective)")])
            })
        )
      ])
    }
  }
}

/// A value for all towers, or one for each of some.
enum ByTower<Value: Hashable & Sendable>: Hashable, Sendable {
  case all(Value)
  case some([String: Value])

  /// The value of one tower.
  func value(_ tower: String) -> Value? {
    switch self {
    case .all(let value): value
    case .some(let values): values[tower]
    }
  }

  func written(_ write: (Value) -> String) -> String {
    switch self {
    case .all(let value): write(value)
    case .some(let values):
      SettingText.mapping(
        values.sorted { $0.key < $1.key }.map { (key: $0.key, value: write($0.value)) })
    }
  }
}

extension Reading {
  /// One value for all towers, or a mapping from towers.
  static func byTower<Item>(_ item: Reading<Item>) -> Reading<Value>
  where Value == ByTower<Item> {
    let mapping = Reading<[(key: String, value: Item)]>.entries(of: item)
    return Reading(standIn: .all(item.standIn), example: item.example) { node, context in
      let isMapping = node.entries.map { entries in
        !entries.contains { $0.key == "per_block" }
      }
      guard isMapping == true else { return item.read(node, context).map { .all($0) } }
      return mapping.read(node, context).map { pairs in
        .some(Dictionary(pairs.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first }))
      }
    }
  }
}

/// The settings of `search:`: nil stands for `auto`.
enum SearchSettings {
  static var microBatches: Setting<[Int]?> { choices("micro_batch", .count, SettingText.count) }
  static var accumulations: Setting<[Int]?> { choices("accumulation", .count, SettingText.count) }
  static var zeroStages: Setting<[Int]?> {
    choices("zero_stage", StrategySettings.stage, SettingText.count)
  }
  static var tensorParallel: Setting<[Int]?> {
    choices("tensor_parallel", .count, SettingText.count)
  }
  static var pipelineParallel: Setting<[Int]?> {
    choices("pipeline_parallel", .count, SettingText.count)
  }
  static var recomputation: Setting<[RecomputationChoice]?> { words("recomputation") }
  static var attention: Setting<[AttentionKernel]?> { words("attention") }
  static var precisions: Setting<[Precision]?> { words("precision") }
  static var gathers: Setting<[ContrastiveGather]?> { words("contrastive_gather") }
  static var branches: Setting<[Branches]?> { words("calibration.branches") }

  private static func words<Word>(_ key: String) -> Setting<[Word]?>
  where Word: RawRepresentable<String> & CaseIterable & Hashable & Sendable {
    choices(key, .enumeration(of: Word.self)) { $0.rawValue }
  }

  private static func choices<Item: Hashable & Sendable>(
    _ key: String, _ item: Reading<Item>, _ write: @escaping (Item) -> String
  ) -> Setting<[Item]?> {
    let list = Reading<[Item]>.list(of: item).checked("a list with at least one choice") {
      !$0.isEmpty
    }
    return Setting(
      key,
      Reading(standIn: nil, example: "auto") { node, context in
        if node.scalar == "auto" { return .some(nil) }
        return list.read(node, context).map { .some($0) }
      }
    ) { $0.map { SettingText.list($0.map(write)) } ?? "auto" }
  }
}

/// The order of LSA-ITC's two branches, as scenarios write it.
enum Branches: String, CaseIterable, Sendable {
  case together
  case sequential

  var method: CalibrationMethod { self == .together ? .lsaITC : .lsaITCSequential }

  init?(_ method: CalibrationMethod) {
    switch method {
    case .lsaITC: self = .together
    case .lsaITCSequential: self = .sequential
    default: return nil
    }
  }
}
