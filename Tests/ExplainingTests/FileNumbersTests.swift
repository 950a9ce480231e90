import Explaining
import Quantities
import Scenarios
import Testing

/// Numbers of files are found with who vouches for them, and change one at a time.
@Suite("Numbers of files")
struct FileNumbersTests {
  private let text = """
    id: x7
    device:
      defaults: {origin: published, source: sheet}
      rate: 1555 GB/s
      loss: {value: 0.06, low: 0.02, high: 0.11, origin: assumed, source: guess}
      tiles:
        - {m: 128, share: 7.5e-1}
      words: about 7
      quoted: "12"
    sources:
      sheet: the data sheet of 2020
      guess: our choice
    """

  @Test("paths, values, origins and citations")
  func found() throws {
    let all = try FileNumbers(SourceFile(name: "x.yaml", text: text)).all
    #expect(
      all.map(\.path) == [
        "device.rate", "device.loss", "device.loss.low", "device.loss.high", "device.tiles[0].m",
        "device.tiles[0].share",
      ])
    #expect(all.map(\.text) == ["1555 GB/s", "0.06", "0.02", "0.11", "128", "7.5e-1"])
    #expect(all[0].origin == .published && all[0].source == "the data sheet of 2020")
    #expect(all[1].origin == .assumed && all[1].source == "our choice")
    #expect(all[5].origin == .published)
  }

  @Test("one number changes, everything else stays")
  func changed() throws {
    let numbers = try FileNumbers(SourceFile(name: "x.yaml", text: text))
    let rate = try #require(numbers.all.first)
    let changed = numbers.text(changing: rate, to: 1600.5).text
    #expect(changed == text.replacing("1555 GB/s", with: "1600.5 GB/s"))
    let tile = try #require(numbers.all.first { $0.path == "device.tiles[0].m" })
    #expect(numbers.text(changing: tile, to: 129).text == text.replacing("m: 128", with: "m: 129"))
  }

  @Test("shipped profiles and stacks have hundreds of numbers, all vouched for")
  func shipped() throws {
    let loader = try Project.loader()
    for id in loader.stackIDs {
      let all = try FileNumbers(loader.stackFile(id)).all
      #expect(all.count >= 10, "\(id)")
      #expect(all.allSatisfy { $0.origin != .given && !$0.source.isEmpty }, "\(id)")
    }
  }
}
