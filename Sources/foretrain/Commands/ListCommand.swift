import ArgumentParser
import Clusters
import Quantities
import Reporting
import Scenarios
import Strategies
import Workloads

/// `foretrain list`.
struct ListCommand: ParsableCommand {
  /// What can be listed.
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case hardware
    case models
    case methods
    case scenarios
    case stacks
  }

  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List hardware, models, methods, scenarios or stacks.",
    discussion: "  foretrain list models\n  foretrain list hardware --format json")

  @Argument(help: "hardware, models, methods, scenarios or stacks.")
  var kind: Kind
  @OptionGroup var folders: DataOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let loader = try folders.loader()
    let table =
      switch kind {
      case .hardware: try hardware(loader)
      case .models: try models(loader)
      case .methods: methods
      case .scenarios: scenarios(loader)
      case .stacks: try stacks(loader)
      }
    try output.write(
      ListView(kind: kind.rawValue, table: table),
      provenance: Provenance(version: Tool.version, stamp: output.invocation))
  }

  private func hardware(_ loader: ScenarioLoader) throws -> Table {
    let profiles = try loader.hardwareIDs.map(loader.hardware)
    return Table(
      columns: [
        .init("id", "Id"), .init("accelerator", "Accelerator"),
        .init("memory_bytes", "Memory", .right), .init("peak_16_bit", "16-bit peak", .right),
        .init("per_node", "Per node", .right), .init("price", "Price", .right),
        .init("speeds", "Speeds"),
      ],
      rows: profiles.map { profile in
        let device = profile.accelerator
        let peak = device.peak[.bf16] ?? device.peak[.fp16]
        return [
          .words(profile.id), .words(device.name),
          .number(device.memory.value.value, device.memory.value.description),
          peak.map { .number($0.value.value, $0.value.description) } ?? .unknown,
          .integer(profile.node.accelerators.value),
          profile.site.price.map { .number($0.value.value, "\($0.value)") } ?? .unknown,
          .words(profile.datasheetOnly ? "datasheet only" : "measured or published"),
        ]
      })
  }

  private func models(_ loader: ScenarioLoader) throws -> Table {
    let models = try loader.modelIDs.map(loader.model)
    return Table(
      columns: [
        .init("id", "Id"), .init("parameters", "Parameters", .right),
        .init("forward_flops_per_sample", "Forward FLOP per sample", .right),
        .init("towers", "Towers"),
      ],
      rows: models.map { model in
        let flops = Flops(model.forwardFlopsPerSample)
        return [
          .words(model.id), .integer(model.parameters),
          .number(flops.value, flops.description),
          .words(model.towerNames.joined(separator: ", ")),
        ]
      })
  }

  private var methods: Table {
    Table(
      columns: [.init("id", "Id"), .init("summary", "What it is")],
      rows: CalibrationMethod.allCases.map { [.words($0.rawValue), .words($0.summary)] })
  }

  private func scenarios(_ loader: ScenarioLoader) -> Table {
    Table(
      columns: [
        .init("id", "Id"), .init("title", "Title"), .init("model", "Model"),
        .init("cluster", "Cluster"), .init("problem", "Problem"),
      ],
      rows: loader.scenarioListing().map { entry in
        [
          .words(entry.id), .words(entry.title), .words(entry.model), .words(entry.cluster),
          entry.problem.map { .words($0) } ?? .empty,
        ]
      })
  }

  private func stacks(_ loader: ScenarioLoader) throws -> Table {
    let stacks = try loader.stackIDs.map(loader.stack)
    return Table(
      columns: [
        .init("id", "Id"), .init("title", "Title"), .init("attention", "Attention"),
        .init("zero_stages", "ZeRO stages"),
      ],
      rows: stacks.map { stack in
        [
          .words(stack.id), .words(stack.title),
          .words(stack.attention.map(\.rawValue).joined(separator: ", ")),
          .words(stack.zeroStages.map(String.init).joined(separator: ", ")),
        ]
      })
  }
}
