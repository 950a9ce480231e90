import Synchronization
import Testing
import TrainingData

@Suite("Shards with faults")
struct ShardFaultTests {
  private let maker: ShardMaker
  private var folder: TemporaryFolder { maker.folder }

  init() throws { maker = try ShardMaker() }

  struct Fault: CustomTestStringConvertible {
    var kind: PassedOver.Kind
    var entry: String
    var reason: String
    var files: [(suffix: String, bytes: [UInt8])]
    var testDescription: String { reason }
  }

  private static let png = ImageFiles.png(
    RGBImage(width: 9, height: 9, bytes: [UInt8](repeating: 5, count: 243)))
  private static func words(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static let faults: [Fault] = [
    Fault(
      kind: .damaged, entry: "x.png", reason: "neither a JPEG nor a PNG",
      files: [("png", words("?")), ("txt", words("a ring"))]),
    Fault(
      kind: .damaged, entry: "x.jpg", reason: "the data end early",
      files: [("jpg", Array(png.dropLast(20))), ("txt", words("a ring"))]),
    Fault(
      kind: .damaged, entry: "x.png", reason: "neither a JPEG nor a PNG",
      files: [("png", []), ("txt", words("a ring"))]),
    Fault(
      kind: .damaged, entry: "x.txt", reason: "not UTF-8",
      files: [("png", png), ("txt", [255, 254])]),
    Fault(
      kind: .damaged, entry: "x.json", reason: "not a JSON object",
      files: [("png", png), ("json", words("{\"caption\": "))]),
    Fault(
      kind: .damaged, entry: "x.json", reason: "not a JSON object",
      files: [("png", png), ("json", words("[1]"))]),
    Fault(
      kind: .damaged, entry: "x.json", reason: "\"caption\" is not a string",
      files: [("png", png), ("json", words("{\"caption\": 7}"))]),
    Fault(
      kind: .damaged, entry: "x.png", reason: "2000 bytes, over the limit of 1500",
      files: [("png", [UInt8](repeating: 0, count: 2000)), ("txt", words("a ring"))]),
    Fault(
      kind: .damaged, entry: "x.txt", reason: "300 bytes, over the limit of 250",
      files: [("png", png), ("txt", [UInt8](repeating: 97, count: 300))]),
    Fault(
      kind: .missingCaption, entry: "x",
      reason: "no .txt, and no .json with \"caption\", right beside it", files: [("png", png)]),
    Fault(
      kind: .missingCaption, entry: "x",
      reason: "no .txt, and no .json with \"caption\", right beside it",
      files: [("png", png), ("txt", words(" \n"))]),
    Fault(
      kind: .missingCaption, entry: "x",
      reason: "no .txt, and no .json with \"caption\", right beside it",
      files: [("png", png), ("json", words("{\"text\": \"a ring\"}"))]),
    Fault(
      kind: .missingImage, entry: "x", reason: "no .jpg, .jpeg or .png beside its caption",
      files: [("gif", png), ("txt", words("a ring"))]),
  ]

  @Test("A faulty sample is passed over, counted and named", arguments: faults)
  func passedOver(fault: Fault) throws {
    let good = Self.png
    let file = try folder.tar(
      "f.tar",
      [("a.png", good), ("a.txt", Self.words("a star"))]
        + fault.files.map { ("x.\($0.suffix)", $0.bytes) }
        + [("y.png", good), ("y.txt", Self.words("a ring"))])
    let told = Mutex<[PassedOver]>([])
    var settings = ShardMaker.plain([file])
    settings.imageBytes = 1500
    settings.textBytes = 250
    let source = try ShardMaker.source(settings, batch: 2) { passed in
      told.withLock { $0.append(passed) }
    }
    let batch = try source.keptBatch()
    let tokenizer = try WordTokenizer.shapes(modelVocabulary: 4096)
    #expect(
      batch.tokens
        == tokenizer.encode("a star", length: 32).ids + tokenizer.encode("a ring", length: 32).ids)
    let examples = source.report.examples
    #expect(examples.map(\.description) == ["\(file): \(fault.entry): \(fault.reason)"])
    #expect(examples.map(\.kind) == [fault.kind])
    #expect(told.withLock { $0 } == examples)
    let counts = source.report.counts
    #expect(counts.delivered == 2)
    #expect(counts.damaged == (fault.kind == .damaged ? 1 : 0))
    #expect(counts.missingCaptions == (fault.kind == .missingCaption ? 1 : 0))
    #expect(counts.missingImages == (fault.kind == .missingImage ? 1 : 0))
  }

  @Test("What belongs to a sample: neighbours with one name up to the first dot")
  func grouping() throws {
    let good = Self.png
    let file = try folder.tar(
      "g.tar",
      [
        ("d.x/", []), ("d.x/._a.png", [1]), ("d.x/README", [1]),
        ("d.x/a.PNG", good), ("d.x/a.seg.png", [2]), ("d.x/a.jpeg", [3]), ("d.x/a.cls", [4]),
        ("d.x/a.json", Self.words("{\"caption\": \"a ring\"}")),
        ("d.x/a.txt", Self.words("a star")),
        ("e/a.json", Self.words("{\"caption\": \" a red star\\n\", \"url\": null}")),
        ("e/a.jpg", good), ("b\u{fc}.png", good), ("b\u{fc}.txt", Self.words("a blue star")),
      ])
    let long = "\u{fc}\u{4e2d}/" + String(repeating: "long", count: 60)
    let other = try folder.write(
      "h.tar", HandMadeTar.bytes([("\(long).png", good), ("\(long).txt", Self.words("a ring"))]))
    let source = try ShardMaker.source(ShardMaker.plain([file, other]), batch: 4)
    let batch = try source.keptBatch()
    let tokenizer = try WordTokenizer.shapes(modelVocabulary: 4096)
    let wanted = ["a star", "a red star", "a blue star", "a ring"].flatMap {
      tokenizer.encode($0, length: 32).ids
    }
    #expect(batch.tokens == wanted)
    #expect(source.report.examples.isEmpty)
  }

  @Test("More damaged samples than allowed are an error that names some")
  func limit() throws {
    let bad = (0..<4).flatMap { number in
      [("b\(number).png", Self.words("?")), ("b\(number).txt", Self.words("a ring"))]
    }
    let file = try folder.tar("l.tar", try ShardMaker.entries(0) + bad)
    let generous = try ShardMaker.source(
      ShardMaker.plain([file], damageLimit: 4), batch: 1)
    for _ in 0..<3 { _ = try generous.keptBatch() }
    let strict = try ShardMaker.source(ShardMaker.plain([file], damageLimit: 3), batch: 1)
    _ = try strict.keptBatch()
    let error = #expect(throws: TrainingDataError.self) { try strict.keptBatch() }
    #expect(
      error?.description == """
        more than 3 damaged samples, for example:
        \(file): b0.png: neither a JPEG nor a PNG
        \(file): b1.png: neither a JPEG nor a PNG
        \(file): b2.png: neither a JPEG nor a PNG
        \(file): b3.png: neither a JPEG nor a PNG
        """)
  }

  @Test("Shards without any whole sample are an error with the remedy")
  func nothing() throws {
    let entries = try (0..<3 as Range<UInt64>).map { try ShardMaker.entries($0) }
    let apart = try folder.tar("n.tar", entries.map { $0[0] } + entries.map { $0[1] })
    let error = #expect(throws: TrainingDataError.self) {
      try ShardMaker.source(ShardMaker.plain([apart])).keptBatch()
    }
    #expect(
      error?.description == """
        the shards have no sample of an image and a caption (0 samples read; passed over: \
        0 damaged, 3 without caption, 3 without image); the files of a sample must follow each \
        other in the archive: make it with tar --sort=name
        """)
    let empty = try folder.tar("e.tar", [])
    #expect(throws: TrainingDataError.self) {
      try ShardMaker.source(ShardMaker.plain([empty])).keptBatch()
    }
  }

  @Test("Bombs inside shards are damaged samples")
  func bombs() throws {
    let wide = ImageFiles.png(
      width: 40_000, height: 100, bytes: [UInt8](repeating: 0, count: 4_000_000), kind: .gray)
    let zeros = [UInt8](repeating: 0, count: 40 << 20)
    let file = try folder.tar(
      "b.tar.gz",
      [
        ("w.png", wide), ("w.txt", Self.words("a ring")), ("z.png", zeros),
        ("z.txt", Self.words("a ring")),
      ] + ShardMaker.entries(0))
    let source = try ShardMaker.source(ShardMaker.plain([file]), batch: 1)
    let batch = try source.keptBatch()
    #expect(try ShardMaker.indices(batch, among: 0..<1) == [0])
    #expect(source.report.counts.damaged == 2)
  }
}
