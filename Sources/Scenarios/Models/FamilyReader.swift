public import Workloads

/// The families of models as files name them.
public enum FamilyName: String, Sendable, Hashable, CaseIterable {
  /// `ModelSpec.Family.clip`.
  case clip
  /// `ModelSpec.Family.sigLIP`.
  case siglip
  /// `ModelSpec.Family.coca`.
  case coca
  /// `ModelSpec.Family.blip2Stage1`.
  case blip2Stage1 = "blip2-stage1"
  /// `ModelSpec.Family.blip2Stage2`.
  case blip2Stage2 = "blip2-stage2"
  /// `ModelSpec.Family.visionLanguage`.
  case visionLanguage = "vision-language"
  /// `ModelSpec.Family.imageClassifier`.
  case imageClassifier = "image-classifier"
  /// `ModelSpec.Family.languageModel`.
  case languageModel = "language-model"

  /// The form of the loss that compares features; nil where there is none.
  var contrastiveLoss: ContrastiveKind? {
    switch self {
    case .clip, .coca, .blip2Stage1: .infoNCE
    case .siglip: .sigmoid
    case .blip2Stage2, .visionLanguage, .imageClassifier, .languageModel: nil
    }
  }
}

/// Reads `family`, `towers`, `embedding_width` and `classes`: the part that model files share with
/// scenarios which spell their towers out.
public enum FamilyReader {
  /// Reads a family with its towers.
  ///
  /// - Parameters:
  ///   - section: The section with the keys.
  ///   - inTower: Called with every tower's section and name, to read further keys of it, such
  ///     as `trainable`.
  /// - Returns: The family; stand-in values where errors were noted.
  public static func read(
    _ section: Section, inTower: (Section, String) -> Void = { _, _ in }
  ) -> ModelSpec.Family {
    let name = section.enumeration("family", of: FamilyName.self)
    func tower<Tower>(_ towers: Section, _ name: String, _ body: (Section) -> Tower) -> Tower {
      towers.section(name) { tower in
        inTower(tower, name)
        return body(tower)
      }
    }
    switch name {
    case .clip, .siglip:
      let width = section.required("embedding_width", .width)
      return section.section("towers") { towers in
        let image = tower(towers, "image") { $0.imageTower(.embeds(width: width)) }
        let text = tower(towers, "text") { $0.textTower(embeddingWidth: width) }
        return name == .clip ? .clip(image: image, text: text) : .sigLIP(image: image, text: text)
      }
    case .coca:
      let width = section.required("embedding_width", .width)
      return section.section("towers") { towers in
        let image = tower(towers, "image") { $0.imageTower(.embeds(width: width)) }
        let text = tower(towers, "text") { $0.textTower(embeddingWidth: width) }
        let tokenWidth = image.pooling == .attentionalPooler ? width : image.block.width
        let decoder = tower(towers, "decoder") { $0.captionDecoder(imageWidth: tokenWidth) }
        return .coca(image: image, text: text, decoder: decoder)
      }
    case .blip2Stage1:
      let width = section.required("embedding_width", .width)
      return section.section("towers") { towers in
        let image = tower(towers, "image") { $0.imageTower(.handsOn) }
        let qformer = tower(towers, "qformer") {
          $0.qformer(imageWidth: image.block.width, embeddingWidth: width)
        }
        return .blip2Stage1(image: image, qformer: qformer)
      }
    case .blip2Stage2:
      return section.section("towers") { towers in
        let image = tower(towers, "image") { $0.imageTower(.handsOn) }
        // Stage 2 has no contrastive head.
        let qformer = tower(towers, "qformer") {
          $0.qformer(imageWidth: image.block.width, embeddingWidth: 0)
        }
        let language = tower(towers, "language") { section in
          let model = section.languageModel()
          if model.tokens < qformer.queries {
            section.error(
              "tokens", "\(model.tokens) tokens do not hold the \(qformer.queries) queries",
              help: "tokens counts the queries and the text")
          }
          return model
        }
        return .blip2Stage2(image: image, qformer: qformer, language: language)
      }
    case .visionLanguage:
      let layers = section.value("projector_layers", .count, default: 2)
      return section.section("towers") { towers in
        let image = tower(towers, "image") { $0.imageTower(.handsOn) }
        let bridge: VisionLanguageBridge =
          towers.has("qformer")
          ? .qformer(
            tower(towers, "qformer") {
              $0.qformer(imageWidth: image.block.width, embeddingWidth: 256)
            })
          : .perceptron(layers: layers)
        return .visionLanguage(
          image: image, bridge: bridge,
          language: tower(towers, "language") { section in
            let model = section.languageModel()
            let prefix = ModelSpec.Family.visionLanguage(
              image: image, bridge: bridge, language: model
            ).prefixTokens
            if model.tokens <= prefix {
              section.error(
                "tokens",
                "\(model.tokens) tokens do not hold the \(prefix) vectors of an image and a text",
                help: "tokens counts both: write at least \(prefix + 1)")
            }
            return model
          })
      }
    case .imageClassifier:
      let classes = section.required("classes", .tableSize)
      return section.section("towers") { towers in
        .imageClassifier(
          image: tower(towers, "image") { $0.imageTower(.classifies) }, classes: classes)
      }
    case .languageModel:
      return section.section("towers") { towers in
        .languageModel(tower(towers, "language") { $0.languageModel() })
      }
    }
  }
}
