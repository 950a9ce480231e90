import Quantities
import Scenarios
import Testing

/// A small file with every kind of value.
private struct Rack: Equatable {
  enum Color: String, CaseIterable { case red, green, darkBlue = "dark-blue" }
  struct Shelf: Equatable {
    var height: Int
    var label: String
  }
  var name: String
  var color: Color
  var memory: Bytes
  var slots: Int
  var load: Double
  var isOn: Bool
  var shelves: [Shelf]
  var speed: Sourced<BytesPerSecond>
  var power: Sourced<Watts>
  var price: Sourced<USDollarsPerAcceleratorHour>?

  static func read(_ text: String, fallback: Origin? = nil) throws(FileErrors) -> Rack {
    try Reader.read(SourceFile(name: "rack.yaml", text: text), fallbackOrigin: fallback) { root in
      let shelf = Reading.section(standIn: Shelf(height: 1, label: "")) {
        Shelf(height: $0.count("height"), label: $0.text("label"))
      }
      return Rack(
        name: root.text("name"), color: root.enumeration("color", of: Color.self),
        memory: root.quantity("memory", of: Byte.self), slots: root.count("slots"),
        load: root.fraction("load"), isOn: root.bool("is_on"),
        shelves: root.list("shelves", of: shelf),
        speed: root.section("link") {
          $0.sourced("speed", .positive(Per<Byte, Second>.self))
        },
        power: root.sourced("power", .positive(Per<Joule, Second>.self)),
        price: root.optionalSourced("price", .quantity(of: Per<USDollar, AcceleratorHour>.self)))
    }
  }
}

private let goodRack = """
  name: no
  color: dark-blue
  memory: 39.39 GiB
  slots: 9e9
  load: 1/6
  is_on: true
  shelves: [{height: 1, label: low}, {height: 1_000, label: "high: # 2"}]
  link:
    defaults: {origin: published, source: sheet}
    speed: 25 GB/s
  power: {value: 1 kW, low: 900 W, high: 1100 W, origin: assumed, source: guess}
  price: unknown
  sources:
    sheet: a datasheet
    guess: our choice
  """

@Suite("Reading a file")
struct ReaderTests {
  @Test("every kind of value is read, and `no` stays a text")
  func goodFile() throws {
    let rack = try Rack.read(goodRack)
    #expect(rack.name == "no")
    #expect(rack.color == .darkBlue)
    #expect(rack.memory.value == 39.39 * 1_073_741_824)
    #expect(rack.slots == 9_000_000_000)
    #expect(rack.load == 1.0 / 6.0)
    #expect(rack.isOn)
    #expect(
      rack.shelves == [.init(height: 1, label: "low"), .init(height: 1000, label: "high: # 2")])
    #expect(rack.speed == Sourced(Quantity(25e9), origin: .published, source: "sheet"))
    #expect(
      rack.power
        == Sourced(
          Quantity(1000.0), low: Quantity(900.0), high: Quantity(1100.0), origin: .assumed,
          source: "guess"))
    #expect(rack.price == nil)
  }

  @Test("all errors of a file are reported at once, with place, line, caret and help")
  func allErrorsAtOnce() throws {
    let bad = """
      name: ""
      colour: red
      color: dark-bleu
      memory: 39.39 Gib
      slots: 33k
      load: 150 %
      is_on: yes
      shelves:
        - {height: 0, label: low, depth: 3}
        - 7
      link:
        speed: 25 GB
      power: {value: 1 kW, low: 2 kW, origin: published, source: sheat}
      price: 2 EUR/h
      sources:
        sheet: a datasheet
      """
    let errors = try #require(throws: FileErrors.self) { try Rack.read(bad) }
    #expect("\(errors)" == goldenErrors)
  }

  @Test("what is missing is named with an example, a missing section only once")
  func missingValues() throws {
    let errors = try #require(throws: FileErrors.self) { try Rack.read("name: a\nslots:\n") }
    #expect(
      errors.diagnostics.map { "\($0.location.line): \($0.message); \($0.help)" } == [
        "1: 'color' is missing; add 'color: red'",
        "1: 'memory' is missing; add 'memory: 1 GiB'",
        "1: 'load' is missing; add 'load: 0.5'",
        "1: 'is_on' is missing; add 'is_on: true'",
        "1: the section 'link' is missing; add 'link:' with its keys below",
        "1: 'power' is missing; add 'power: {value: 1 W, origin: published, source: some-id}'",
        "2: 'slots' is missing; add 'slots: 64'",
      ])
  }

  @Test("plain numbers need defaults, unless the file's fall-back says who gave them")
  func fallbackOrigin() throws {
    let text = goodRack.split(separator: "\n").filter {
      !$0.contains("defaults") && !$0.contains("sheet:")
    }
    .joined(separator: "\n")
    let errors = try #require(throws: FileErrors.self) { try Rack.read(text) }
    #expect(errors.diagnostics.map(\.message) == ["'link.speed' does not say where it comes from"])
    let rack = try Rack.read(text, fallback: .given)
    #expect(rack.speed == Sourced(Quantity(25e9), origin: .given))
  }

  @Test(
    "origin and source go together",
    arguments: [
      ("{value: 1 W, origin: given}", []),
      ("{value: 1 W, origin: published}", ["'power.source' is missing"]),
      ("{value: 1 W, source: sheet}", ["'power.origin' is missing"]),
      ("{value: 1 W, origin: guessed, source: sheet}", ["'power.origin': 'guessed' is not known"]),
      ("{value: 3 W, high: 2 W, origin: given}", ["'power.high' is below the value"]),
      ("{origin: given}", ["'power.value' is missing"]),
      (
        "[1 W]",
        ["'power' is a list, not a single value", "'power' does not say where it comes from"]
      ),
    ] as [(String, [String])])
  func provenance(power: String, expected: [String]) throws {
    let text =
      goodRack.split(separator: "\n").filter { !$0.contains("guess") }
      .joined(separator: "\n") + "\npower: \(power)"
    let found: [String]
    do throws(FileErrors) {
      _ = try Rack.read(text)
      found = []
    } catch {
      found = error.diagnostics.map(\.message)
    }
    #expect(Set(found) == Set(expected))
  }

  @Test("sources must be used and cited")
  func unusedSource() throws {
    let errors = try #require(throws: FileErrors.self) {
      try Rack.read(goodRack + "\n  other: a book\n  empty:")
    }
    #expect(
      errors.diagnostics.map(\.message) == [
        "the source 'other' is never used", "the source 'empty' has no citation",
      ])
    #expect(errors.diagnostics.map(\.location.line) == [16, 17])
  }
}

private let goldenErrors = """
  rack.yaml:1:7: error: 'name': the text is empty
  name: ""
        ^
  help: write something

  rack.yaml:2:1: error: unknown key 'colour'
  colour: red
  ^
  help: did you mean 'color'?

  rack.yaml:3:8: error: 'color': 'dark-bleu' is not known
  color: dark-bleu
         ^
  help: did you mean 'dark-blue'?

  rack.yaml:4:9: error: 'memory': 'Gib' is not a unit of this quantity
  memory: 39.39 Gib
          ^
  help: use B, MB, GB (1e9), MiB, GiB (2^30)

  rack.yaml:5:8: error: 'slots': '33k' is not a whole number
  slots: 33k
         ^
  help: counts carry no prefix; write 33000

  rack.yaml:6:7: error: 'load' must be from 0 to 1, not '150 %'
  load: 150 %
        ^
  help: for example 0.5

  rack.yaml:7:8: error: 'is_on': 'yes' is neither true nor false
  is_on: yes
         ^
  help: write true or false

  rack.yaml:9:14: error: 'shelves[0].height' must be at least 1, not '0'
    - {height: 0, label: low, depth: 3}
               ^
  help: for example 64

  rack.yaml:9:29: error: unknown key 'depth' in 'shelves[0]'
    - {height: 0, label: low, depth: 3}
                              ^
  help: use one of height, label

  rack.yaml:10:5: error: 'shelves[1]' is '7', not a mapping
    - 7
      ^
  help: write {...}

  rack.yaml:12:10: error: 'link.speed': 'GB' is not a unit of this quantity
    speed: 25 GB
           ^
  help: use GB/s, GiB/s or Gbit/s

  rack.yaml:12:10: error: 'link.speed' does not say where it comes from
    speed: 25 GB
           ^
  help: write {value: ..., origin: published, source: some-id} or give the section 'defaults'

  rack.yaml:13:27: error: 'power.low' is above the value
  power: {value: 1 kW, low: 2 kW, origin: published, source: sheat}
                            ^
  help: low <= value <= high

  rack.yaml:13:60: error: the source 'sheat' is not defined
  power: {value: 1 kW, low: 2 kW, origin: published, source: sheat}
                                                             ^
  help: did you mean 'sheet'?

  rack.yaml:14:8: error: 'price': 'EUR/h' is not a unit of this quantity
  price: 2 EUR/h
         ^
  help: use USD/accelerator-hour or USD/h

  rack.yaml:14:8: error: 'price' does not say where it comes from
  price: 2 EUR/h
         ^
  help: write {value: ..., origin: published, source: some-id} or give the section 'defaults'

  16 errors in rack.yaml
  """
