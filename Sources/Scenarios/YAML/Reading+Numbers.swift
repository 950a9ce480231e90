import Foundation
public import Quantities

extension Reading {
  /// A number with a unit, for example `312 TFLOP/s`; zero and more.
  public static func quantity<Unit: UnitOfMeasure>(of unit: Unit.Type) -> Reading<Value>
  where Value == Quantity<Unit> {
    .scalar(standIn: Quantity(1.0), example: "1 \(exampleUnit(Unit.symbol))") {
      text throws(Complaint) in
      let quantity: Quantity<Unit>
      do throws(UnitError) {
        quantity = try Quantity<Unit>(parsing: text)
      } catch {
        throw Complaint(error.problem, help: error.help)
      }
      guard quantity.value >= 0 else {
        throw Complaint("'\(text)' is negative", help: "write 0 or more")
      }
      // Beyond these, sums and products of figures would no longer be finite.
      guard quantity.value == 0 || (1e-24...1e24).contains(quantity.value) else {
        throw Complaint(
          "'\(text)' is too \(quantity.value < 1 ? "small" : "large") to be true",
          help: "check the number and its unit")
      }
      return quantity
    }
  }

  /// A quantity above zero.
  public static func positive<Unit: UnitOfMeasure>(_ unit: Unit.Type) -> Reading<Value>
  where Value == Quantity<Unit> {
    quantity(of: unit).checked("above zero") { $0.value > 0 }
  }

  private static func exampleUnit(_ symbol: String) -> String {
    switch symbol {
    case "B": "GiB"
    case "B/s": "GB/s"
    case "FLOP/s": "TFLOP/s"
    case "J/s": "W"
    case "g/J": "g/kWh"
    default: symbol
    }
  }
}

extension Reading where Value == Int {
  /// A whole number from 1: `64`, `33_792`, `9e9`.
  public static var count: Reading { wholeNumber.checked("at least 1") { $0 >= 1 } }

  /// A whole number from 0.
  public static var countFromZero: Reading { wholeNumber.checked("at least 0") { $0 >= 0 } }

  /// Any whole number that a `Double` holds exactly.
  private static var wholeNumber: Reading {
    .scalar(standIn: 1, example: "64") { text throws(Complaint) in
      guard let number = Double(plain: text) else {
        throw Complaint(
          "'\(text)' is not a whole number", help: countHelp(text))
      }
      guard number.rounded() == number, number.magnitude <= 9_007_199_254_740_992 else {
        throw Complaint(
          "'\(text)' is not a whole number that can be counted", help: "write one below 9e15")
      }
      return Int(number)
    }
  }

  /// `33k` is refused, but what it means is told.
  private static func countHelp(_ text: String) -> String {
    let suffixes: [Character: Double] = ["k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "G": 1e9]
    if let last = text.last, let factor = suffixes[last],
      let number = Double(plain: String(text.dropLast()))
    {
      let product = number * factor
      if product < 9e15, product.rounded() == product {
        return "counts carry no prefix; write \(Int(product))"
      }
    }
    if let number = Double(plain: text.filter { $0 != "," }), text.contains(","),
      number.magnitude < 9e15
    {
      return "write \(Int(number)) without commas"
    }
    return "counts carry no unit; write 64 or 9e9"
  }
}

extension Reading where Value == Double {
  /// Any finite number, also as `1/6` or `50 %`.
  public static var number: Reading {
    .scalar(standIn: 1, example: "0.5") { text throws(Complaint) in
      guard let number = Double(fraction: text) else {
        throw Complaint("'\(text)' is not a number", help: "write 0.5, 1/6 or 50 %")
      }
      guard number.magnitude <= 1e18 else {
        throw Complaint("'\(text)' is too large to be true", help: "check the number")
      }
      return number
    }
  }

  /// A share: from 0 to 1, as `0.5`, `1/6` or `50 %`.
  public static var fraction: Reading {
    number.checked("from 0 to 1") { (0...1).contains($0) }
  }

  /// A share above 0, at most 1.
  public static var positiveFraction: Reading {
    number.checked("above 0 and at most 1") { $0 > 0 && $0 <= 1 }
  }

  /// A number above 0.
  public static var positiveNumber: Reading { number.checked("above 0") { $0 > 0 } }

  /// A number of at least 0.
  public static var nonNegativeNumber: Reading { number.checked("at least 0") { $0 >= 0 } }
}

extension Double {
  /// Digits with an optional sign, point, exponent and `_` between digits; nothing else.
  init?(plain text: String) {
    let allowed = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    guard allowed, text.utf8.first.map({ $0 != UInt8(ascii: "_") }) ?? false,
      let number = Double(text.filter { $0 != "_" }), number.isFinite
    else { return nil }
    self = number
  }

  /// A plain number, `a/b`, or a number with `%`.
  init?(fraction text: String) {
    if text.hasSuffix("%") {
      guard let percent = Double(plain: text.dropLast().trimmingCharacters(in: .whitespaces))
      else { return nil }
      self = percent / 100
      return
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    switch parts.count {
    case 1:
      guard let number = Double(plain: parts[0]) else { return nil }
      self = number
    case 2:
      guard let above = Double(plain: parts[0]), let below = Double(plain: parts[1]), below != 0
      else { return nil }
      self = above / below
    default: return nil
    }
  }
}
