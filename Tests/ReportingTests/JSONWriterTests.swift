import Foundation
import Reporting
import Testing

@Suite("Writing JSON")
struct JSONWriterTests {
  @Test("Keys keep their order, short objects stay on one line")
  func order() {
    let value: JSONValue = ["z": 1, "a": [1, 2, 3], "m": ["k": .null]]
    #expect(value.text == "{\"z\": 1, \"a\": [1, 2, 3], \"m\": {\"k\": null}}\n")
    let long: JSONValue = ["z": .string(String(repeating: "x", count: 90)), "a": []]
    let text = "{\n  \"z\": \"\(String(repeating: "x", count: 90))\",\n  \"a\": []\n}\n"
    #expect(long.text == text)
  }

  @Test("Numbers that JSON cannot hold are null")
  func notNumbers() {
    #expect(
      JSONValue.array([.number(.nan), .number(.infinity), .number(-.infinity)]).line
        == "[null, null, null]")
  }

  @Test("Whole doubles print as integers, others as the shortest text that reads back")
  func doubles() {
    #expect(JSONValue.number(13_034_626_688).line == "13034626688")
    #expect(JSONValue.number(0.1).line == "0.1")
    #expect(JSONValue.number(-0.0).line == "0")
    var state: UInt64 = 42
    for _ in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let value = Double(bitPattern: state ^ (state >> 29))
      guard value.isFinite else { continue }
      #expect(Double(JSONValue.number(value).line) == value)
    }
  }

  @Test(
    "Every text survives a strict reader",
    arguments: [
      "plain", "quote \" and \\ back", "line\nbreak\ttab\rreturn", "\u{0}\u{1}\u{1F}\u{7F}",
      "</script><script>alert(1)</script>", "\u{2028}\u{2029}", "日本語 🚀 e\u{301}",
    ])
  func strings(_ text: String) throws {
    let line = JSONValue.object([.init(text, .string(text))]).line
    let read = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
    #expect(read == [text: text])
    #expect(!line.contains("<"), "a script element could end within a page")
  }
}
