import Quantities

/// One setting of a scenario: its key, how it is read, and how it is written back.
struct Setting<Value: Hashable & Sendable> {
  let key: String
  let reading: Reading<Value>
  let write: (Value) -> String

  init(_ key: String, _ reading: Reading<Value>, write: @escaping (Value) -> String) {
    self.key = key
    self.reading = reading
    self.write = write
  }
}

extension Setting where Value: RawRepresentable<String> & CaseIterable {
  /// A word out of an enumeration.
  init(_ key: String, words type: Value.Type) {
    self.init(key, .enumeration(of: type)) { $0.rawValue }
  }
}

/// What a scenario assumes, by key, with citations.
final class SettingLog {
  typealias Assumption = (key: String, value: String, origin: Origin, source: String)

  private var notes: [String: Assumption] = [:]
  /// Ids to citations, of everything that was noted.
  private(set) var sources: [String: String] = [:]

  /// All notes, sorted by key.
  var assumptions: [Assumption] { notes.values.sorted { $0.key < $1.key } }

  /// Notes a value of the file; `given` ones are what the user said and need no note.
  func note<Value>(_ path: String, _ text: String, _ value: Sourced<Value>, _ reader: Reader) {
    let citation = reader.sources[value.source] ?? value.source
    if !value.source.isEmpty { sources[value.source] = citation }
    guard value.origin != .given else { return }
    notes[path] = (path, text, value.origin, citation)
  }

  /// Notes the text of a value that nobody wrote.
  func assume(path: String, text: String, _ reason: DefaultReason) {
    sources[reason.rawValue] = reason.citation
    notes[path] = (path, text, .assumed, reason.citation)
  }

  /// Notes a value that nobody wrote, and makes it.
  func assume<Value: Hashable & Sendable>(
    _ path: String, _ setting: Setting<Value>, _ value: Value, _ reason: DefaultReason
  ) -> Sourced<Value> {
    sources[reason.rawValue] = reason.citation
    notes[path] = (path, setting.write(value), .assumed, reason.citation)
    return Sourced(value, origin: .assumed, source: reason.rawValue)
  }

  /// Keeps a citation that is used without a note of its own.
  func cite(_ source: String, _ reader: Reader) {
    sources[source] = reader.sources[source] ?? source
  }

  /// Notes a text that has no effect on the estimate but belongs to the scenario.
  func remark(_ path: String, _ text: String, _ origin: Origin, source: String, _ reader: Reader) {
    let citation = reader.sources[source] ?? source
    if !source.isEmpty { sources[source] = citation }
    notes[path] = (path, text, origin, citation)
  }
}

/// Why a value that nobody wrote is what it is; the raw value is the id of its citation.
enum DefaultReason: String, CaseIterable {
  case fallback = "foretrain-default"
  case follows = "follows-from-flags"
  case method = "method-default"
  case samples = "samples-default"

  var citation: String {
    switch self {
    case .fallback: "foretrain's default, as the scenario does not say"
    case .follows: "adapted to the flags at the same global batch"
    case .method: "default of the calibration method, see the page on LSA-ITC"
    case .samples: "one pass over a common data set, as the scenario does not say how many samples"
    }
  }
}

extension Section {
  /// Reads a setting and notes where it comes from; nil where it is absent or wrong.
  func setting<Value>(_ setting: Setting<Value>, _ log: SettingLog) -> Sourced<Value>? {
    guard let value = optional(setting.key, .sourced(setting.reading)) else { return nil }
    log.note(path(setting.key), setting.write(value.value), value, reader)
    return value
  }

  /// The same for ordered values, whose `low` and `high` are checked too.
  func setting<Value: Comparable>(
    _ setting: Setting<Value>, _ log: SettingLog
  ) -> Sourced<Value>? {
    guard let value = optional(setting.key, .sourced(setting.reading)) else { return nil }
    log.note(path(setting.key), setting.write(value.value), value, reader)
    return value
  }

  /// A setting with a default that is noted where the file says nothing.
  func setting<Value>(
    _ setting: Setting<Value>, default fallback: @autoclosure () -> Value, _ log: SettingLog
  ) -> Value {
    if let value = self.setting(setting, log) { return value.value }
    guard !has(setting.key) else { return fallback() }
    return log.assume(path(setting.key), setting, fallback(), .fallback).value
  }
}
