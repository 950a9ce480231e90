public import Quantities

/// One mapping of a file while it is read.
///
/// Keys that nobody asked for are errors.
///
/// Every getter returns a value; where the file is wrong the error is noted in the reader and the
/// value is a stand-in. A section that is missing although it is required is read as well, without
/// further errors.
public final class Section {
  /// Collects the errors.
  public let reader: Reader
  /// The path of keys that leads here, for messages; empty at the top.
  public let name: String
  /// Where the mapping starts.
  public let location: SourceLocation

  let parent: Section?
  private let entries: [YAMLNode.Entry]
  /// True for a required section that is missing: its own gaps are not worth a second error.
  let isMissing: Bool
  private var asked: Set<String> = []

  init(reader: Reader, node: YAMLNode, name: String, parent: Section?, isMissing: Bool = false) {
    self.reader = reader
    self.name = name
    self.parent = parent
    self.isMissing = isMissing
    location = node.location
    entries = node.entries ?? []
  }

  // MARK: - What is there

  /// All keys as written, in order; asking for them does not count as knowing them.
  public var keys: [String] { entries.map(\.key) }

  /// Whether a key stands in the section with a value.
  public func has(_ key: String) -> Bool { entry(key).map { !$0.value.isNull } ?? false }

  /// The node of a key, for readings of one's own; nil where it is absent or empty.
  public func node(_ key: String) -> YAMLNode? {
    entry(key).flatMap { $0.value.isNull ? nil : $0.value }
  }

  /// The entry of a key; from now on the key is known.
  func entry(_ key: String) -> YAMLNode.Entry? {
    asked.insert(key)
    return entries.first { $0.key == key }
  }

  /// The key with the path that leads to it, for messages.
  public func path(_ key: String) -> String { name.isEmpty ? key : name + "." + key }

  /// Notes that the value of a key is wrong; at the section's start where the key is absent.
  public func error(_ key: String, _ message: String, help: String = "") {
    guard !isMissing else { return }
    reader.error(message, help: help, at: entry(key)?.value.location ?? location)
  }

  // MARK: - Values

  /// A value that must be there.
  public func required<Value>(_ key: String, _ reading: Reading<Value>) -> Value {
    if let value = optional(key, reading) { return value }
    if entry(key).map(\.value.isNull) ?? true, !isMissing {
      reader.error(
        "'\(path(key))' is missing", help: "add '\(key): \(reading.example)'",
        at: entry(key)?.keyLocation ?? location)
    }
    return reading.standIn
  }

  /// A value that may be absent.
  ///
  /// Nil where it is, and nil with an error noted where it is wrong.
  public func optional<Value>(_ key: String, _ reading: Reading<Value>) -> Value? {
    guard let entry = entry(key), !entry.value.isNull else { return nil }
    let context = ReadingContext(
      reader: reader, section: self, name: path(key), key: entry.key)
    return reading.read(entry.value, context)
  }

  /// A value with a default where it is absent.
  public func value<Value>(_ key: String, _ reading: Reading<Value>, default fallback: Value)
    -> Value
  {
    optional(key, reading) ?? fallback
  }

  /// A nested section that must be there.
  public func section<Value>(_ key: String, _ body: (Section) -> Value) -> Value {
    if let value = optionalSection(key, body) { return value }
    let entry = entry(key)
    if entry.map(\.value.isNull) ?? true, !isMissing {
      reader.error(
        "the section '\(path(key))' is missing", help: "add '\(key):' with its keys below",
        at: entry?.keyLocation ?? location)
    }
    let nothing = YAMLNode(content: .mapping([]), location: entry?.value.location ?? location)
    return body(
      Section(reader: reader, node: nothing, name: path(key), parent: self, isMissing: true))
  }

  /// A nested section that may be absent.
  public func optionalSection<Value>(_ key: String, _ body: (Section) -> Value) -> Value? {
    guard let node = node(key) else { return nil }
    guard node.entries != nil else {
      reader.error(
        "'\(path(key))' is \(node.kind), not a section", help: "write its keys below, indented",
        at: node.location)
      return nil
    }
    let section = Section(reader: reader, node: node, name: path(key), parent: self)
    let value = body(section)
    section.finish()
    return value
  }

  // MARK: - Shorthand

  /// A required text that is not empty.
  public func text(_ key: String) -> String { required(key, .text) }
  /// The required line that says what kind of file it is.
  ///
  /// - Parameters:
  ///   - expected: What it must say.
  ///   - noun: What such a file is called, with its article.
  public func schema(_ expected: String, noun: String) {
    let reading = Reading<String>(standIn: "", example: expected, Reading<String>.text.read)
    let written = required("schema", reading)
    guard has("schema"), !written.isEmpty, written != expected else { return }
    error("schema", "'\(written)' is not \(noun)", help: "write '\(expected)'")
  }
  /// A required quantity with its unit.
  public func quantity<Unit: UnitOfMeasure>(_ key: String, of unit: Unit.Type) -> Quantity<Unit> {
    required(key, .quantity(of: unit))
  }
  /// A required whole number from 1.
  public func count(_ key: String) -> Int { required(key, .count) }
  /// A required fraction from 0 to 1.
  public func fraction(_ key: String) -> Double { required(key, .fraction) }
  /// A required `true` or `false`.
  public func bool(_ key: String) -> Bool { required(key, .bool) }
  /// A required word out of an enumeration.
  public func enumeration<Word>(_ key: String, of type: Word.Type) -> Word
  where Word: RawRepresentable<String> & CaseIterable {
    required(key, .enumeration(of: type))
  }
  /// A list that may be absent: empty where it is.
  public func list<Value>(_ key: String, of reading: Reading<Value>) -> [Value] {
    optional(key, .list(of: reading)) ?? []
  }

  // MARK: - The end

  /// Notes keys that nobody asked for.
  func finish() {
    for entry in entries where !asked.contains(entry.key) && entry.key != "defaults" {
      let place = name.isEmpty ? "" : " in '\(name)'"
      reader.error(
        "unknown key '\(entry.key)'\(place)", help: Nearest.help(for: entry.key, among: asked),
        at: entry.keyLocation)
    }
    // `defaults:` may stand anywhere, also where every value says itself where it comes from.
    checkDefaults()
  }
}
