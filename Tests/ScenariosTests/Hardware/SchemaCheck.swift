import Foundation
import Scenarios

/// Checks a YAML tree against the part of JSON Schema that the project's schemas use.
///
/// Scalars are text in our files: they match `string` by pattern, and `number` or `integer` where
/// they read as one.
struct SchemaCheck {
  private let root: [String: Any]

  /// A schema from its file.
  init(contentsOf url: URL) throws {
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
    root = json as? [String: Any] ?? [:]
  }

  /// What is wrong, as `path: reason`; empty where the tree fits.
  func problems(in node: YAMLNode) -> [String] { problems(node, root, "") }

  private func problems(_ node: YAMLNode, _ schema: [String: Any], _ path: String) -> [String] {
    if let reference = schema["$ref"] as? String {
      let name = String(reference.split(separator: "/").last ?? "")
      guard let target = (root["$defs"] as? [String: Any])?[name] as? [String: Any] else {
        return ["\(path): the schema does not define \(reference)"]
      }
      return problems(node, target, path)
    }
    if let choices = schema["oneOf"] as? [[String: Any]] {
      let fitting = choices.filter { problems(node, $0, path).isEmpty }
      return fitting.count == 1 ? [] : ["\(path): fits \(fitting.count) of \(choices.count) forms"]
    }
    switch node.content {
    case .scalar(let text, _): return scalarProblems(text, schema, path)
    case .list(let items):
      guard let item = schema["items"] as? [String: Any] else { return ["\(path): no list wanted"] }
      let least = schema["minItems"] as? Int ?? 0
      return (items.count < least ? ["\(path): too few items"] : [])
        + items.enumerated().flatMap { problems($1, item, path + "[\($0)]") }
    case .mapping(let entries):
      guard schema["type"] as? String == "object" else { return ["\(path): no mapping wanted"] }
      let known = schema["properties"] as? [String: Any] ?? [:]
      let required = schema["required"] as? [String] ?? []
      let keys = Set(entries.map(\.key))
      return required.filter { !keys.contains($0) }.map { "\(path): \($0) is missing" }
        + entries.flatMap { entry -> [String] in
          let inner = known[entry.key] ?? schema["additionalProperties"]
          guard let inner = inner as? [String: Any] else {
            return ["\(path).\(entry.key): unknown"]
          }
          return problems(entry.value, inner, path + "." + entry.key)
        }
    }
  }

  private func scalarProblems(_ text: String, _ schema: [String: Any], _ path: String) -> [String] {
    if let wanted = schema["const"] as? String {
      return text == wanted ? [] : ["\(path): not \(wanted)"]
    }
    if let words = schema["enum"] as? [Any] {
      return words.contains { $0 as? String == text } ? [] : ["\(path): '\(text)' is no choice"]
    }
    let types = schema["type"] as? [String] ?? (schema["type"] as? String).map { [$0] } ?? []
    guard types.contains(where: { ["string", "number", "integer"].contains($0) }) else {
      return ["\(path): no scalar wanted"]
    }
    if let pattern = schema["pattern"] as? String,
      text.range(of: pattern, options: .regularExpression) == nil
    {
      return ["\(path): '\(text)' does not match \(pattern)"]
    }
    return (schema["minLength"] as? Int ?? 0) > text.count ? ["\(path): empty"] : []
  }
}
