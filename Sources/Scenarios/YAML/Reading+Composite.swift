extension Reading {
  /// A list of values; empty lists are fine.
  public static func list<Item>(of item: Reading<Item>) -> Reading<Value> where Value == [Item] {
    Reading(standIn: [], example: "[\(item.example)]") { node, context in
      guard let nodes = node.items else {
        context.error(
          "'\(context.name)' is \(node.kind), not a list", help: "write [\(item.example)]",
          at: node)
        return nil
      }
      let values = nodes.enumerated().map { index, node in
        item.read(node, context.appending("[\(index)]"))
      }
      return values.contains { $0 == nil } ? nil : values.compactMap(\.self)
    }
  }

  /// A mapping with known keys, as an item of a list or a value.
  public static func section(
    standIn: Value, example: String = "{...}", _ body: @escaping (Section) -> Value
  ) -> Reading {
    Reading(standIn: standIn, example: example) { node, context in
      guard node.entries != nil else {
        context.error(
          "'\(context.name)' is \(node.kind), not a mapping", help: "write \(example)", at: node)
        return nil
      }
      let section = Section(
        reader: context.reader, node: node, name: context.name, parent: context.section)
      let value = body(section)
      section.finish()
      return value
    }
  }

  /// A mapping from free keys, in the order of the file.
  public static func entries<Item>(of item: Reading<Item>) -> Reading<Value>
  where Value == [(key: String, value: Item)] {
    Reading(standIn: [], example: "{key: \(item.example)}") { node, context in
      guard let entries = node.entries else {
        context.error(
          "'\(context.name)' is \(node.kind), not a mapping",
          help: "write {key: \(item.example)}", at: node)
        return nil
      }
      let values = entries.map { entry in
        (key: entry.key, value: item.read(entry.value, context.appending("." + entry.key)))
      }
      guard values.allSatisfy({ $0.value != nil }) else { return nil }
      return values.compactMap { pair in pair.value.map { (key: pair.key, value: $0) } }
    }
  }

  /// A mapping from the words of an enumeration.
  public static func dictionary<Key, Item>(
    of key: Key.Type, to item: Reading<Item>
  ) -> Reading<Value>
  where Value == [Key: Item], Key: RawRepresentable<String> & CaseIterable & Hashable {
    Reading(standIn: [:], example: "{key: \(item.example)}") { node, context in
      guard let entries = node.entries else {
        context.error(
          "'\(context.name)' is \(node.kind), not a mapping",
          help: "write {key: \(item.example)}", at: node)
        return nil
      }
      var values: [Key: Item] = [:]
      var isComplete = true
      for entry in entries {
        let value = item.read(entry.value, context.appending("." + entry.key))
        guard let key = Key(rawValue: entry.key) else {
          context.reader.error(
            "unknown key '\(entry.key)' in '\(context.name)'",
            help: Nearest.help(for: entry.key, among: Key.allCases.map(\.rawValue)),
            at: entry.keyLocation)
          isComplete = false
          continue
        }
        values[key] = value
        isComplete = isComplete && value != nil
      }
      return isComplete ? values : nil
    }
  }
}
