import Quantities
import Testing

@Suite("Printing quantities")
struct FormattingTests {
  @Test(
    "the prefix fits the size",
    arguments: [
      ("\(Bytes(42_297_524_224.0))", "39.4 GiB"), ("\(Bytes(512))", "512 B"),
      ("\(Bytes(1024))", "1.00 KiB"), ("\(BytesPerSecond(1555e9))", "1.56 TB/s"),
      ("\(BytesPerSecond(25e9))", "25.0 GB/s"), ("\(FlopsPerSecond(312e12))", "312 TFLOP/s"),
      ("\(Watts(400))", "400 W"), ("\(Joules(3.6e6))", "3.60 MJ"),
      ("\(USDollars(1234.5))", "1,235 USD"), ("\(Bytes.zero)", "0 B"),
    ])
  func prefixes(printed: String, expected: String) { #expect(printed == expected) }

  @Test(
    "times climb to minutes, hours and days",
    arguments: [
      ("\(Seconds(3.317e-6))", "3.32 us"), ("\(Seconds(0.25))", "250 ms"),
      ("\(Seconds(90))", "90.0 s"), ("\(Seconds(150))", "2.50 min"),
      ("\(Seconds(7200))", "2.00 h"), ("\(Seconds(172_800))", "2.00 days"),
    ])
  func times(printed: String, expected: String) { #expect(printed == expected) }

  @Test("digits are fixed, thousands grouped, zero has no sign")
  func digits() {
    #expect(Format.fixed(1_234_567.891, digits: 2) == "1,234,567.89")
    #expect(Format.fixed(-0.004, digits: 2) == "0.00")
    #expect(Format.fixed(-1.5, digits: 1) == "-1.5")
    #expect(Format.fixed(0.05, digits: 3) == "0.050")
    #expect(Format.fixed(.nan, digits: 1) == "unknown")
    #expect(Format.fixed(-.infinity, digits: 1) == "-inf")
    #expect(Format.significant(0.012345) == "0.0123")
    #expect(Format.significant(12345) == "12,345")
    #expect(Format.significant(1.5, digits: 5) == "1.5000")
  }
}

@Suite("Arithmetic with units")
struct ArithmeticTests {
  @Test("work over a rate is a time, a rate for a while is an amount")
  func rates() {
    let time = Bytes(100e9) / BytesPerSecond(25e9)
    #expect(time == Seconds(4))
    #expect(BytesPerSecond(25e9) * Seconds(4) == Bytes(100e9))
    #expect(Bytes(100e9).per(Seconds(4)) == BytesPerSecond(25e9))
    #expect(Seconds(6) / Seconds(4) == 1.5)
    #expect(2 * Seconds(3) - Seconds(1) / 2 == Seconds(5.5))
  }

  @Test("a value keeps its origin through a function")
  func sourced() {
    let share = Sourced(0.5, low: 0.4, high: 0.6, origin: .published, source: "book")
    let percent = share.map { $0 * 100 }
    #expect(percent.value == 50 && percent.low == 40 && percent.high == 60)
    #expect(percent.origin == .published && percent.source == "book")
  }

  @Test("intervals and ranges map in order")
  func intervals() {
    let time = Interval(low: Seconds(1), typical: Seconds(2), high: Seconds(4))
    let bytes = time.map { BytesPerSecond(10) * $0 }
    #expect(bytes == Interval(low: Bytes(10), typical: Bytes(20), high: Bytes(40)))
    #expect(Interval(exactly: Seconds(3)).high == Seconds(3))
  }
}
