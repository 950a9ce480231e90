import Foundation
import Testing
import TrainingData

@Suite("The page about training data")
struct DocumentationTests {
  private let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Documentation")

  private func page() throws -> String {
    try String(contentsOf: folder.appending(path: "training-data.md"), encoding: .utf8)
  }

  // The picture is kept in 64 colours, which moves a part of a pixel by 4.4 on average; pictures of
  // other scenes differ by 40 and more.
  @Test("Its picture shows the first training images of seed 1, and its table their captions")
  func contactSheet() throws {
    let samples = try (0..<24 as Range<UInt64>).map { try shapes().sample($0) }
    let sheet = ContactSheet.sheet(samples.map(\.image), columns: 8, gap: 2)
    let file = try Data(contentsOf: folder.appending(path: "images/shapes.png"))
    #expect(file.count < 60_000)
    let kept = try RGBImage(decoding: Array(file))
    #expect(kept.width == sheet.width && kept.height == sheet.height)
    let sum = zip(kept.bytes, sheet.bytes).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    #expect(Double(sum) / Double(sheet.bytes.count) < 6)
    let page = try page()
    for (number, sample) in samples.enumerated() {
      #expect(page.contains(" \(number + 1). \(sample.caption) |"))
    }
  }

  @Test("It names the held-out pairs and the size of the vocabulary")
  func heldOut() throws {
    let words = try page().split { $0 == " " || $0 == "\n" }.joined(separator: " ")
    let pairs = ColouredShape.heldOut.map { "\($0.colour.rawValue) \($0.shape.rawValue)" }
    #expect(words.contains("two per shape: \(pairs.joined(separator: ", "))."))
    let size = try WordTokenizer.shapes(modelVocabulary: 4096).vocabularySize
    #expect(words.contains("the vocabulary is \(size) ids"))
  }
}
