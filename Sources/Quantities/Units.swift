/// Time, base unit second.
public enum Second: UnitOfMeasure {
  /// The symbol, `s`.
  public static let symbol = "s"
  /// Time has its own ladder.
  public static let scaling = Scaling.time
}
/// Memory and traffic, base unit byte.
public enum Byte: UnitOfMeasure {
  /// The symbol, `B`.
  public static let symbol = "B"
  /// Memory is printed in GiB.
  public static let scaling = Scaling.binary
}
/// Floating-point operations; one multiply-add is two.
public enum FloatingPointOperation: UnitOfMeasure {
  /// The symbol, `FLOP`.
  public static let symbol = "FLOP"
  /// GFLOP is 1e9.
  public static let scaling = Scaling.decimal
}
/// Money in US dollars.
public enum USDollar: UnitOfMeasure {
  /// The symbol, `USD`.
  public static let symbol = "USD"
  /// Money takes no prefix.
  public static let scaling = Scaling.none
}
/// Energy, base unit joule.
public enum Joule: UnitOfMeasure {
  /// The symbol, `J`.
  public static let symbol = "J"
  /// kJ is 1000 J.
  public static let scaling = Scaling.decimal
}
/// Emissions in grams of CO2 equivalent.
public enum GramOfCarbon: UnitOfMeasure {
  /// The symbol, `g`.
  public static let symbol = "g"
  /// kg is 1000 g.
  public static let scaling = Scaling.decimal
}
/// Use of one accelerator, base unit accelerator-hour.
public enum AcceleratorHour: UnitOfMeasure {
  /// The symbol, `accelerator-hour`.
  public static let symbol = "accelerator-hour"
  /// Accelerator-hours take no prefix.
  public static let scaling = Scaling.none
}
/// Cycles per second.
public enum Hertz: UnitOfMeasure {
  /// The symbol, `Hz`.
  public static let symbol = "Hz"
  /// MHz is 1e6 Hz.
  public static let scaling = Scaling.decimal
}
/// Training examples: image-text pairs, images or sequences.
public enum Sample: UnitOfMeasure {
  /// The symbol, `samples`.
  public static let symbol = "samples"
  /// Counts take no prefix.
  public static let scaling = Scaling.none
}

/// Seconds.
public typealias Seconds = Quantity<Second>
/// Bytes.
public typealias Bytes = Quantity<Byte>
/// Floating-point operations.
public typealias Flops = Quantity<FloatingPointOperation>
/// US dollars.
public typealias USDollars = Quantity<USDollar>
/// Joules.
public typealias Joules = Quantity<Joule>
/// Grams of CO2 equivalent.
public typealias GramsOfCarbon = Quantity<GramOfCarbon>
/// Accelerator-hours.
public typealias AcceleratorHours = Quantity<AcceleratorHour>
/// Bytes per second.
public typealias BytesPerSecond = Quantity<Per<Byte, Second>>
/// FLOP per second.
public typealias FlopsPerSecond = Quantity<Per<FloatingPointOperation, Second>>
/// Joules per second.
public typealias Watts = Quantity<Per<Joule, Second>>
/// Samples per second.
public typealias SamplesPerSecond = Quantity<Per<Sample, Second>>
/// A price per accelerator-hour.
public typealias USDollarsPerAcceleratorHour = Quantity<Per<USDollar, AcceleratorHour>>
/// Carbon intensity in grams per joule of electricity.
public typealias GramsPerJoule = Quantity<Per<GramOfCarbon, Joule>>
/// Clock frequency.
public typealias Frequency = Quantity<Hertz>
