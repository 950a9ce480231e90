import Foundation
import Scenarios
import Testing

/// The JSON Schema tells editors the same keys that the reader knows.
@Suite("Schema of model files")
struct ModelSchemaTests {
  static func definitions() throws -> [String: Any] {
    let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "schemas/model.schema.json")
    let schema = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any]
    return try #require(schema?["$defs"] as? [String: Any])
  }

  /// A value that the schema allows for a property.
  static func example(_ property: [String: Any]) -> String {
    if let words = property["enum"] as? [String] { return words[0] }
    switch property["type"] as? String {
    case "boolean": return "true"
    case "integer": return "2"
    default: return "2 px"
    }
  }

  @Test(
    "every key of the schema is known to the reader",
    arguments: [
      ("image", "clip"), ("text", "clip"), ("decoder", "coca"), ("qformer", "blip2-stage1"),
      ("language", "language-model"),
    ])
  func keys(_ tower: String, _ family: String) throws {
    let definition = try #require(try Self.definitions()[tower] as? [String: Any])
    let properties = try #require(definition["properties"] as? [String: [String: Any]])
    #expect(properties.count >= 10)
    var values = properties.mapValues { Self.example($0) }
    // Keys that only some poolings ask for.
    func unknown(_ values: [String: String]) -> Set<String> {
      let lines = values.map { "    \($0.key): \($0.value)" }.sorted().joined(separator: "\n")
      let text = "family: \(family)\ntowers:\n  \(tower):\n\(lines)\n"
      do {
        _ = try ModelReader.read(SourceFile(name: "m.yaml", text: text))
        return []
      } catch {
        return Set(
          error.diagnostics.map(\.message).filter { $0.contains("unknown key") })
      }
    }
    var remaining: Set<String>?
    for pooling in tower == "image" ? ["attention", "attentional-pooler"] : [""] {
      if !pooling.isEmpty { values["pooling"] = pooling }
      let found = unknown(values)
      remaining = remaining.map { $0.intersection(found) } ?? found
    }
    #expect(remaining?.isEmpty == true, "\(remaining ?? [])")
    // The test would notice: a key that is not in the schema is unknown.
    values["colour"] = "blue"
    #expect(unknown(values).contains { $0.contains("colour") })
  }
}
