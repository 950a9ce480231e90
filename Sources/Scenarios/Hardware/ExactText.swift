import Foundation
import Quantities

/// Writes numbers and texts so that the reader gets back the very same values.
public enum ExactText {
  /// The shortest spelling of a quantity that reads back to the same bits.
  static func quantity<Unit: UnitOfMeasure>(_ quantity: Quantity<Unit>) -> String {
    var best = number(quantity.value) + " " + Unit.writtenBase
    guard quantity.value != 0 else { return best }
    for unit in units(of: Unit.symbol) {
      guard let size = try? Quantity<Unit>(parsing: "1 " + unit) else { continue }
      let scaled = quantity.value / size.value
      for digits in [6, 12, 15, 17] {
        let text = shortened(String(format: "%.\(digits)g", scaled)) + " " + unit
        guard let back = try? Quantity<Unit>(parsing: text), back == quantity else { continue }
        if text.count < best.count || (text.count == best.count && scaled < 1000) { best = text }
        break
      }
    }
    return best
  }

  /// A plain number that reads back to the same bits, without `.0`.
  static func number(_ value: Double) -> String { shortened("\(value)") }

  /// A text as a YAML scalar: plain where that is safe, else in double quotes.
  public static func text(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy { scalar in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", "+", "(", ")", " ", ";", "%": true
      default: false
      }
    }
    let startsPlain = text.unicodeScalars.first.map { $0.properties.isAlphabetic } ?? false
    let isWord = !["null", "unknown"].contains(text) && text.last != " "
    return isPlain && startsPlain && isWord ? text : quoted(text)
  }

  /// A text as a YAML scalar in double quotes.
  public static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case _ where scalar.value < 0x20 || (0x7F...0xA0).contains(scalar.value):
        quoted += "\\x" + String(format: "%02X", scalar.value)
      case "\u{2028}", "\u{2029}", "\u{FEFF}":
        quoted += "\\u" + String(format: "%04X", scalar.value)
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  private static func shortened(_ text: String) -> String {
    text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func units(of symbol: String) -> [String] {
    switch symbol {
    case "B": ["TiB", "GiB", "MiB", "KiB", "TB", "GB", "MB", "kB", "B"]
    case "B/s": ["TB/s", "GB/s", "MB/s", "B/s"]
    case "FLOP/s": ["PFLOP/s", "TFLOP/s", "GFLOP/s", "FLOP/s"]
    case "s": ["h", "min", "s", "ms", "us", "ns"]
    case "J/s": ["kW", "W"]
    case "g/J": ["g/kWh", "g/J"]
    default: [symbol]
    }
  }
}

extension UnitOfMeasure {
  /// The base unit as the reader knows it.
  fileprivate static var writtenBase: String { symbol == "J/s" ? "W" : symbol }
}
