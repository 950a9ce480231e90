public import Workloads

/// Reads `config.json` files of Hugging Face transformers for the model types that the specs can
/// express exactly.
///
/// Absent fields have the library's defaults. A configuration holds many fields that change no
/// shape (token ids, dropout, initialisation), so fields that are not read are passed over; those
/// that are known to change shapes and cannot be expressed are located errors, as are model types
/// that are not listed.
///
/// Source: huggingface/transformers, `configuration_*.py` and `modeling_*.py` of each type.
public enum HuggingFaceConfig {
  /// The model types that are read, by `model_type`.
  public enum ModelType: String, Sendable, Hashable, CaseIterable {
    /// CLIP: two towers with one projection each.
    case clip
    /// SigLIP: attention pooling, sigmoid loss.
    case siglip
    /// ViT with a linear classifier.
    case vit
    /// BERT with its masked-word head.
    case bert
    /// GPT-2.
    case gpt2
    /// OPT.
    case opt
    /// T5 and FlanT5.
    case t5
    /// Llama.
    case llama
    /// Mistral; windowed attention is counted in full.
    case mistral
  }

  /// Reads a configuration from disk; the model's id is the name of the file's folder.
  ///
  /// Without a folder in the path, the file's name is the id.
  ///
  /// - Throws: `MissingFile`, or `FileErrors` with everything that is wrong or not supported.
  public static func read(path: String) throws -> ModelSpec {
    let parts = path.split(separator: "/").map(String.init)
    let stem = parts.last.map { $0.hasSuffix(".json") ? String($0.dropLast(5)) : $0 } ?? path
    let folder = parts.count > 1 ? parts[parts.count - 2] : stem
    return try read(SourceFile(path: path), id: stem == "config" ? folder : stem)
  }

  /// Reads a configuration from memory.
  ///
  /// - Throws: `FileErrors` with everything that is wrong or not supported.
  public static func read(_ file: SourceFile, id: String) throws(FileErrors) -> ModelSpec {
    try Reader.read(file) { root in
      let type = root.enumeration("model_type", of: ModelType.self)
      let family: ModelSpec.Family
      // An unknown type has one error; reading on as another type would only add misleading ones.
      if root.reader.diagnostics.isEmpty {
        family = self.family(type, root)
      } else {
        family = .languageModel(root.nothing)
      }
      root.acceptEverything()
      return ModelSpec(
        id: id, family: family, source: "Hugging Face configuration \(file.name)")
    }
  }

  private static func family(_ type: ModelType, _ root: Section) -> ModelSpec.Family {
    switch type {
    case .clip, .siglip:
      let isSigLIP = type == .siglip
      let empty = root.has("vision_config") && root.has("text_config")
      if !empty {
        root.error(
          "vision_config", "the configuration lacks 'vision_config' or 'text_config'",
          help: "use the config.json of the whole model")
      }
      let width = root.value("projection_dim", .width, default: 512)
      let image = root.optionalSection("vision_config") {
        $0.huggingFaceImage(embedding: isSigLIP ? nil : width)
      }
      let text = root.optionalSection("text_config") {
        $0.huggingFaceText(embedding: isSigLIP ? nil : width)
      }
      guard let image, let text else { return .languageModel(root.nothing) }
      if isSigLIP, image.block.width != text.outputWidth {
        root.error(
          "text_config",
          "the towers end in widths of \(image.block.width) and \(text.outputWidth ?? 0)",
          help: "both must have the contrastive width")
      }
      return isSigLIP ? .sigLIP(image: image, text: text) : .clip(image: image, text: text)
    case .vit:
      let classes =
        root.node("id2label")?.entries?.count ?? root.value("num_labels", .tableSize, default: 2)
      return .imageClassifier(image: root.huggingFaceClassifier(), classes: max(1, classes))
    case .bert: return .languageModel(root.huggingFaceBERT())
    case .gpt2: return .languageModel(root.huggingFaceGPT2())
    case .opt: return .languageModel(root.huggingFaceOPT())
    case .t5: return .languageModel(root.huggingFaceT5())
    case .llama, .mistral: return .languageModel(root.huggingFaceLlama())
    }
  }
}

extension Section {
  /// Stands in for a model that could not be read.
  fileprivate var nothing: LanguageModelSpec {
    LanguageModelSpec(
      vocabulary: 1, block: BlockSpec(width: 1, heads: 1, mlpWidth: 1), layers: 1, positions: 0,
      tokens: 1)
  }

  /// A block of the usual field names.
  func huggingFaceBlock(width: Int, mlpWidth: Int, heads: Int) -> BlockSpec {
    let width = value("hidden_size", .width, default: width)
    let heads = value("num_attention_heads", .headCount, default: heads)
    let hidden = value("intermediate_size", .hiddenWidth, default: mlpWidth)
    return huggingFaceBlock(
      width: width, heads: heads, mlpWidth: hidden, headsKey: "num_attention_heads")
  }

  /// A block of known dimensions; notes an error where the heads do not divide the width.
  func huggingFaceBlock(width: Int, heads: Int, mlpWidth: Int, headsKey: String) -> BlockSpec {
    if !width.isMultiple(of: heads) {
      error(
        headsKey, "a width of \(width) does not divide into \(heads) heads",
        help: "use a divisor of \(width)")
    }
    return BlockSpec(width: width, heads: heads, mlpWidth: mlpWidth)
  }

  /// The activation of a two-matrix MLP.
  func huggingFaceActivation(_ key: String, default fallback: MLPKind) -> MLPKind {
    let words: [(word: String, value: MLPKind)] = [
      ("gelu", .gelu), ("gelu_new", .gelu), ("gelu_fast", .gelu), ("gelu_pytorch_tanh", .gelu),
      ("gelu_python", .gelu), ("quick_gelu", .quickGELU), ("relu", .relu),
    ]
    return value(key, .word(among: words), default: fallback)
  }

  /// Notes that a field has a value which the specs cannot express.
  func demand(_ key: String, is wanted: Set<String>, _ message: String) {
    guard let node = node(key), let text = node.scalar, !wanted.contains(text) else { return }
    error(key, message, help: "write the towers out in a model file")
  }
}
