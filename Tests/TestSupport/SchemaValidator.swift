public import Foundation

/// The part of JSON Schema (2020-12) that the project's schemas use, and one rule more: a key that
/// no schema names is an error, so that nothing is written that is not documented.
public struct SchemaValidator {
  private let documents: [String: [String: Any]]

  /// Reads every schema of a folder.
  public init(folder: URL) throws {
    var documents: [String: [String: Any]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
    where name.hasSuffix(".schema.json") {
      let data = try Data(contentsOf: folder.appendingPathComponent(name))
      documents[name] = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    }
    self.documents = documents
  }

  /// What is wrong with a text, as `path: problem`; empty where nothing is.
  public func problems(of text: String, schema: String) throws -> [String] {
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return check(value, ["$ref": schema], at: "$", in: schema)
  }

  private func check(
    _ value: Any, _ schema: [String: Any], at path: String, in document: String
  ) -> [String] {
    if let reference = schema["$ref"] as? String {
      guard let (target, home) = resolve(reference, from: document) else {
        return ["\(path): no such schema \(reference)"]
      }
      return check(value, target, at: path, in: home)
    }
    if let choices = schema["anyOf"] as? [[String: Any]] {
      let all = choices.map { check(value, $0, at: path, in: document) }
      return all.contains([]) ? [] : ["\(path): none of \(all)"]
    }
    var problems: [String] = []
    if let constant = schema["const"], !isEqual(value, constant) {
      problems.append("\(path): must be \(constant)")
    }
    if let allowed = schema["enum"] as? [Any], !allowed.contains(where: { isEqual(value, $0) }) {
      problems.append("\(path): \(value) is not one of \(allowed)")
    }
    let types = schema["type"] as? [String] ?? (schema["type"] as? String).map { [$0] } ?? []
    if !types.isEmpty, !types.contains(where: { isA(value, $0) }) {
      return problems + ["\(path): \(value) is not \(types)"]
    }
    if let least = schema["minimum"] as? Double, let number = value as? Double, number < least {
      problems.append("\(path): \(number) is below \(least)")
    }
    if let items = schema["items"] as? [String: Any], let list = value as? [Any] {
      for (offset, item) in list.enumerated() {
        problems += check(item, items, at: "\(path)[\(offset)]", in: document)
      }
    }
    if let object = value as? [String: Any] {
      problems += check(object: object, schema, at: path, in: document)
    }
    return problems
  }

  private func check(
    object: [String: Any], _ schema: [String: Any], at path: String, in document: String
  ) -> [String] {
    let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
    let others = schema["additionalProperties"] as? [String: Any]
    let required = schema["required"] as? [String] ?? []
    var problems = required.filter { object[$0] == nil }.map { "\(path): \($0) is missing" }
    for (key, value) in object.sorted(by: { $0.key < $1.key }) {
      if let schema = properties[key] ?? others {
        problems += check(value, schema, at: "\(path).\(key)", in: document)
      } else {
        problems.append("\(path): \(key) is not documented")
      }
    }
    return problems
  }

  private func resolve(_ reference: String, from document: String) -> ([String: Any], String)? {
    let parts = reference.split(separator: "#", omittingEmptySubsequences: false)
    let home = parts[0].isEmpty ? document : String(parts[0])
    guard var target = documents[home] else { return nil }
    guard parts.count > 1 else { return (target, home) }
    for step in parts[1].split(separator: "/") {
      guard let next = target[String(step)] as? [String: Any] else { return nil }
      target = next
    }
    return (target, home)
  }

  private func isEqual(_ left: Any, _ right: Any) -> Bool {
    if let left = left as? String, let right = right as? String { return left == right }
    if let left = left as? Double, let right = right as? Double { return left == right }
    return false
  }

  private func isA(_ value: Any, _ type: String) -> Bool {
    // Foundation holds true and 1 in the same class; the type encoding tells them apart.
    let number = value as? NSNumber
    let isBool = number.map { unsafe String(cString: $0.objCType) == "c" } ?? false
    switch type {
    case "object": return value is [String: Any]
    case "array": return value is [Any]
    case "string": return value is String
    case "boolean": return isBool
    case "null": return value is NSNull
    case "integer":
      return !isBool && number.map { $0.doubleValue.rounded() == $0.doubleValue } ?? false
    case "number": return number != nil && !isBool
    default: return false
    }
  }
}
