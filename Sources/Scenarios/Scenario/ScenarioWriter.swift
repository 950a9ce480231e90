public import Clusters
public import Planning
import Quantities
import Strategies
import Workloads

/// Writes a scenario as a file that reads back to an equal scenario, assumptions included.
public struct ScenarioWriter {
  private let scenario: Scenario
  private let base: HardwareProfile?
  private var lines: [String] = []
  private var indent = 0
  /// Assumptions by key.
  private let notes: [String: (value: String, origin: Origin, source: String)]
  /// Citations to their ids.
  private let ids: [String: String]

  /// The text of a scenario.
  ///
  /// - Parameters:
  ///   - scenario: The scenario.
  ///   - base: The profile as its file has it; what the scenario changes is what differs from it.
  ///     nil writes everything that a scenario may change.
  /// - Returns: The text of a scenario file.
  public static func text(of scenario: Scenario, base: HardwareProfile?) -> String {
    var writer = ScenarioWriter(scenario, base: base)
    writer.write()
    return writer.lines.joined(separator: "\n") + "\n"
  }

  private init(_ scenario: Scenario, base: HardwareProfile?) {
    self.scenario = scenario
    self.base = base
    notes = Dictionary(
      scenario.assumptions.map { ($0.key, ($0.value, $0.origin, $0.source)) },
      uniquingKeysWith: { first, _ in first })
    ids = Dictionary(
      scenario.sources.sorted { $0.key < $1.key }.map { ($0.value, $0.key) },
      uniquingKeysWith: { first, _ in first })
  }

  private mutating func write() {
    line("schema: " + ScenarioReader.schema)
    line("id: " + scenario.id)
    line("title: " + SettingText.scalar(scenario.title))
    blank()
    section("workload") { $0.workload() }
    section("calibration") { $0.calibration() }
    section("cluster") { $0.cluster() }
    section("strategy") { $0.strategy() }
    section("search") { $0.search() }
    put("", Setting("objective", words: Objective.self), scenario.objective)
    section("constraints") { $0.constraints() }
    section("campaign") { $0.campaign() }
    let used = scenario.sources.filter { id, _ in
      lines.contains { $0.contains("source: \(SettingText.scalar(id))}") }
    }
    guard !used.isEmpty else { return }
    section("sources") { writer in
      for (id, citation) in used.sorted(by: { $0.key < $1.key }) {
        writer.line(SettingText.scalar(id) + ": " + SettingText.scalar(citation))
      }
    }
  }

  // MARK: - Lines

  mutating func line(_ text: String) {
    lines.append(String(repeating: " ", count: indent) + text)
  }

  private mutating func blank() {
    if lines.last != "" { lines.append("") }
  }

  /// A section; nothing where it would be empty.
  mutating func section(_ key: String, _ body: (inout ScenarioWriter) -> Void) {
    let before = lines
    line(key + ":")
    let count = lines.count
    indent += 2
    body(&self)
    indent -= 2
    if lines.count == count {
      lines = before
    } else if indent == 0 {
      blank()
    }
  }

  /// A setting with the origin that the assumptions name; `given` ones are plain.
  mutating func put<Value>(_ path: String, _ setting: Setting<Value>, _ value: Value) {
    put(path, key: setting.key, text: setting.write(value))
  }

  mutating func put(_ path: String, key: String, text: String) {
    let full = path.isEmpty ? key : path + "." + key
    guard let note = notes[full] else { return line("\(key): \(text)") }
    line("\(key): {value: \(text), \(provenance(note.origin, id(note.source)))}")
  }

  /// A value that carries its own origin and range.
  mutating func put<Value>(_ setting: Setting<Value>, _ value: Sourced<Value>) {
    guard value.origin != .given || value.low != nil || value.high != nil else {
      return line("\(setting.key): \(setting.write(value.value))")
    }
    var parts = ["value: " + setting.write(value.value)]
    if let low = value.low { parts.append("low: " + setting.write(low)) }
    if let high = value.high { parts.append("high: " + setting.write(high)) }
    parts.append(provenance(value.origin, value.source))
    line("\(setting.key): {\(parts.joined(separator: ", "))}")
  }

  /// A setting without effect on the estimate, which lives in the assumptions alone.
  mutating func putRemark(_ path: String, key: String) {
    guard let note = notes[path + "." + key] else { return }
    line("\(key): {value: \(note.value), \(provenance(note.origin, id(note.source)))}")
  }

  private func id(_ citation: String) -> String { ids[citation] ?? citation }

  private func provenance(_ origin: Origin, _ source: String) -> String {
    let source = source.isEmpty ? "" : ", source: " + SettingText.scalar(source)
    return "origin: \(origin.rawValue)" + source
  }

  // MARK: - Sections

  private mutating func workload() {
    let workload = scenario.workload
    if let file = scenario.modelFile {
      let path = SettingText.scalar(file.path)
      line("model: {file: \(path), format: \(file.format)}")
    } else {
      put("workload", key: "model", text: SettingText.scalar(workload.model.id))
    }
    let names = workload.model.namedTowers
    section("towers") { writer in
      for name in names {
        let isFrozen = workload.frozen.contains(name)
        let training = workload.partial[name] ?? (isFrozen ? .none : .all)
        let isFrozenByDefault = workload.model.frozenByDefault.contains(name)
        guard training != (isFrozenByDefault ? .none : .all) else { continue }
        writer.section(name) {
          $0.put("workload.towers.\(name)", TrainabilitySettings.trainable, training)
        }
      }
    }
    if workload.patchDropout != 0 || notes["workload.patch_dropout"] != nil {
      put("workload", WorkloadSettings.patchDropout, workload.patchDropout)
    }
    section("data") { writer in
      writer.putRemark("workload.data", key: "name")
      writer.put(WorkloadSettings.samplesSeen, workload.samplesSeen)
      if let limit = workload.inputRateLimit {
        writer.put(WorkloadSettings.inputRateLimit, limit.optional)
      } else if writer.isNoted("workload.data.input_rate_limit") {
        writer.put("workload.data", WorkloadSettings.inputRateLimit, nil)
      }
    }
    put("workload", WorkloadSettings.globalBatch, workload.globalBatch)
    put("workload", WorkloadSettings.optimizer, workload.optimizer)
  }

  private mutating func cluster() {
    let (scenario, base) = (scenario, base)
    let profile = scenario.cluster.profile
    put("cluster", key: "hardware", text: SettingText.scalar(profile.id))
    put("cluster", ClusterSettings.accelerators, scenario.cluster.accelerators)
    if profile.network.busBandwidth != base?.network.busBandwidth {
      put(ClusterSettings.network, profile.network.busBandwidth)
    }
    if profile.site.price != base?.site.price || (base == nil && profile.site.price != nil) {
      put(
        ClusterSettings.price,
        profile.site.price?.optional ?? Sourced(nil, origin: .given))
    }
    section("site") { writer in
      let site = profile.site
      if site.pue != base?.site.pue { writer.put(ClusterSettings.pue, site.pue) }
      if let grid = site.grid, grid != base?.site.grid { writer.put(ClusterSettings.grid, grid) }
      if site.failuresPer1000NodeDays != base?.site.failuresPer1000NodeDays {
        writer.put(ClusterSettings.failures, site.failuresPer1000NodeDays)
      }
      if site.restart != base?.site.restart { writer.put(ClusterSettings.restart, site.restart) }
      if scenario.campaign.spareNodes > 0 || writer.isNoted("cluster.site.spare_nodes") {
        writer.put("cluster.site", ClusterSettings.spareNodes, scenario.campaign.spareNodes)
      }
    }
  }

  private mutating func strategy() {
    let strategy = scenario.strategy
    let path = "strategy"
    put(path, key: "software", text: SettingText.scalar(strategy.software.id))
    put(path, StrategySettings.microBatch, strategy.microBatch)
    put(path, StrategySettings.accumulation, strategy.accumulation)
    put(path, StrategySettings.dataParallel, strategy.dataParallel)
    if strategy.tensorParallel != 1 || notes[path + ".tensor_parallel"] != nil {
      put(path, StrategySettings.tensorParallel, strategy.tensorParallel)
    }
    if strategy.pipelineParallel != 1 || notes[path + ".pipeline_parallel"] != nil {
      put(path, StrategySettings.pipelineParallel, strategy.pipelineParallel)
    }
    if strategy.virtualPipeline != 1 || notes[path + ".virtual_pipeline"] != nil {
      put(path, StrategySettings.virtualPipeline, strategy.virtualPipeline)
    }
    if strategy.sequenceParallel || notes[path + ".sequence_parallel"] != nil {
      put(path, StrategySettings.sequenceParallel, strategy.sequenceParallel)
    }
    put(path, StrategySettings.zeroStage, strategy.zeroStage)
    put(path, StrategySettings.precision, strategy.precision)
    put(path, StrategySettings.recomputation, recomputation)
    let kernels: ByTower<AttentionKernel> =
      strategy.attention.isEmpty ? .all(strategy.defaultAttention) : .some(kernelsByTower)
    put(path, StrategySettings.attention, kernels)
    put(path, StrategySettings.gather, strategy.contrastiveGather)
  }

  /// All towers by name, since a missing one reads as `unfused`.
  private var kernelsByTower: [String: AttentionKernel] {
    guard scenario.strategy.defaultAttention != .unfused else { return scenario.strategy.attention }
    var all = scenario.strategy.attention
    for tower in scenario.workload.model.namedTowers where all[tower] == nil {
      all[tower] = scenario.strategy.defaultAttention
    }
    return all
  }

  private var recomputation: ByTower<RecomputationPlan> {
    let plans = scenario.strategy.recomputation
    let towers = scenario.workload.model.namedTowers
    guard let first = towers.first.flatMap({ plans[$0] }) else {
      return plans.isEmpty ? .all(.none) : .some(plans)
    }
    return towers.allSatisfy { plans[$0] == first } ? .all(first) : .some(plans)
  }

  private mutating func constraints() {
    let constraints = scenario.constraints
    if let deadline = constraints.deadline {
      put("constraints", ConstraintSettings.deadline, deadline)
    }
    if let budget = constraints.budget { put("constraints", ConstraintSettings.budget, budget) }
    if constraints.memoryMargin != Scenario.Constraints().memoryMargin
      || notes["constraints.memory_margin"] != nil
    {
      put("constraints", ConstraintSettings.memoryMargin, constraints.memoryMargin)
    }
  }

  // MARK: - What the other files of this writer need

  var written: Scenario { scenario }
  func isNoted(_ path: String) -> Bool { notes[path] != nil }
}

extension Sourced {
  /// The same value as one that might be absent.
  fileprivate var optional: Sourced<Value?> {
    Sourced<Value?>(
      value, low: low.map { .some($0) }, high: high.map { .some($0) }, origin: origin,
      source: source)
  }
}
