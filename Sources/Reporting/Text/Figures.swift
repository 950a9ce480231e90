import Quantities

/// Numbers with units as reports print them: low, typical and high in one unit.
public enum Figures {
  /// A whole number with `,` between thousands.
  public static func count(_ value: Int) -> String { Format.fixed(Double(value), digits: 0) }

  /// A large count: digits up to a million, then `9.00e9`.
  static func large(_ value: Double) -> String {
    guard value.isFinite else { return "unknown" }
    guard value.magnitude >= 1e7 else { return Format.fixed(value, digits: 0) }
    var exponent = 0
    var mantissa = value
    while mantissa.magnitude >= 10 {
      mantissa /= 10
      exponent += 1
    }
    if Format.fixed(mantissa.magnitude, digits: 2) == "10.00" {
      mantissa /= 10
      exponent += 1
    }
    return Format.fixed(mantissa, digits: 2) + "e\(exponent)"
  }

  /// A share as per cent: `12.3 %`.
  static func percent(_ share: Double, digits: Int = 1) -> String {
    Format.fixed(share * 100, digits: digits) + " %"
  }

  /// A ratio: `2.86x`.
  static func ratio(_ value: Double) -> String { Format.fixed(value, digits: 2) + "x" }

  /// Memory in GiB with two digits.
  static func gibibytes(_ bytes: Bytes) -> String {
    Format.fixed(bytes.value / UnitSize.gibibyte, digits: 2) + " GiB"
  }

  /// Four significant digits: what a 90 % range leaves worth reading, without an exponent.
  static func rounded(_ value: Double) -> String {
    guard value.isFinite, value.magnitude >= 10_000 else {
      return Format.significant(value, digits: 4)
    }
    var scale = 1.0
    while value.magnitude / scale >= 10_000 { scale *= 10 }
    return Format.fixed((value / scale).rounded() * scale, digits: 0)
  }
}

/// A low, typical and high value in the unit that suits the typical one.
struct Range3: Sendable, Hashable {
  var low: String
  var typical: String
  var high: String
  var unit: String

  /// All three, as `4.10 .. 4.52 .. 5.21 s`.
  var text: String { "\(low) .. \(typical) .. \(high) \(unit)".withoutTrailingSpaces }
  /// The typical one, as `4.52 s`.
  var typicalText: String { "\(typical) \(unit)".withoutTrailingSpaces }

  private init(
    _ low: Double, _ typical: Double, _ high: Double, size: Double, unit: String,
    _ print: (Double) -> String
  ) {
    self.low = print(low / size)
    self.typical = print(typical / size)
    self.high = print(high / size)
    self.unit = unit
  }

  /// Time in ms, s, min, h or days: the unit that suits `largest` of the times side by side.
  init(time: Interval<Second>, largest: Seconds? = nil) {
    let (size, unit) = Self.timeUnit(largest ?? time.typical)
    self.init(time.low.value, time.typical.value, time.high.value, size: size, unit: unit) {
      Format.significant($0, digits: 3)
    }
  }

  /// Memory in GiB.
  init(memory: Interval<Byte>) {
    self.init(
      memory.low.value, memory.typical.value, memory.high.value, size: UnitSize.gibibyte,
      unit: "GiB"
    ) { Format.fixed($0, digits: 2) }
  }

  /// Accelerator-hours.
  init(hours: Interval<AcceleratorHour>) {
    self.init(
      hours.low.value, hours.typical.value, hours.high.value, size: 1, unit: "accelerator-hours",
      Figures.rounded)
  }

  /// US dollars.
  init(money: Interval<USDollar>) {
    self.init(
      money.low.value, money.typical.value, money.high.value, size: 1, unit: "USD",
      Figures.rounded)
  }

  /// Energy in kWh, from 10,000 kWh on in MWh.
  init(energy: Interval<Joule>) {
    let isLarge = energy.typical.value >= 1e4 * UnitSize.kilowattHour
    let size = UnitSize.kilowattHour * (isLarge ? 1000 : 1)
    self.init(
      energy.low.value, energy.typical.value, energy.high.value, size: size,
      unit: isLarge ? "MWh" : "kWh", Figures.rounded)
  }

  /// Emissions in kg, from 10,000 kg on in t.
  init(carbon: Interval<GramOfCarbon>) {
    let isLarge = carbon.typical.value >= 1e4 * UnitSize.kilogram
    let size = isLarge ? UnitSize.tonne : UnitSize.kilogram
    self.init(
      carbon.low.value, carbon.typical.value, carbon.high.value, size: size,
      unit: isLarge ? "t CO2e" : "kg CO2e", Figures.rounded)
  }

  /// A number without unit.
  init(_ range: Range90, unit: String = "", digits: Int = 3) {
    self.init(range.low, range.typical, range.high, size: 1, unit: unit) {
      Format.significant($0, digits: digits)
    }
  }

  /// A ratio to a baseline, two decimals.
  init(ratio: Range90) {
    self.init(ratio.low, ratio.typical, ratio.high, size: 1, unit: "x") {
      Format.fixed($0, digits: 2)
    }
  }

  /// The largest unit of which the time is at least about one and a half.
  static func timeUnit(_ time: Seconds) -> (size: Double, unit: String) {
    switch time.value {
    case ..<1e-3: (1e-6, "us")
    case ..<1: (1e-3, "ms")
    case ..<120: (1, "s")
    case ..<7200: (60, "min")
    case ..<172_800: (UnitSize.hour, "h")
    default: (UnitSize.day, "days")
    }
  }
}
