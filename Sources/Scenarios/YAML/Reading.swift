/// How one kind of value is read from a node: a small value that composes with others.
public struct Reading<Value> {
  /// What stands in for a value that is missing or wrong, so that the reading can go on.
  public let standIn: Value
  /// How such a value is written, for messages.
  public let example: String
  /// Reads a node; on an error notes it in the context and returns nil.
  public let read: (YAMLNode, ReadingContext) -> Value?

  /// A reading of one's own.
  public init(
    standIn: Value, example: String, _ read: @escaping (YAMLNode, ReadingContext) -> Value?
  ) {
    self.standIn = standIn
    self.example = example
    self.read = read
  }

  /// A reading of scalars: `parse` gets the text and says what is wrong by throwing.
  public static func scalar(
    standIn: Value, example: String, _ parse: @escaping (String) throws(Complaint) -> Value
  ) -> Reading {
    Reading(standIn: standIn, example: example) { node, context in
      guard let text = node.scalar else {
        context.error(
          "'\(context.name)' is \(node.kind), not a single value", help: "write \(example)",
          at: node)
        return nil
      }
      do throws(Complaint) {
        return try parse(text)
      } catch {
        context.error("'\(context.name)': \(error.message)", help: error.help, at: node)
        return nil
      }
    }
  }

  /// The value put through a function.
  public func map<Other>(_ transform: @escaping (Value) -> Other) -> Reading<Other> {
    Reading<Other>(standIn: transform(standIn), example: example) { [read] node, context in
      read(node, context).map(transform)
    }
  }

  /// The value where a condition holds; `demand` completes "must be ...".
  ///
  /// - Precondition: the stand-in fulfils the condition, as what follows may rely on it.
  public func checked(
    _ demand: String, standIn: Value? = nil, _ condition: @escaping (Value) -> Bool
  ) -> Reading<Value> {
    Reading(standIn: standIn ?? self.standIn, example: example) { [read, example] node, context in
      guard let value = read(node, context) else { return nil }
      guard condition(value) else {
        context.error(
          "'\(context.name)' must be \(demand), not \(node.kind)",
          help: "for example \(example)", at: node)
        return nil
      }
      return value
    }
  }
}

/// What is wrong with a scalar, and what to write instead.
public struct Complaint: Error, Sendable {
  /// What is wrong.
  public let message: String
  /// What to write instead.
  public let help: String
  /// A complaint.
  public init(_ message: String, help: String) {
    self.message = message
    self.help = help
  }
}

/// Where a reading happens: what its value is called, and whom to tell about errors.
public struct ReadingContext {
  /// Collects the errors.
  public let reader: Reader
  /// The section that the value stands in.
  public let section: Section
  /// The value's path of keys, for messages.
  public let name: String
  /// The value's key.
  public let key: String

  /// Notes an error.
  public func error(_ message: String, help: String = "", at node: YAMLNode) {
    reader.error(message, help: help, at: node.location)
  }

  /// The same place with something appended to the name, for items of lists.
  func appending(_ suffix: String) -> ReadingContext {
    ReadingContext(reader: reader, section: section, name: name + suffix, key: key)
  }
}
