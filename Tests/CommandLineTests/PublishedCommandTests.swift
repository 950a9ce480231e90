import Foundation
import Testing

@Suite("foretrain validate published and refit published")
struct PublishedCommandTests {
  private let binary: Binary
  init() throws { binary = try Binary() }

  private func fitHash(_ result: Binary.Result) -> String? {
    (result.json?["provenance"] as? [String: Any])?["fit_hash"] as? String
  }

  @Test("one object, as its schema says; the terms of a case sum to its step")
  func validate() throws {
    let result = try binary.run(["validate", "published", "--left-out", "--format", "json", "-q"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(try result.problems(with: "validate-published") == [])
    let cases = try #require(result.json?["cases"] as? [[String: Any]])
    #expect(cases.count == result.json?["cases_all"] as? Int)
    var summed = 0
    for entry in cases where entry["supported"] as? Bool == true {
      guard let terms = entry["terms_s"] as? [String: Double],
        let step = (entry["step_s"] as? [String: Double])?["typical"]
      else { continue }
      let sum = terms.values.reduce(0, +)
      // Eleven numbers of ten digits each.
      #expect(abs(sum - step) <= 1e-8 * step, "\(entry["id"] ?? "")")
      summed += 1
    }
    #expect(summed > 200)
  }

  @Test("every answer that rests on fitted constants names them")
  func constants() throws {
    let text = try String(
      contentsOf: Binary.project.appending(path: "fitted/step-constants.yaml"), encoding: .utf8)
    // FNV-1a over the file: what `refit published --write` wrote is what was read.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    let expected =
      "fnv1a:" + String(repeating: "0", count: hash.leadingZeroBitCount / 4)
      + String(hash, radix: 16)
    for words in [
      ["estimate", "eva02-clip-b16"], ["explain", "eva02-clip-b16"], ["refit", "published"],
      ["validate", "published"],
    ] {
      let result = try binary.run(words + ["--format", "json", "-q"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(fitHash(result) == expected, "\(words)")
      if words == ["refit", "published"] {
        #expect(try result.problems(with: "refit-published") == [])
      }
    }
  }
}
