public import Reporting

extension JSONValue {
  /// Every number below, by its path: `memory.readings.allocated_bytes`, `run.campaign[0].hours`.
  public var numbersByPath: [(path: String, value: Double)] {
    var result: [(path: String, value: Double)] = []
    collect("", into: &result)
    return result
  }

  private func collect(_ path: String, into result: inout [(path: String, value: Double)]) {
    switch self {
    case .integer(let value): result.append((path, Double(value)))
    case .number(let value): result.append((path, value))
    case .array(let values):
      for (index, value) in values.enumerated() {
        value.collect("\(path)[\(index)]", into: &result)
      }
    case .object(let members):
      for member in members {
        member.value.collect(path.isEmpty ? member.key : path + "." + member.key, into: &result)
      }
    case .null, .bool, .string: break
    }
  }
}
