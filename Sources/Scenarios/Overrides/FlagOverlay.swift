/// The flags as nodes that replace those of a file, so that one reader checks both.
///
/// Nodes of flags stand in line 0; their column is that of the value in `text`, the flags written
/// in one line, which error messages quote.
struct FlagOverlay {
  /// The line that marks nodes of flags.
  static let line = 0

  /// One flag: where its value goes.
  struct Flag {
    var path: [String]
    var node: YAMLNode
    /// False for nodes that are not a single setting.
    var isSetting = true
  }

  /// All flags in one line, as a user would type them.
  private(set) var text = ""
  private(set) var flags: [Flag] = []
  /// Paths of the file that flags make obsolete.
  private(set) var removals: [[String]] = []
  /// Flags that cannot be understood at all.
  private(set) var complaints: [(column: Int, message: String, help: String)] = []

  init(_ overrides: ScenarioOverrides) {
    typealias Number = SettingText
    addModel(overrides.model)
    if let hardware = overrides.hardware {
      // What another cluster's network and price were does not hold for this one.
      removals += [["cluster", "network"], ["cluster", "price"]]
      add("--hardware", hardware, ["cluster", "hardware"])
    }
    add("--accelerators", overrides.accelerators.map(Number.count), ["cluster", "accelerators"])
    add("--micro-batch", overrides.microBatch.map(Number.count), ["strategy", "micro_batch"])
    add("--global-batch", overrides.globalBatch.map(Number.count), ["workload", "global_batch"])
    addSamples(overrides)
    for tower in overrides.frozen {
      add("--frozen", tower, ["workload", "towers", tower, "trainable"], value: "none")
    }
    if let rank = overrides.lora {
      let place = append("--lora", Number.count(rank))
      if TrainabilitySettings.ranks.contains(rank) {
        let adapters = mapping([("rank", scalar(Number.count(rank), place))], place)
        flags.append(
          Flag(
            path: ["workload", TrainabilitySettings.key],
            node: mapping([("lora", adapters)], place)))
      } else {
        complain(
          place, "--lora is a rank from 1 to \(TrainabilitySettings.ranks.upperBound), not \(rank)",
          "for example --lora \(TrainabilitySettings.defaultRank)")
      }
    }
    add("--precision", overrides.precision, ["strategy", "precision"])
    add("--price", overrides.price, ["cluster", "price"])
    add("--deadline", overrides.deadline, ["constraints", "deadline"])
    add("--budget", overrides.budget, ["constraints", "budget"])
    add("--calibration", overrides.calibration, ["calibration", "method"])
    add("--software", overrides.software, ["strategy", "software"])
    add("--attention", overrides.attention, ["strategy", "attention"], isByTower: true)
    add("--zero", overrides.zero.map(Number.count), ["strategy", "zero_stage"])
    add("--recomputation", overrides.recomputation, ["strategy", "recomputation"], isByTower: true)
    add(
      "--patch-dropout", overrides.patchDropout.map(Number.number), ["workload", "patch_dropout"])
    for assignment in overrides.set { addAssignment(assignment) }
  }

  // MARK: - Flags

  private mutating func addModel(_ model: String?) {
    guard let model else { return }
    // The sizes that the file spells out belong to its own model.
    removals += ["family", "loss", "towers", "embedding_width"].map { ["workload", $0] }
    let isPath = model.contains("/") || model.hasSuffix(".json") || model.hasSuffix(".yaml")
    guard isPath else { return add("--model", model, ["workload", "model"]) }
    let place = append("--model", model)
    let format = ModelFileFormat(named: model).rawValue
    let node = mapping([("file", scalar(model, place)), ("format", scalar(format, place))], place)
    flags.append(Flag(path: ["workload", "model"], node: node, isSetting: false))
  }

  private mutating func addSamples(_ overrides: ScenarioOverrides) {
    let data = ["workload", "data"]
    if overrides.samplesSeen != nil {
      removals += [data + ["epochs"], data + ["dataset_size"]]
    }
    if overrides.epochs != nil || overrides.datasetSize != nil {
      removals.append(data + ["samples_seen"])
    }
    add(
      "--samples-seen", overrides.samplesSeen.map(SettingText.number), data + ["samples_seen"])
    add("--epochs", overrides.epochs.map(SettingText.number), data + ["epochs"])
    add(
      "--dataset-size", overrides.datasetSize.map(SettingText.number), data + ["dataset_size"])
  }

  private mutating func add(
    _ flag: String, _ text: String?, _ path: [String], value: String? = nil, isByTower: Bool = false
  ) {
    guard let text else { return }
    let place = append(flag, text)
    let node =
      isByTower && text.contains("=") ? towers(text, place) : scalar(value ?? text, place)
    flags.append(Flag(path: path, node: node))
  }

  private mutating func addAssignment(_ assignment: String) {
    let place = append("--set", assignment)
    guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
      return complain(
        place, "'\(assignment)' is not PATH=VALUE", "for example --set strategy.zero_stage=1")
    }
    let name = String(assignment[..<equals]).filter { !$0.isWhitespace }
    let value = String(assignment[assignment.index(after: equals)...])
    var path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    if path.first == "search", path.count > 2 {
      path = ["search", path.dropFirst().joined(separator: ".")]
    }
    guard path.count > 1 || path == ["objective"], path.count <= 6, !path.contains("") else {
      return complain(
        place, "'\(name)' is not the path of a setting",
        "name the section too, for example strategy.micro_batch or calibration.attack_steps")
    }
    if let first = value.first, first == "[" || first == "{" {
      do {
        let node = try YAMLComposer.compose(SourceFile(name: "--set", text: value))
        flags.append(Flag(path: path, node: moved(node, to: place)))
      } catch {
        let problem = error.diagnostics.first?.message ?? "it cannot be read"
        complain(place, "the value of '\(name)': \(problem)", "for example [1, 2, 3]")
      }
      return
    }
    flags.append(Flag(path: path, node: scalar(value, place)))
  }

  private mutating func complain(_ place: SourceLocation, _ message: String, _ help: String) {
    complaints.append((place.column, message, help))
  }

  /// Adds a flag to the line of all flags; returns where its value starts.
  private mutating func append(_ flag: String, _ value: String) -> SourceLocation {
    if !text.isEmpty { text += " " }
    text += flag + " "
    let column = text.unicodeScalars.count + 1
    // A value with a line break would tear the quoted line apart.
    text += String(value.map { $0.isNewline ? " " : $0 })
    return SourceLocation(line: Self.line, column: column)
  }

  // MARK: - Nodes

  private func scalar(_ text: String, _ place: SourceLocation) -> YAMLNode {
    YAMLNode(content: .scalar(text, isQuoted: text.isEmpty || text == "null"), location: place)
  }

  private func mapping(_ entries: [(String, YAMLNode)], _ place: SourceLocation) -> YAMLNode {
    YAMLNode(
      content: .mapping(
        entries.map { YAMLNode.Entry(key: $0.0, keyLocation: place, value: $0.1) }),
      location: place)
  }

  /// `image=flash,text=unfused` as a mapping.
  private func towers(_ text: String, _ place: SourceLocation) -> YAMLNode {
    var entries: [(String, YAMLNode)] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = pair.count == 2 ? String(pair[1]) : ""
      if !entries.contains(where: { $0.0 == pair[0] }) {
        entries.append((String(pair[0]), scalar(value, place)))
      }
    }
    return mapping(entries, place)
  }

  private func moved(_ node: YAMLNode, to place: SourceLocation) -> YAMLNode {
    switch node.content {
    case .scalar: YAMLNode(content: node.content, location: place)
    case .list(let items):
      YAMLNode(content: .list(items.map { moved($0, to: place) }), location: place)
    case .mapping(let entries):
      mapping(entries.map { ($0.key, moved($0.value, to: place)) }, place)
    }
  }
}
