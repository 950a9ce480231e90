import Clusters
import Foundation
import Quantities
import Scenarios
import Testing

@Suite("The JSON Schema of hardware profiles")
struct HardwareSchemaTests {
  private func check() throws -> SchemaCheck {
    try SchemaCheck(
      contentsOf: projectFolder.appending(path: "schemas/hardware-profile.schema.json"))
  }

  @Test("every shipped profile fits, and so does what the writer makes of it")
  func shipped() throws {
    let check = try check()
    for id in shippedHardware.ids {
      let file = try SourceFile(path: shippedHardware.files.path(of: id))
      #expect(check.problems(in: try Reader.tree(of: file)) == [], "\(id)")
      let text = HardwareProfileWriter.text(of: try HardwareProfileReader.read(file))
      let written = try Reader.tree(of: SourceFile(name: id, text: text))
      #expect(check.problems(in: written) == [], "\(id)")
    }
  }

  @Test("a profile with a fitted linear law and empty tables fits and comes back equal")
  func linearLaw() throws {
    var profile = try shippedHardware.profile("l4")
    profile.id = "this-machine"
    profile.asOf = "2026-01-02"
    profile.title = "A \"quoted\" title: with # and\nanother line, é, \u{7}"
    profile.efficiency.gemm = Sourced(
      .linear(
        GEMMCurve.LinearLaw(
          launch: Quantity(1.23456789e-6), perFlop: 1 / 3e11, perByte: 1.0 / 7e9, perOutput: 0,
          measured: 1e6...3.3e11)), origin: .measured, source: "from-memory")
    profile.efficiency.memoryBound.softmax = Sourced(
      1.25, low: 0.9, high: 2.5, origin: .measured, source: "from-memory")
    profile.efficiency.attention = []
    profile.efficiency.attentionOrigin = Sourced(true, origin: .given)
    profile.efficiency.attentionMeasured = 1...1
    profile.network.ramp = []
    profile.network.rampOrigin = Sourced(false, origin: .given)
    profile.node.networkAdapters = Sourced(0, origin: .given)
    profile.node.networkLink = Sourced(.zero, origin: .given)
    profile.site.price = nil
    profile.site.grid = nil
    profile.accelerator.peak = [.fp32: Sourced(Quantity(0.1e12 / 3), origin: .given)]
    for unused in ["a3-mega", "codecarbon-us", "full-stack", "l4-fp32", "flash-transfer"] {
      profile.sources[unused] = nil
    }
    let text = HardwareProfileWriter.text(of: profile)
    #expect(try HardwareProfileReader.read(SourceFile(name: "t", text: text)) == profile)
    #expect(try check().problems(in: Reader.tree(of: SourceFile(name: "t", text: text))) == [])
  }

  @Test(
    "what the reader refuses the schema refuses too",
    arguments: [
      ("312 TFLOP/s", "312 TFLOPS"), ("model: tile-wave", "model: wave"),
      ("  power_limit:", "  powerlimit:"), ("origin: assumed", "origin: guessed"),
      ("39.39 GiB", "39.39"), ("split_k: [1, 2, 3, 4, 5, 6, 8]", "split_k: []"),
      ("as_of: 2026-11-25", "as_of: today"),
    ])
  func refused(old: String, new: String) throws {
    let path = try shippedHardware.files.path(of: "a100-40gb-pcie")
    let text = try SourceFile(path: path).text
    let place = try #require(text.range(of: old))
    let file = SourceFile(name: "t", text: text.replacingCharacters(in: place, with: new))
    #expect(throws: FileErrors.self) { try HardwareProfileReader.read(file) }
    #expect(try !check().problems(in: Reader.tree(of: file)).isEmpty)
  }
}
