import Foundation
import Scenarios
import Testing

/// The JSON Schemas tell editors the same keys that the readers know.
@Suite("Schemas of scenarios and stacks")
struct ScenarioSchemaTests {
  typealias Object = [String: Any]

  private func properties(_ schema: String, _ path: [String] = []) throws -> Object {
    let url = URL(filePath: ProjectData.root + "/schemas/\(schema).schema.json")
    var object = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? Object)
    for key in path {
      let inner = try #require(object["properties"] as? Object)
      object = try #require(inner[key] as? Object)
    }
    return try #require(object["properties"] as? Object)
  }

  /// The unknown keys that the reader finds when every key of the schema is written, nested ones
  /// too, with a value that is mostly wrong.
  private func lines(_ properties: Object, indent: Int) -> [String] {
    let space = String(repeating: " ", count: indent)
    return properties.keys.sorted().flatMap { key -> [String] in
      let property = properties[key] as? Object
      if key != "defaults", let nested = property?["properties"] as? Object {
        return [space + key + ":"] + lines(nested, indent: indent + 2)
      }
      return [space + key + ": {}"]
    }
  }

  @Test("every key of the scenario schema is known, and no other")
  func scenario() throws {
    var all = try properties("scenario")
    for key in ["schema", "id", "title", "sources"] { all[key] = nil }
    let body = lines(all, indent: 0)
    #expect(body.count > 150)
    let start = ["schema: foretrain/scenario/1", "id: x", "title: X"]
    let text = (start + body).joined(separator: "\n") + "\n"
    let errors = try #require(ProjectData.errors(text))
    #expect(!errors.contains("unknown key"), "\(errors)")
    #expect(!errors.contains("is no knob of"), "\(errors)")
    let odd = text.replacing("  micro_batch:", with: "  macro_batch:", maxReplacements: 1)
    #expect(try #require(ProjectData.errors(odd)).contains("unknown key 'macro_batch'"))
  }

  @Test("every key of the stack schema is known, and required where the reader says so")
  func stack() throws {
    var all = try properties("software-stack")
    for key in ["schema", "id", "title", "sources"] { all[key] = nil }
    let text =
      (["schema: foretrain/software-stack/1", "id: x", "title: X"] + lines(all, indent: 0))
      .joined(separator: "\n") + "\n"
    do {
      _ = try SoftwareStackReader.read(SourceFile(name: "x.yaml", text: text))
      Issue.record("empty values were read")
    } catch {
      let messages = error.diagnostics.map(\.message)
      #expect(!messages.contains { $0.contains("unknown key") }, "\(messages)")
      #expect(
        !messages.contains { $0.contains("is missing") && !$0.contains(".origin") }, "\(messages)")
    }
  }
}
