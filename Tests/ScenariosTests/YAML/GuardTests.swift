import Foundation
import Scenarios
import Testing

/// Reads any file as nothing but its top mapping of texts.
private func messages(_ text: String) -> [String] {
  messages { SourceFile(name: "f.yaml", text: text) }
}

private func messages(of file: () throws -> SourceFile) -> [String] {
  do {
    _ = try Reader.read(file()) { root in root.keys.map { root.optional($0, .anyText) } }
    return []
  } catch let error as FileErrors {
    return error.diagnostics.map { "\($0.location.line):\($0.location.column) \($0.message)" }
  } catch {
    return ["\(error)"]
  }
}

@Suite("Guards before a file is parsed")
struct GuardTests {
  @Test("a missing file and a folder are a kind of error of their own")
  func missing() throws {
    let path = "no-such-folder/profile.yaml"
    let error = try #require(throws: MissingFile.self) { try SourceFile(path: path) }
    #expect("\(error)" == "no-such-folder/profile.yaml: error: cannot read the file: no such file")
    let folder = FileManager.default.temporaryDirectory.path
    #expect(throws: MissingFile(path: folder, reason: "it is a folder, not a file")) {
      try SourceFile(path: folder)
    }
  }

  @Test("a file on disk is read, with and without a byte order mark")
  func onDisk() throws {
    let url = FileManager.default.temporaryDirectory.appending(
      path: "foretrain-\(UUID().uuidString).yaml")
    defer { try? FileManager.default.removeItem(at: url) }
    try Data([0xEF, 0xBB, 0xBF] + Array("a: b\r\n".utf8)).write(to: url)
    let value = try Reader.read(path: url.path) { $0.text("a") }
    #expect(value == "b")
    try Data().write(to: url)
    let error = try #require(throws: FileErrors.self) {
      try Reader.read(path: url.path) { $0.text("a") }
    }
    #expect(error.diagnostics.map(\.message) == ["the file is empty"])
  }

  @Test("bytes that are too many or no UTF-8 are refused")
  func bytes() {
    #expect(
      messages { try SourceFile(name: "f", bytes: Data("a: b\nc: ".utf8) + Data([0xFF, 0xFE])) }
        == ["2:1 the text is not UTF-8"])
    let limit = SourceFile.sizeLimit
    #expect(
      messages { try SourceFile(name: "f", bytes: Data(repeating: 0x20, count: limit + 1)) }
        == ["1:1 the file is larger than the limit of 1 MiB"])
  }

  @Test(
    "texts that are refused, with place and reason",
    arguments: [
      ("", "1:1 the file is empty"),
      ("# only a comment\n", "1:1 the file is empty"),
      ("just text", "1:1 the file holds 'just text', not keys with values"),
      ("- a\n- b", "1:1 the file holds a list, not keys with values"),
      ("a: &x 1", "1:4 anchors (&) and aliases (*) are not read"),
      ("a: *x", "1:4 anchors (&) and aliases (*) are not read"),
      ("a: [1, *x]", "1:8 anchors (&) and aliases (*) are not read"),
      ("a: {b: *x}", "1:8 anchors (&) and aliases (*) are not read"),
      ("a:\n  - &x b", "2:5 anchors (&) and aliases (*) are not read"),
      ("a: !!str b", "1:4 tags (!) are not read"),
      ("a: b\n---\nc: d", "2:1 a second document starts here"),
      ("a:\n\tb: c", "2:1 a tab in the indentation"),
      ("a: 1\nb: 2\na: 3", "3:1 the key 'a' stands twice in one mapping"),
      ("? [a, b]\n: c", "1:3 a key is not a plain word"),
    ])
  func refused(text: String, message: String) {
    #expect(messages(text) == [message])
  }

  @Test(
    "texts that only look dangerous are read",
    arguments: [
      "a: 3 * 4 & 5 ! | >", "a: \"*x &y !z [[[\"", "a: '*x '' &y'", "a: b # *x &y",
      "a: |\n  *x\n  &y\n  \tindented by a tab inside\nb: c", "---\na: b", "# c\n---\na: b",
      "a: https://host/path#part", "a:\n  don't [", "a: {b: c, d: [e, f]}",
    ])
  func harmless(text: String) {
    #expect(messages(text).allSatisfy { $0.contains("not a single value") })
  }

  @Test(
    "deep nesting is refused before the parser recurses, in every notation",
    arguments: [
      String(repeating: "[", count: 100_000), "a: " + String(repeating: "{b: ", count: 100_000),
      String(repeating: "- ", count: 100_000) + "a", "a: \n" + String(repeating: "? ", count: 5000),
      (0..<700).map { String(repeating: " ", count: $0) + "k:" }.joined(separator: "\n"),
    ])
  func deep(text: String) {
    #expect(messages(text).contains { $0.contains("values are nested more than 64 deep") })
  }

  @Test("a bomb of aliases is refused at once")
  func bomb() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...30 {
      let items = (0..<9).map { _ in "*a\(level - 1)" }.joined(separator: ", ")
      text += "a\(level): &a\(level) [\(items)]\n"
    }
    #expect(messages(text).count == 31)
  }
}

@Suite("Nearest words")
struct NearestTests {
  @Test(
    "slips are understood, strangers are not",
    arguments: [
      ("colour", "color"), ("pirce", "price"), ("memory-context", "memory_context"),
      ("PUE", "pue"), ("mem", "memory_context"), ("wheel", nil), ("", nil), ("x", nil),
    ] as [(String, String?)])
  func suggestion(word: String, expected: String?) {
    let words = ["color", "price", "memory_context", "pue", "power"]
    #expect(Nearest.suggestion(for: word, among: words) == expected)
  }

  @Test(
    "among many candidates those that share most with the word are shown, however late they come")
  func help() {
    let many =
      (10..<60).map { "A-\($0)" } + ["ViT-B-16-SigLIP", "ViT-SO400M-14-SigLIP", "ViT-B-16"]
    #expect(
      Nearest.help(for: "siglip-so400m", among: many) == "did you mean one of ViT-SO400M-14-SigLIP?"
    )
    #expect(
      Nearest.help(for: "siglip", among: many)
        == "did you mean one of ViT-B-16-SigLIP, ViT-SO400M-14-SigLIP?")
    #expect(Nearest.help(for: "nothing-like-it", among: many).hasSuffix(", and 23 more"))
    #expect(Nearest.help(for: "nothing", among: ["b", "a"]) == "use one of a, b")
  }
}

@Suite("Tables")
struct TableTests {
  @Test("cells that are wrong and lines that are too short are told in one pass, in order")
  func errors() throws {
    let file = SourceFile(name: "t.csv", text: "a,b\n1,x\n1\n2,3\n4,y\n")
    let errors = try #require(throws: FileErrors.self) {
      try Reader.readCSV(file, columns: ["a", "b"], needed: ["a", "b"]) {
        ($0.required("a", .count), $0.required("b", .count))
      }
    }
    #expect(errors.diagnostics.map(\.location.line) == [2, 3, 5])
  }

  @Test("under a first line that is wrong nothing else is judged")
  func header() throws {
    let file = SourceFile(name: "t.csv", text: "a,c\n1,x\n")
    let errors = try #require(throws: FileErrors.self) {
      try Reader.readCSV(file, columns: ["a", "b"], needed: ["a", "b"]) {
        ($0.required("a", .count), $0.required("b", .count))
      }
    }
    #expect(errors.diagnostics.allSatisfy { $0.location.line == 1 })
  }
}
