import Clusters
public import Planning
import Quantities
public import Scenarios
import Strategies
import Workloads

/// Bytes of one GiB.
let gibibyte = 1_073_741_824.0

/// A case as a scenario of this project: one workload, one cluster, one fixed strategy.
public struct CaseSetup: Sendable {
  /// The case.
  public let published: PublishedCase
  /// The question that `estimate` and `explain` answer.
  public let scenario: Scenario
  /// Names that were matched with what is nearest, and settings that were changed, as sentences.
  public let notes: [String]
  /// Whether software, accelerator and machine are known by name.
  public let isKnown: Known

  /// What of a case is known by name.
  public struct Known: Sendable, Hashable {
    /// The software's label names a stack.
    public var software: Bool
    /// The accelerator stands in the table of devices.
    public var accelerator: Bool
    /// The machine, where one is named, stands in the table of machines.
    public var machine: Bool

    /// What is known.
    public init(software: Bool, accelerator: Bool, machine: Bool) {
      self.software = software
      self.accelerator = accelerator
      self.machine = machine
    }
  }
}

/// Why a case cannot be set up.
public struct CaseProblem: Error, Sendable, Hashable {
  /// One sentence.
  public var reason: String
}

/// Turns cases into scenarios; reads profiles and stacks once.
///
/// Not shared between threads.
public final class CaseSetter {
  /// What was fitted to published steps.
  let constants: StepConstants
  private let loader: ScenarioLoader
  private let machines: MachineBook
  private var stacks: [String: SoftwareStack] = [:]
  private var clusters: [CaseHardware: (cluster: Cluster, notes: CaseNotes)] = [:]

  /// A setter over the loader's data folders.
  ///
  /// - Throws: As `MachineBook`.
  public init(loader: ScenarioLoader) throws {
    constants = try loader.stepConstants()
    // Read once, not with every profile and stack.
    var loader = loader
    loader.constants = constants
    self.loader = loader
    machines = try MachineBook(loader: loader)
  }

  /// The scenario of a case.
  ///
  /// - Throws: `CaseProblem` where no model can be made of it; `FileErrors` where a profile or a
  ///   stack cannot be read.
  public func setup(_ published: PublishedCase) throws -> CaseSetup {
    var notes = CaseNotes()
    for key in published.unknownKeys { notes.add("'\(key)' is not in the schema and was ignored") }
    let cluster = try cluster(published.hardware, notes: &notes)
    let choice = StackChoice(published.strategy, family: published.workload.family)
    let stack = try stack(choice, notes: &notes)
    let model = try model(published, habits: stack.models, notes: &notes)
    let given = published.strategy
    let samples = given.microBatch * given.accumulation
    guard
      model.isCountable(
        samples: Double(samples), globalBatch: samples * given.dataParallel)
    else {
      throw CaseProblem(
        reason: "the batch and the model multiply to more bytes than can be counted")
    }
    var builder = CaseStrategyBuilder(
      published: published, cluster: cluster, stack: stack, usual: choice.attention,
      model: model, notes: notes)
    let strategy = builder.strategy()
    notes = builder.notes
    let workload = workload(published, model: model, strategy: strategy, notes: &notes)
    var whole = builder.cluster
    if strategy.accelerators != cluster.accelerators {
      notes.add(
        "the degrees multiply to \(strategy.accelerators) accelerators, not \(cluster.accelerators)"
      )
      whole.accelerators = strategy.accelerators
    }
    let scenario = Scenario(
      id: published.id, title: "\(published.group): \(published.workload.model)",
      workload: workload, calibrations: [:], cluster: whole, strategy: strategy,
      search: SearchSpace(), objective: .time, constraints: Scenario.Constraints(),
      campaign: Scenario.Campaign(), assumptions: [])
    return CaseSetup(
      published: published, scenario: scenario, notes: notes.lines,
      isKnown: CaseSetup.Known(
        software: notes.knownStack, accelerator: notes.knownAccelerator,
        machine: notes.knownCluster))
  }

  // MARK: Parts

  private func cluster(_ hardware: CaseHardware, notes: inout CaseNotes) throws -> Cluster {
    let found = try clusters[hardware] ?? fresh(hardware)
    clusters[hardware] = found
    for line in found.notes.lines { notes.add(line) }
    notes.knownAccelerator = found.notes.knownAccelerator
    notes.knownCluster = found.notes.knownCluster
    return found.cluster
  }

  private func fresh(_ hardware: CaseHardware) throws -> (cluster: Cluster, notes: CaseNotes) {
    var notes = CaseNotes()
    var cluster = try machines.cluster(hardware, notes: &notes)
    // A device that the profile was dressed as may have another architecture.
    cluster.profile = constants.applied(to: cluster.profile)
    return (cluster, notes)
  }

  private func stack(_ choice: StackChoice, notes: inout CaseNotes) throws -> SoftwareStack {
    notes.knownStack = choice.isKnown
    notes.add(choice.note)
    if let known = stacks[choice.stack] { return known }
    let stack = try loader.stack(choice.stack)
    stacks[choice.stack] = stack
    return stack
  }

  private func model(
    _ published: PublishedCase, habits: ModelHabits, notes: inout CaseNotes
  ) throws(CaseProblem) -> ModelSpec {
    var maker = CaseModel(
      workload: published.workload, software: published.strategy.software, habits: habits,
      notes: notes)
    do throws(CaseModel.Problem) {
      let family = try maker.family()
      notes = maker.notes
      return ModelSpec(id: published.workload.model, family: family, source: published.source)
    } catch {
      throw CaseProblem(reason: error.reason)
    }
  }

  private func workload(
    _ published: PublishedCase, model: ModelSpec, strategy: Strategy, notes: inout CaseNotes
  ) -> Workload {
    let given = published.workload
    var frozen = Set(given.frozen)
    if given.language?.isFrozen == true { frozen.insert("language") }
    let towers = Set(model.towerNames)
    // The schema says `text` for the Q-Former.
    if frozen.contains("text"), towers.contains("qformer") {
      frozen.remove("text")
      frozen.insert("qformer")
    }
    for name in frozen.subtracting(towers).sorted() {
      notes.add("there is no tower '\(name)' to freeze")
    }
    let batch = strategy.globalBatch
    return Workload(
      model: model, frozen: frozen.intersection(towers), patchDropout: given.patchDropout,
      globalBatch: batch,
      samplesSeen: given.samplesSeen.map { Sourced($0, origin: .given) }
        ?? Sourced(Double(batch) * 1000, origin: .assumed),
      optimizer: optimizer(published.strategy.optimizer, notes: &notes))
  }

  private func optimizer(_ name: String, notes: inout CaseNotes) -> Optimizer {
    switch name.lowercased() {
    case "adam", "adamw", "fused-adam", "fused_adam": return .adamw
    default:
      if let known = Optimizer(rawValue: name.lowercased()) { return known }
      notes.add("optimizer '\(name)' is not known: priced as adamw")
      return .adamw
    }
  }
}
