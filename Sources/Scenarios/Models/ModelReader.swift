public import Workloads

/// A model file: the model and its title.
public struct ModelFile: Sendable, Hashable {
  /// The model; `source` holds the citations.
  public var model: ModelSpec
  /// One line for people.
  public var title: String

  /// A model file.
  public init(model: ModelSpec, title: String) {
    self.model = model
    self.title = title
  }
}

/// Reads model files, see `Documentation/models.md`.
public enum ModelReader {
  /// What `schema` must say.
  public static let schema = "foretrain/model/1"

  /// Reads a model file from disk.
  ///
  /// - Throws: `MissingFile`, or `FileErrors` with everything that is wrong.
  public static func read(path: String) throws -> ModelFile {
    try Reader.read(path: path, model)
  }

  /// Reads a model file from memory.
  ///
  /// - Throws: `FileErrors` with everything that is wrong.
  public static func read(_ file: SourceFile) throws(FileErrors) -> ModelFile {
    try Reader.read(file, model)
  }

  private static func model(_ root: Section) -> ModelFile {
    root.schema(schema, noun: "a model file")
    let id = root.required("id", .modelID)
    let title = root.text("title")
    var frozen: Set<String> = []
    let family = FamilyReader.read(root) { tower, name in
      let words = [(word: "all", value: true), (word: "none", value: false)]
      if !tower.value("trainable", .word(among: words), default: true) { frozen.insert(name) }
    }
    let citations = root.required("source", .sourceIDs)
    return ModelFile(
      model: ModelSpec(
        id: id, family: family,
        source: citations.map { root.reader.sources[$0] ?? $0 }.joined(separator: "; "),
        frozenByDefault: frozen),
      title: title)
  }
}

extension Reading where Value == String {
  /// A model's id: letters as their publications write them, digits, `-`, `.` and `_`.
  public static var modelID: Reading {
    .scalar(standIn: "", example: "ViT-B-16") { text throws(Complaint) in
      let isFit = text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
          UInt8(ascii: "_"):
          true
        default: false
        }
      }
      guard isFit, !text.isEmpty else {
        throw Complaint(
          "'\(text)' is not a model id", help: "use letters, digits, '-', '.' and '_'")
      }
      return text
    }
  }
}

extension Reading where Value == [String] {
  /// One id of `sources:`, or a list of them.
  static var sourceIDs: Reading {
    Reading(standIn: [], example: "some-id") { node, context in
      let nodes = node.items ?? [node]
      var ids: [String] = []
      for node in nodes {
        guard let id = node.scalar, !node.isNull else {
          context.error(
            "'\(context.name)' holds \(node.kind), not an id of 'sources:'", help: "write some-id",
            at: node)
          return nil
        }
        context.reader.use(source: id, at: node.location)
        ids.append(id)
      }
      guard !ids.isEmpty else {
        context.error("'\(context.name)' is an empty list", help: "name a source", at: node)
        return nil
      }
      return ids
    }
  }
}
