import Clusters
import Foundation
import Quantities
import Scenarios
import Testing

private func shippedText(_ id: String) throws -> String {
  try SourceFile(path: shippedHardware.files.path(of: id)).text
}

private func messages(_ text: String) -> [String] {
  do throws(FileErrors) {
    _ = try HardwareProfileReader.read(SourceFile(name: "p.yaml", text: text))
    return []
  } catch {
    return error.diagnostics.map(\.message)
  }
}

@Suite("Errors in hardware profiles")
struct HardwareErrorsTests {
  @Test(
    "values without physical sense are located errors",
    arguments: [
      ("bf16: 312 TFLOP/s", "bf16: 312 TB/s", "'TB/s' is not a unit of this quantity"),
      ("bf16: 312 TFLOP/s", "bf8: 312 TFLOP/s", "unknown key 'bf8' in 'accelerator.peak'"),
      ("memory_floor: 0.611", "memory_floor: 1.2", "must be above 0 and at most 1"),
      ("memory_floor: 0.611", "memory_floor: 0", "must be above 0 and at most 1"),
      (
        "{value: 0.62, low", "{value: 62, low",
        "'efficiency.memory_bound.normalization.high' is below"
      ),
      (
        "elementwise: {value: 0.87", "elementwise: {value: 87",
        "'efficiency.memory_bound.elementwise' is more than all of the memory bandwidth"
      ),
      ("wave_weight: 0.253", "wave_weight: -0.1", "must be from 0 to 1"),
      ("typical: 1,", "typical: 2,", "'efficiency.gemm.range' is not ordered"),
      ("model: tile-wave", "model: tile-waves", "'tile-waves' is not known"),
      ("low: 512, high: 16384", "low: 512, high: 16", "is below 'low'"),
      ("{value: 1.1, origin", "{value: 0.9, origin", "'site.pue.value' must be at least 1"),
      ("size: 64 KiB", "size: 64 MiB", "is not sorted by growing size"),
      ("factor: 1.7", "factor: 0.7", "must be at least 1"),
      ("0.9 GiB, low: 0.5 GiB, high: 1.6 GiB", "90 GiB, high: 99 GiB", "is not below the memory"),
      (
        "network_adapters: {value: 4", "network_adapters: {value: 4.5",
        "'4.5' is not a whole number"
      ),
      ("network_link: {value: 200 Gbit/s", "network_link: {value: 200", "'200' has no unit"),
      ("as_of: 2026-11-25", "as_of: yesterday", "'yesterday' is not a day"),
      ("hardware-profile/1", "hardware-profile/9", "'foretrain/hardware-profile/9' is not known"),
      ("  power_limit:", "  powerlimit:", "unknown key 'powerlimit' in 'accelerator'"),
    ])
  func physicalSense(old: String, new: String, message: String) throws {
    let text = try shippedText("a100-40gb-sxm-juwels")
    try #require(text.contains(old))
    let start = try #require(text.range(of: old))
    let found = messages(text.replacingCharacters(in: start, with: new))
    #expect(found.contains { $0.contains(message) }, "\(found)")
  }

  @Test("an empty profile names every missing section once")
  func empty() {
    #expect(
      messages("schema: foretrain/hardware-profile/1\n") == [
        "'id' is missing", "'title' is missing", "'as_of' is missing",
        "the section 'accelerator' is missing", "the section 'efficiency' is missing",
        "the section 'node' is missing", "the section 'network' is missing",
        "the section 'site' is missing",
      ])
  }

  @Test("a file whose id is not its name is told so")
  func wrongID() throws {
    let text = try shippedText("l4")
    let error = try #require(throws: FileErrors.self) {
      try HardwareProfileReader.read(SourceFile(name: "x", text: text), expectedID: "l5")
    }
    #expect(error.diagnostics.map(\.message) == ["the id is 'l4', the file's name says 'l5'"])
  }

  @Test("the first folder that holds an id wins")
  func folders() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "fore-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let text = try shippedText("l4").replacingOccurrences(of: "4 x L4 in", with: "My L4s in")
    try Data(text.utf8).write(to: folder.appending(path: "l4.yaml"))
    let catalog = HardwareCatalog(folders: [folder.path] + shippedHardware.files.folders)
    #expect(try catalog.profile("l4").title.hasPrefix("My L4s"))
    #expect(try catalog.profile("l40s").id == "l40s")
    #expect(catalog.ids.count == 18)
  }

  @Test("any mutation of a good file gives a value or errors, never a crash", arguments: 0..<20)
  func mutations(seed: Int) throws {
    var generator = SplitMix(state: UInt64(seed))
    let original = Array(try shippedText("v100-32gb-sxm-dgx").utf8)
    let splices = [
      "[", "{", "}", "]", ": ", "- ", "\n", "\"", "'", "&a ", "*a", "|", "#", "\t",
      "0", "-1", "1e999", "nan", " GB", "\u{0}", "é", "? ", "---\n", ",",
    ].map { Array($0.utf8) }
    var accepted = 0
    for _ in 0..<15 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1:
          bytes.removeSubrange(
            place..<min(bytes.count, place + Int.random(in: 1...60, using: &generator)))
        case 2:
          bytes.insert(contentsOf: splices.randomElement(using: &generator) ?? [], at: place)
        default:
          let from = Int.random(in: 0..<bytes.count, using: &generator)
          bytes.insert(contentsOf: Array(bytes[from..<min(bytes.count, from + 80)]), at: place)
        }
      }
      do {
        let profile = try HardwareProfileReader.read(SourceFile(name: "m", bytes: Data(bytes)))
        let text = HardwareProfileWriter.text(of: profile)
        #expect(try HardwareProfileReader.read(SourceFile(name: "m", text: text)) == profile)
        accepted += 1
      } catch {
        #expect(!error.diagnostics.isEmpty)
        #expect(error.diagnostics.allSatisfy { $0.location.line >= 1 && $0.location.column >= 1 })
        #expect("\(error)".contains("error: "))
      }
    }
    #expect(accepted < 15)
  }
}

/// A small seeded generator, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
