public import Quantities

/// Who vouches for a value.
struct Provenance {
  var origin: Origin
  var source: String
}

extension Reading {
  /// A value with origin and source.
  ///
  /// Either plain (`1555 GB/s`), then the nearest `defaults: {origin, source}` of this section or
  /// of one around it holds, or `{value, low, high, origin, source}`. Without any `defaults` the
  /// reader's fall-back origin holds; where there is none, that is an error. `given` needs no
  /// source, every other origin does.
  public static func sourced<Plain: Hashable & Sendable>(_ plain: Reading<Plain>) -> Reading<Value>
  where Value == Sourced<Plain> {
    sourced(plain, ordered: { _, _ in true })
  }

  /// The same for ordered values: `low <= value <= high` must hold.
  public static func sourced<Plain: Hashable & Sendable & Comparable>(
    _ plain: Reading<Plain>
  ) -> Reading<Value> where Value == Sourced<Plain> {
    sourced(plain, ordered: { $0 <= $1 })
  }

  private static func sourced<Plain: Hashable & Sendable>(
    _ plain: Reading<Plain>, ordered: @escaping (Plain, Plain) -> Bool
  ) -> Reading<Value> where Value == Sourced<Plain> {
    let standIn = Sourced(plain.standIn, origin: .assumed)
    let example = "{value: \(plain.example), origin: published, source: some-id}"
    return Reading(standIn: standIn, example: example) { node, context in
      let isDetailed = node.entries?.contains { $0.key == "value" } ?? false
      guard isDetailed || (node.entries != nil && context.looksDetailed(node)) else {
        let value = plain.read(node, context)
        let provenance = context.inheritedProvenance(at: node)
        guard let value, let provenance else { return nil }
        return Sourced(value, origin: provenance.origin, source: provenance.source)
      }
      let section = Section(
        reader: context.reader, node: node, name: context.name, parent: context.section)
      let before = context.reader.diagnostics.count
      let value = section.required("value", plain)
      let low = section.optional("low", plain)
      let high = section.optional("high", plain)
      let provenance = section.provenance(context: context, node: node)
      section.finish()
      if let low, !ordered(low, value) {
        section.error(
          "low", "'\(section.path("low"))' is above the value", help: "low <= value <= high")
      }
      if let high, !ordered(value, high) {
        section.error(
          "high", "'\(section.path("high"))' is below the value", help: "low <= value <= high")
      }
      guard let provenance, context.reader.diagnostics.count == before else { return nil }
      return Sourced(
        value, low: low, high: high, origin: provenance.origin, source: provenance.source)
    }
  }
}

extension ReadingContext {
  /// Whether a mapping without `value` still means one, as it says where it comes from.
  fileprivate func looksDetailed(_ node: YAMLNode) -> Bool {
    node.entries?.contains { $0.key == "origin" || $0.key == "source" } ?? false
  }

  /// The provenance of a plain value; notes an error and returns nil where nobody vouches for it.
  fileprivate func inheritedProvenance(at node: YAMLNode) -> Provenance? {
    if let defaults = section.defaults() { return defaults.provenance }
    if let origin = reader.fallbackOrigin { return Provenance(origin: origin, source: "") }
    error(
      "'\(name)' does not say where it comes from",
      help: "write {value: ..., origin: published, source: some-id} or give the section 'defaults'",
      at: node)
    return nil
  }
}

extension Section {
  /// Reads the section's own `defaults:`, should no value have needed them.
  func checkDefaults() {
    if has("defaults") { _ = defaults() }
  }

  /// The nearest `defaults:`; nil where neither this section nor one around it has any.
  ///
  /// An invalid one is found, with errors noted and no provenance.
  fileprivate func defaults() -> (provenance: Provenance?, Void)? {
    if let node = node("defaults") {
      let reading = Reading<Provenance?>.section(
        standIn: nil, example: "{origin: published, source: some-id}"
      ) { $0.provenance(context: nil, node: node) }
      return (optional("defaults", reading) ?? nil, ())
    }
    return parent?.defaults()
  }

  /// Reads `origin` and `source` of this mapping.
  ///
  /// Where neither is written and `context` is given, the defaults around it hold.
  fileprivate func provenance(context: ReadingContext?, node: YAMLNode?) -> Provenance? {
    let hasOrigin = has("origin")
    let hasSource = has("source")
    if let context, let node, !hasOrigin, !hasSource {
      return context.inheritedProvenance(at: node)
    }
    let defaultOrigin =
      hasOrigin ? nil : context?.section.defaults()?.provenance?.origin ?? reader.fallbackOrigin
    guard
      let origin = hasOrigin
        ? optional("origin", .enumeration(of: Origin.self)) : defaultOrigin
    else {
      if !hasOrigin {
        reader.error(
          "'\(path("origin"))' is missing",
          help: "add one of measured, published, assumed, given", at: location)
      }
      _ = optional("source", .text)
      return nil
    }
    guard let source = optional("source", .text) else {
      if origin == .given { return Provenance(origin: origin, source: "") }
      if !hasSource {
        reader.error(
          "'\(path("source"))' is missing", help: "add 'source:' with an id of 'sources:'",
          at: location)
      }
      return nil
    }
    reader.use(source: source, at: self.node("source")?.location ?? location)
    return Provenance(origin: origin, source: source)
  }
}

extension Section {
  /// A required value with origin and source.
  public func sourced<Plain: Hashable & Sendable>(
    _ key: String, _ plain: Reading<Plain>
  ) -> Sourced<Plain> { required(key, .sourced(plain)) }

  /// A required ordered value with origin and source.
  public func sourced<Plain: Hashable & Sendable & Comparable>(
    _ key: String, _ plain: Reading<Plain>
  ) -> Sourced<Plain> { required(key, .sourced(plain)) }

  /// A value with origin and source that may be absent, or written as `unknown`, which is nil.
  public func optionalSourced<Plain: Hashable & Sendable & Comparable>(
    _ key: String, _ plain: Reading<Plain>
  ) -> Sourced<Plain>? {
    if let node = node(key), node.scalar == "unknown" { return nil }
    return optional(key, .sourced(plain))
  }
}

extension Section {
  /// Attaches the section's own `origin` and `source` to what was made of the whole section.
  ///
  /// For sections that one source vouches for, such as a table of points. Where neither is
  /// written, the nearest `defaults:` hold, then the reader's fall-back.
  public func vouched<Value: Hashable & Sendable>(_ value: Value) -> Sourced<Value> {
    let standIn = Sourced(value, origin: .assumed)
    if isMissing { return standIn }
    let found: Provenance?
    if has("origin") || has("source") {
      found = provenance(context: nil, node: node("origin") ?? node("source"))
    } else if let defaults = defaults() {
      found = defaults.provenance
    } else if let origin = reader.fallbackOrigin {
      found = Provenance(origin: origin, source: "")
    } else {
      reader.error(
        "'\(name)' does not say where it comes from",
        help: "add 'origin:' and 'source:', or 'defaults'", at: location)
      found = nil
    }
    guard let found else { return standIn }
    return Sourced(value, origin: found.origin, source: found.source)
  }
}
