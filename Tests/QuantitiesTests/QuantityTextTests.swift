import Quantities
import Testing

@Suite("Reading quantities")
struct QuantityTextTests {
  @Test(
    "bytes: decimal, binary and bit units are three different things",
    arguments: [
      ("1 B", 1.0), ("1 kB", 1e3), ("80 GB", 80e9), ("80 GiB", 85_899_345_920), ("1 KiB", 1024),
      ("39.39 GiB", 39.39 * 1_073_741_824), ("200 Gbit", 25e9), ("200 Gb", 25e9), ("8 b", 1),
      ("1 TiB", 1_099_511_627_776), ("42297524224 B", 42_297_524_224), ("1_000 B", 1000),
      ("1,555 MB", 1_555e6), ("2.5e3MB", 2.5e9), ("  7 EB ", 7e18),
    ] as [(String, Double)])
  func bytes(text: String, expected: Double) throws {
    #expect(try Bytes(parsing: text).value == expected)
  }

  @Test(
    "rates",
    arguments: [
      ("25 GB/s", 25e9), ("200 Gbit/s", 25e9), ("200 Gb/s", 25e9), ("200 Gbps", 25e9),
      ("1 GiB/s", 1_073_741_824), ("60 MB/min", 1e6),
    ] as [(String, Double)])
  func bandwidths(text: String, expected: Double) throws {
    let value = try BytesPerSecond(parsing: text).value
    #expect((value - expected).magnitude <= 1e-12 * expected)
  }

  @Test("times, work, power, energy, money and carbon")
  func others() throws {
    #expect(try Seconds(parsing: "3.317 us").value == 3.317 * 1e-6)
    #expect(try Seconds(parsing: "2 h").value == 7200)
    #expect(try Seconds(parsing: "14 days").value == 14 * 86_400)
    #expect(try FlopsPerSecond(parsing: "312 TFLOP/s").value == 312e12)
    #expect(try Watts(parsing: "0.4 kW").value == 400)
    #expect(try Joules(parsing: "1 kWh").value == 3.6e6)
    #expect(try USDollarsPerAcceleratorHour(parsing: "2.79 USD/accelerator-hour").value == 2.79)
    #expect(try USDollarsPerAcceleratorHour(parsing: "2.79 USD/h").value == 2.79)
    let grid = try GramsPerJoule(parsing: "360 g/kWh").value
    #expect((grid - 1e-4).magnitude < 1e-16)
    #expect(try Frequency(parsing: "1410 MHz").value == 1.41e9)
  }

  @Test(
    "what is not a byte count is refused with an example",
    arguments: [
      ("80", "'80' has no unit"), ("80 gb", "'gb' is not a unit of this quantity"),
      ("80 GB/s", "'GB/s' is not a unit of this quantity"),
      ("80 Gib", "'Gib' is not a unit of this quantity"),
      ("GB", "'GB' does not start with a number"), ("", "'' does not start with a number"),
      ("1..2 GB", "'1..2 GB' does not start with a number"),
      ("1e999 B", "'1e999 B' does not start with a number"),
      ("nan B", "'nan B' does not start with a number"),
      ("0x10 B", "'x10 B' is not a unit of this quantity"),
      ("１２ GB", "'１２ GB' does not start with a number"),
    ])
  func refused(text: String, problem: String) throws {
    let error = try #require(throws: UnitError.self) { try Bytes(parsing: text) }
    #expect(error.problem == problem)
    #expect(error.found == text)
    #expect(error.help.contains("GiB (2^30)"))
  }

  @Test("a time is not a rate and a price is not a time")
  func kinds() {
    #expect(throws: UnitError.self) { try Seconds(parsing: "1 GB") }
    #expect(throws: UnitError.self) { try BytesPerSecond(parsing: "25 GB") }
    #expect(throws: UnitError.self) { try FlopsPerSecond(parsing: "312 TFLOPS") }
    #expect(throws: UnitError.self) { try USDollarsPerAcceleratorHour(parsing: "2 EUR/h") }
    #expect(throws: UnitError.self) { try Watts(parsing: "1 J") }
  }
}
