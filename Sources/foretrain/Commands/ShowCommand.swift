import ArgumentParser
import Quantities
import Reporting
import Scenarios
import Strategies
import Workloads

/// `foretrain show`.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show one profile, model, method, scenario or stack with its values and sources.",
    discussion: "  foretrain show a100-40gb-sxm-juwels\n  foretrain show EVA02-E-14-plus")

  @Argument(help: "An id from `foretrain list`.")
  var id: String
  @OptionGroup var folders: DataOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let loader = try folders.loader()
    let (kind, table) = try found(loader)
    try output.write(
      ListView(kind: kind, table: table),
      provenance: Provenance(version: Tool.version, stamp: output.invocation))
  }

  private func found(_ loader: ScenarioLoader) throws -> (String, Table) {
    if loader.hardwareIDs.contains(id) {
      let text = HardwareProfileWriter.text(of: try loader.hardware(id))
      return ("profile", lines(text))
    }
    if loader.modelIDs.contains(id) { return ("model", model(try loader.model(id))) }
    if loader.scenarioIDs.contains(id) {
      return ("scenario", lines(try loader.text(of: try loader.load(id))))
    }
    if loader.stackIDs.contains(id) {
      let stack = try loader.stack(id)
      return (
        "stack",
        Table(
          columns: [.init("setting", "Setting"), .init("value", "Value")],
          rows: [
            [.words("id"), .words(stack.id)], [.words("title"), .words(stack.title)],
            [.words("mixed precision"), .words(stack.mixedState.rawValue)],
            [
              .words("elementwise factor"),
              .number(
                stack.elementwiseFactor.value,
                Format.significant(stack.elementwiseFactor.value) + ", "
                  + stack.elementwiseFactor.origin.rawValue),
            ],
            [
              .words("ZeRO stages"),
              .words(stack.zeroStages.map(String.init).joined(separator: ", ")),
            ],
          ]
            + stack.sources.sorted { $0.key < $1.key }.map {
              [.words("source \($0.key)"), .words($0.value)]
            })
      )
    }
    if let method = CalibrationMethod(rawValue: id) {
      return ("method", self.method(method))
    }
    let all =
      loader.hardwareIDs + loader.modelIDs + loader.scenarioIDs + loader.stackIDs
      + CalibrationMethod.allCases.map(\.rawValue)
    throw UsageError("there is nothing called '\(id)'", help: Nearest.help(for: id, among: all))
  }

  private func lines(_ text: String) -> Table {
    Table(
      columns: [.init("yaml", "")],
      rows: text.split(separator: "\n", omittingEmptySubsequences: false).map {
        [.words(String($0))]
      })
  }

  private func model(_ model: ModelSpec) -> Table {
    var rows: [[Table.Cell]] = [
      [.words("id"), .words(model.id)],
      [.words("parameters"), .integer(model.parameters)],
      [
        .words("forward FLOP per sample"),
        .number(
          model.forwardFlopsPerSample, Format.fixed(model.forwardFlopsPerSample, digits: 0)),
      ],
    ]
    for pass in model.forwardFlopsByTower {
      rows.append([
        .words("forward FLOP, \(pass.tower)"),
        .number(pass.flops, Format.fixed(pass.flops, digits: 0)),
      ])
    }
    if !model.frozenByDefault.isEmpty {
      rows.append([
        .words("frozen"), .words(model.frozenByDefault.sorted().joined(separator: ", ")),
      ])
    }
    rows.append([.words("source"), .words(model.source)])
    return Table(columns: [.init("figure", "Figure"), .init("value", "Value")], rows: rows)
  }

  private func method(_ method: CalibrationMethod) -> Table {
    let settings = CalibrationSettings(method: method)
    return Table(
      columns: [.init("setting", "Setting"), .init("value", "Default")],
      rows: [
        [.words("id"), .words(method.rawValue)], [.words("what"), .words(method.summary)],
        [.words("attack steps K"), .integer(settings.attackSteps)],
        [.words("attack site"), .words("\(settings.attackSite)")],
        [
          .words("clean share p0"),
          .number(settings.cleanShare, Format.significant(settings.cleanShare)),
        ],
        [.words("conditioning"), .words(settings.conditioning.rawValue)],
        [.words("clean branch"), .words(settings.cleanBranch.rawValue)],
        [.words("vulnerable layers m"), .integer(settings.vulnerableLayers)],
        [.words("refresh steps R"), .integer(settings.refreshSteps)],
        [.words("sweep points G"), .integer(settings.sweepPoints)],
      ])
  }
}
