import Workloads

/// What of a tower is trained: `all | none | last N blocks | lora`, or
/// `{lora: {rank: 8, targets: [query, value]}}`.
enum TrainabilitySettings {
  static let key = "trainable"
  /// The rank where only `lora` is written: that of the common implementation.
  static let defaultRank = 8
  /// Ranks that make sense: no tower is wider.
  static let ranks = 1...65_536

  static var trainable: Setting<Trainability> { Setting(key, reading, write: write) }

  /// Whether rank or targets are left to the default.
  static func leavesOut(_ node: YAMLNode) -> Bool {
    let node = node.entries?.first { $0.key == "value" }?.value ?? node
    if node.scalar == "lora" { return true }
    guard let lora = node.entries?.first(where: { $0.key == "lora" })?.value.entries else {
      return false
    }
    return ["rank", "targets"].contains { key in !lora.contains { $0.key == key } }
  }

  private static var reading: Reading<Trainability> {
    let lora = Reading<Trainability>.section(
      standIn: .all, example: "{lora: {rank: 8, targets: [query, value]}}"
    ) { .lora($0.section("lora", adapters)) }
    return Reading(standIn: .all, example: "last 4 blocks") { node, context in
      node.entries == nil ? word.read(node, context) : lora.read(node, context)
    }
  }

  private static func adapters(_ section: Section) -> LoRA {
    let rank = section.value(
      "rank", .count.checked("at most \(ranks.upperBound)") { ranks.contains($0) },
      default: defaultRank)
    let targets = section.value(
      "targets",
      .list(of: .enumeration(of: LoRA.Target.self)).checked(
        "a list of at least one of \(LoRA.Target.allCases.map(\.rawValue).joined(separator: ", "))",
        standIn: [.query, .value]
      ) { !$0.isEmpty }, default: [.query, .value])
    return LoRA(rank: rank, targets: Set(targets))
  }

  private static var word: Reading<Trainability> {
    .scalar(standIn: .all, example: "last 4 blocks") { text throws(Complaint) in
      let parts = text.split(separator: " ").map(String.init)
      switch parts.first {
      case "all" where parts.count == 1: return .all
      case "none" where parts.count == 1: return .none
      case "lora" where parts.count == 1: return .lora(LoRA(rank: defaultRank))
      case "lora":
        throw Complaint(
          "'\(text)' is not known", help: "write {lora: {rank: 8, targets: [query, value]}}")
      case "last":
        guard parts.count == 3, let count = Int(parts[1]), count >= 0,
          parts[2] == "blocks" || parts[2] == "block"
        else { throw Complaint("'\(text)' does not say how many blocks", help: "last 4 blocks") }
        return .lastBlocks(count)
      default:
        let known = ["all", "none", "last 4 blocks", "lora"]
        throw Complaint("'\(text)' is not known", help: Nearest.help(for: text, among: known))
      }
    }
  }

  static func write(_ value: Trainability) -> String {
    switch value {
    case .all: "all"
    case .none: "none"
    case .lastBlocks(let count): "last \(count) block\(count == 1 ? "" : "s")"
    case .lora(let lora):
      SettingText.mapping([
        (
          "lora",
          SettingText.mapping([
            ("rank", "\(lora.rank)"),
            ("targets", SettingText.list(lora.orderedTargets.map(\.rawValue))),
          ])
        )
      ])
    }
  }
}
