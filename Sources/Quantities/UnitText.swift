/// Reads and prints quantities with their units.
///
/// The only place where prefixes are known.
public enum UnitText {
  /// One spelling of a unit and its size in base units.
  struct Spelling: Sendable {
    let text: String
    let factor: Double
  }

  static let decimalPrefixes: [(String, Double)] = [
    ("", 1), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15), ("E", 1e18),
  ]
  static let binaryPrefixes: [(String, Double)] = [
    ("Ki", 1024), ("Mi", 1_048_576), ("Gi", 1_073_741_824), ("Ti", 1_099_511_627_776),
    ("Pi", 1_125_899_906_842_624),
  ]

  static func spellings(ofBase symbol: String) -> [Spelling] {
    func decimal(_ base: String, _ size: Double = 1) -> [Spelling] {
      decimalPrefixes.map { Spelling(text: $0.0 + base, factor: $0.1 * size) }
    }
    switch symbol {
    case "s":
      return [
        Spelling(text: "ns", factor: 1e-9), Spelling(text: "us", factor: 1e-6),
        Spelling(text: "ms", factor: 1e-3), Spelling(text: "s", factor: 1),
        Spelling(text: "min", factor: 60), Spelling(text: "h", factor: 3600),
        Spelling(text: "d", factor: 86_400), Spelling(text: "days", factor: 86_400),
      ]
    case "B":
      return decimal("B") + binaryPrefixes.map { Spelling(text: $0.0 + "B", factor: $0.1) }
        + decimal("bit", 0.125) + decimal("b", 0.125)
    case "J": return decimal("J") + decimal("Wh", 3600)
    case "g": return decimal("g") + [Spelling(text: "t", factor: 1e6)]
    case "accelerator-hour":
      return [
        Spelling(text: "accelerator-hour", factor: 1),
        Spelling(text: "accelerator-hours", factor: 1), Spelling(text: "h", factor: 1),
      ]
    case "USD": return [Spelling(text: "USD", factor: 1)]
    case "samples": return [Spelling(text: "samples", factor: 1)]
    default: return decimal(symbol)
    }
  }

  /// The accepted spellings of a unit: base units, prefixes, and `a/b` for rates.
  static func spellings(of symbol: String) -> [Spelling] {
    switch symbol {
    case "J/s": return spellings(ofBase: "W")
    case "g/J": break
    default: break
    }
    guard let slash = symbol.firstIndex(of: "/") else { return spellings(ofBase: symbol) }
    let above = spellings(ofBase: String(symbol[..<slash]))
    let below = spellings(ofBase: String(symbol[symbol.index(after: slash)...]))
    var all: [Spelling] = []
    for first in above {
      for second in below {
        all.append(
          Spelling(text: first.text + "/" + second.text, factor: first.factor / second.factor))
      }
      if symbol == "B/s" && first.text.hasSuffix("b") {
        all.append(Spelling(text: first.text + "ps", factor: first.factor))
      }
    }
    return all
  }

  /// A few spellings to show in an error message.
  static func examples(of symbol: String) -> String {
    switch symbol {
    case "s": "us, ms, s, min, h or days"
    case "B": "B, MB, GB (1e9), MiB, GiB (2^30)"
    case "B/s": "GB/s, GiB/s or Gbit/s"
    case "FLOP/s": "GFLOP/s or TFLOP/s"
    case "J/s": "W or kW"
    case "J": "J, Wh or kWh"
    case "g/J": "g/kWh"
    case "USD/accelerator-hour": "USD/accelerator-hour or USD/h"
    case "Hz": "MHz or GHz"
    default: symbol
    }
  }
}

/// Why a text is not a quantity of the wanted unit.
public struct UnitError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was found, as written.
  public let found: String
  /// What is wrong with it.
  public let problem: String
  /// What to write instead.
  public let help: String

  /// One sentence for people.
  public var description: String { "\(problem); \(help)" }
}

extension Quantity {
  /// Reads a number followed by a unit, for example `312 TFLOP/s`, `39.39 GiB`, `25GB/s`.
  ///
  /// - Throws: `UnitError` for a missing unit, an unknown unit or a malformed number.
  public init(parsing text: String) throws(UnitError) {
    let trimmed = text.trimmed
    let symbol = Unit.symbol
    let (number, unit) = trimmed.splitNumberAndUnit
    guard let parsed = Double(number.filter { $0 != "," && $0 != "_" }), parsed.isFinite else {
      throw UnitError(
        found: text, problem: "'\(trimmed)' does not start with a number",
        help: "write a number and a unit: \(UnitText.examples(of: symbol))")
    }
    guard !unit.isEmpty else {
      throw UnitError(
        found: text, problem: "'\(trimmed)' has no unit",
        help: "add one of \(UnitText.examples(of: symbol))")
    }
    guard let match = UnitText.spellings(of: symbol).first(where: { $0.text == unit }) else {
      throw UnitError(
        found: text, problem: "'\(unit)' is not a unit of this quantity",
        help: "use \(UnitText.examples(of: symbol))")
    }
    self.init(parsed * match.factor)
  }
}

extension String {
  var trimmed: String {
    var view = Substring(self)
    while let first = view.first, first.isWhitespace { view.removeFirst() }
    while let last = view.last, last.isWhitespace { view.removeLast() }
    return String(view)
  }

  /// `12.5e3 GB/s` into `12.5e3` and `GB/s`.
  var splitNumberAndUnit: (String, String) {
    var index = startIndex
    var previous: Character = " "
    while index < endIndex {
      let character = self[index]
      let exponentSign =
        (character == "-" || character == "+") && (previous == "e" || previous == "E")
      let leadingSign = (character == "-" || character == "+") && index == startIndex
      var exponent = false
      if character == "e" || character == "E", previous.isNumber {
        let next = self.index(after: index)
        exponent =
          next < endIndex && (self[next].isNumber || self[next] == "-" || self[next] == "+")
      }
      let digit = character.isASCII && character.isNumber
      guard
        digit || character == "." || character == "_" || character == "," || exponent
          || exponentSign || leadingSign
      else { break }
      previous = character
      index = self.index(after: index)
    }
    return (String(self[..<index]), String(self[index...]).trimmed)
  }
}
