import Quantities
import Workloads

extension ScenarioDraft {
  /// `towers:` repeats what follows from the model, and says what is trained; `trainable:` beside it
  /// says it for the trained towers that do not say it themselves.
  ///
  /// Returns what is trained of each tower.
  func towers(_ section: Section) -> [String: Trainability] {
    let names = model?.namedTowers
    checkEmbeddingWidth(section)
    var training: [String: Trainability] = [:]
    var told: Set<String> = []
    let common = trainable(section, tower: nil)
    for name in names ?? [] {
      let isFrozen = model?.frozenByDefault.contains(name) ?? false
      training[name] =
        isFrozen ? Trainability.none : common.map { whatFits($0, tower: name) } ?? .all
    }
    let written: Void? = section.optionalSection("towers") { towers in
      for name in towers.keys {
        guard names?.contains(name) ?? true else {
          _ = towers.node(name)
          towers.reader.error(
            "the model has no tower '\(name)'",
            help: Nearest.help(for: name, among: names ?? []),
            at: towers.entry(name)?.keyLocation ?? towers.location)
          continue
        }
        let own: Trainability? =
          towers.optionalSection(name) { tower in
            self.checkSizes(tower, name)
            return self.trainable(tower, tower: name)
          } ?? nil
        guard let own else { continue }
        training[name] = own
        told.insert(name)
      }
    }
    assume(section, training.filter { !told.contains($0.key) })
    let isNothingTrained = training.values.allSatisfy { $0 == Trainability.none }
    if written != nil || common != nil, let names, !names.isEmpty, isNothingTrained {
      section.error(
        written == nil ? "trainable" : "towers", "every tower is frozen: nothing would be trained",
        help: "leave one of \(names.joined(separator: ", ")) trainable")
    }
    return training
  }

  /// Notes adapters of which the common value leaves something out, tower by tower as they are
  /// written.
  private func assume(_ section: Section, _ training: [String: Trainability]) {
    let setting = TrainabilitySettings.trainable
    guard let node = section.node(setting.key), TrainabilitySettings.leavesOut(node) else { return }
    for (tower, value) in training {
      guard case .lora = value else { continue }
      let path = ["towers", tower, setting.key].joined(separator: ".")
      log.assume(path: section.path(path), text: setting.write(value), .fallback)
    }
  }

  private func checkEmbeddingWidth(_ section: Section) {
    guard
      let width = section.optional("embedding_width", Reading<Sourced<Int>>.sourced(.count)),
      let own = model?.contrastiveWidth, width.value != own
    else { return }
    section.error(
      "embedding_width", "the embedding of \(model?.id ?? "the model") is \(own) wide",
      help: "write \(own), or remove the line")
  }

  /// What is written of a tower, or of all trained ones.
  private func trainable(_ section: Section, tower: String?) -> Trainability? {
    let setting = TrainabilitySettings.trainable
    let reading = Reading<Sourced<Trainability>>.sourced(setting.reading)
    guard let value = section.optional(setting.key, reading) else { return nil }
    if value.value.isPart {
      log.note(section.path(setting.key), setting.write(value.value), value, section.reader)
    }
    guard let tower, let model else { return value.value }
    if let node = section.node(setting.key), TrainabilitySettings.leavesOut(node) {
      log.assume(
        path: section.path(setting.key), text: setting.write(value.value), .fallback)
    }
    let blocks = model.blockGroups(of: tower).reduce(0, +)
    switch value.value {
    case .all, .none: break
    case .lora where blocks == 0:
      section.error(
        setting.key, "the \(tower) tower has no blocks that adapters could stand in",
        help: "write all or none")
    case .lora: break
    case .lastBlocks(let count):
      if count > blocks {
        section.error(
          setting.key, "the \(tower) tower has \(blocks) blocks",
          help: blocks == 0 ? "write all or none" : "write last \(blocks) blocks or fewer, or all")
      } else if model.trainedParameters(of: tower, value.value) == 0 {
        section.error(
          setting.key, "nothing stands behind the blocks of the \(tower) tower",
          help: "write last 1 block, or none")
      }
    }
    return value.value
  }

  /// What is said for all towers as one of them can have it: what has no blocks is trained whole,
  /// what has fewer has all of them trained.
  private func whatFits(_ training: Trainability, tower: String) -> Trainability {
    guard let model else { return training }
    let blocks = model.blockGroups(of: tower).reduce(0, +)
    switch training {
    case .all, .none: return training
    case .lora: return blocks == 0 ? .all : training
    case .lastBlocks(let count): return blocks == 0 ? .all : .lastBlocks(min(count, blocks))
    }
  }

  /// Sizes that are spelled out must be those of the model.
  private func checkSizes(_ tower: Section, _ name: String) {
    let facts = model?.facts(tower: name) ?? TowerFacts(sizes: [:], words: [:], pixels: [:])
    func complain(_ key: String, _ expected: String) {
      tower.error(
        key, "'\(tower.path(key))' of \(model?.id ?? "the model") is \(expected)",
        help: "write \(expected), or remove the line; for another model write "
          + "model: {file: my-model.json, format: open-clip}")
    }
    for key in TowerFacts.sizeKeys {
      if let size = tower.optional(key, Reading<Sourced<Int>>.sourced(.count)),
        let own = facts.sizes[key], size.value != own
      {
        complain(key, "\(own)")
      }
    }
    for key in TowerFacts.pixelKeys {
      if let size = tower.optional(key, Reading<Sourced<Int>>.sourced(.pixels)),
        let own = facts.pixels[key], size.value != own
      {
        complain(key, "\(own) px")
      }
    }
    for key in TowerFacts.wordKeys {
      if let word = tower.optional(key, Reading<Sourced<String>>.sourced(.text)),
        let own = facts.words[key], word.value != own
      {
        complain(key, own)
      }
    }
  }
}

/// What a scenario may repeat of a tower.
struct TowerFacts {
  static let sizeKeys = ["layers", "width", "heads", "mlp_width", "tokens", "vocabulary"]
  static let pixelKeys = ["image_size", "patch_size"]
  static let wordKeys = ["mlp", "norm", "pooling"]

  var sizes: [String: Int]
  var words: [String: String]
  var pixels: [String: Int]

  init(sizes: [String: Int], words: [String: String], pixels: [String: Int]) {
    self.sizes = sizes
    self.words = words
    self.pixels = pixels
  }

  init(block: BlockSpec, layers: Int) {
    sizes = [
      "layers": layers, "width": block.width, "heads": block.heads, "mlp_width": block.mlpWidth,
    ]
    words = ["mlp": block.mlp.rawValue, "norm": block.normPosition.rawValue]
    pixels = [:]
  }

  init(_ tower: VisionTowerSpec) {
    self.init(block: tower.block, layers: tower.layers)
    words["pooling"] = tower.pooling.rawValue
    pixels = ["image_size": tower.imageSize, "patch_size": tower.patchSize]
  }

  init(_ tower: TextTowerSpec) {
    self.init(block: tower.block, layers: tower.layers)
    words["pooling"] = tower.pooling.rawValue
    sizes["tokens"] = tower.tokens
    sizes["vocabulary"] = tower.vocabulary
  }
}

extension ModelSpec {
  /// The towers that a scenario may name: those with weights to train, not the loss.
  var namedTowers: [String] { towerNames.filter { $0 != "loss" } }

  /// The width of the contrastive space; nil where there is none.
  var contrastiveWidth: Int? {
    switch family {
    case .clip(let image, _), .sigLIP(let image, _), .coca(let image, _, _): image.outputWidth
    case .blip2Stage1(_, let qformer): qformer.embeddingWidth
    case .blip2Stage2, .visionLanguage, .imageClassifier, .languageModel: nil
    }
  }

  /// What may be repeated of a tower; nil where its sizes are not compared.
  func facts(tower: String) -> TowerFacts? {
    switch (family, tower) {
    case (.clip(let image, _), "image"), (.sigLIP(let image, _), "image"),
      (.coca(let image, _, _), "image"), (.blip2Stage1(let image, _), "image"),
      (.blip2Stage2(let image, _, _), "image"), (.imageClassifier(let image, _), "image"),
      (.visionLanguage(let image, _, _), "image"):
      TowerFacts(image)
    case (.clip(_, let text), "text"), (.sigLIP(_, let text), "text"),
      (.coca(_, let text, _), "text"):
      TowerFacts(text)
    case (.blip2Stage1(_, let qformer), "qformer"), (.blip2Stage2(_, let qformer, _), "qformer"):
      TowerFacts(block: qformer.block, layers: qformer.layers)
    default: nil
    }
  }
}
