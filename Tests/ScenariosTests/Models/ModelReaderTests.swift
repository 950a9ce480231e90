import Foundation
import Scenarios
import Testing
import Workloads

@Suite("Model files")
struct ModelReaderTests {
  static let tiny = """
    schema: foretrain/model/1
    id: tiny
    title: Tiny
    family: clip

    towers:
      image:
        image_size: 32 px
        patch_size: 4 px
        layers: 2
        width: 64
        heads: 4
        mlp_width: 256
      text:
        trainable: none
        tokens: 16
        vocabulary: 100
        layers: 2
        width: 32
        heads: 2
        mlp_width: 128

    embedding_width: 48

    source: own
    sources:
      own: this test
    """

  /// The tiny file with some lines replaced.
  static func edited(_ edits: (String, String)...) -> SourceFile {
    var text = tiny
    for (old, new) in edits {
      text = text.replacing(old, with: new, maxReplacements: 1)
    }
    return SourceFile(name: "tiny.yaml", text: text)
  }

  static func errors(_ edits: (String, String)...) throws -> [String] {
    var text = tiny
    for (old, new) in edits {
      try #require(text.contains(old))
      text = text.replacing(old, with: new, maxReplacements: 1)
    }
    let file = SourceFile(name: "tiny.yaml", text: text)
    let errors = try #require(throws: FileErrors.self) { try ModelReader.read(file) }
    return errors.diagnostics.map { "\($0.location.line):\($0.location.column) \($0.message)" }
  }

  @Test("a file becomes the specs that it spells out")
  func reads() throws {
    let file = try ModelReader.read(Self.edited())
    let image = VisionTowerSpec(
      imageSize: 32, patchSize: 4, block: BlockSpec(width: 64, heads: 4, mlpWidth: 256),
      layers: 2, outputWidth: 48)
    var words = BlockSpec(width: 32, heads: 2, mlpWidth: 128)
    words.causal = true
    let text = TextTowerSpec(tokens: 16, vocabulary: 100, block: words, layers: 2, outputWidth: 48)
    #expect(file.title == "Tiny")
    #expect(
      file.model
        == ModelSpec(
          id: "tiny", family: .clip(image: image, text: text), source: "this test",
          frozenByDefault: ["text"]))
  }

  @Test("every block key reaches the spec")
  func blockKeys() throws {
    let keys = """
      mlp_width: 256
          head_width: 10
          key_value_heads: 2
          mlp: swiglu
          norm: post
          norm_kind: rms-norm
          attention_sub_norm: true
          mlp_sub_norm: true
          attention_bias: query-value
          projection_bias: false
          mlp_bias: false
          rotary: true
          causal: true
          layer_scale: true
          drop_path: true
          class_token: false
          patch_bias: true
          positions: false
          pre_norm: false
          final_norm: tokens
          pooling: attention
          pooler_heads: 8
          pooler_mlp_width: 9
          projection: linear-with-bias
      """
    let file = try ModelReader.read(Self.edited(("mlp_width: 256", keys)))
    guard case .clip(let image, _) = file.model.family else {
      Issue.record("not a clip")
      return
    }
    var block = BlockSpec(width: 64, heads: 4, headWidth: 10, mlpWidth: 256)
    block.keyValueHeads = 2
    block.mlp = .swiGLU
    block.norm = .rmsNorm
    block.normPosition = .post
    block.attentionSubNorm = true
    block.mlpSubNorm = true
    block.attentionBias = .queryValue
    block.projectionBias = false
    block.mlpBias = false
    block.rotary = true
    block.causal = true
    block.layerScale = true
    block.dropPath = true
    var expected = VisionTowerSpec(
      imageSize: 32, patchSize: 4, block: block, layers: 2, outputWidth: 48)
    expected.classToken = false
    expected.patchBias = true
    expected.positions = false
    expected.preNorm = false
    expected.finalNormAfterPooling = false
    expected.pooling = .attention
    expected.poolerHeads = 8
    expected.poolerMLPWidth = 9
    expected.outputBias = true
    #expect(image == expected)
  }

  @Test("an impossible head count points at its line and names the arithmetic")
  func golden() throws {
    let file = Self.edited(("heads: 4", "heads: 5"))
    let errors = try #require(throws: FileErrors.self) { try ModelReader.read(file) }
    #expect(
      errors.description == """
        tiny.yaml:12:12: error: a width of 64 does not divide into 5 heads
            heads: 5
                   ^
        help: use a divisor of 64, or give head_width

        1 error in tiny.yaml
        """)
  }

  @Test("all physical faults of a file come in one pass, in order")
  func physics() throws {
    let found = try Self.errors(
      ("image_size: 32 px", "image_size: 30 px"), ("heads: 2", "heads: 3"),
      ("embedding_width: 48", "embedding_width: 0"))
    #expect(
      found == [
        "9:17 an image of 30 px does not divide into patches of 4 px",
        "20:12 a width of 32 does not divide into 3 heads",
        "23:18 'embedding_width' must be at least 1, not '0'",
      ])
  }

  @Test(
    "single faults",
    arguments: [
      ("image_size: 32 px", "image_size: 32", "'32' has no unit"),
      ("image_size: 32 px", "image_size: 32 cm", "'32 cm' has no unit"),
      ("image_size: 32 px", "image_size: 9000 px", "from 1 px to 8192 px"),
      ("  layers: 2", "  layers: 0", "at least 1"),
      ("  layers: 2", "  layers: 5000", "at most 4096"),
      ("width: 64", "width: 999999999999", "at most 131072"),
      ("width: 64", "widht: 64", "unknown key 'widht'"),
      ("family: clip", "family: clap", "'clap' is not known"),
      ("trainable: none", "trainable: some", "'some' is not known"),
      ("schema: foretrain/model/1", "schema: foretrain/scenario/1", "is not a model file"),
      ("id: tiny", "id: tiny clip", "is not a model id"),
      ("source: own", "source: others", "the source 'others' is not defined"),
      ("source: own\n", "", "'source' is missing"),
      ("embedding_width: 48\n", "", "'embedding_width' is missing"),
      ("  text:", "  words:", "the section 'towers.text' is missing"),
      ("mlp_width: 256", "mlp_width: 256\n    key_value_heads: 3", "cannot share 3"),
      ("mlp_width: 256", "mlp_width: 256\n    head_width: 7\n    rotary: true", "turn pairs"),
      (
        "mlp_width: 256", "mlp_width: 256\n    class_token: false\n    pooling: class-token",
        "no class token"
      ),
      ("mlp_width: 256", "mlp_width: 256\n    pooling: attention", "pooler_heads' is missing"),
      ("mlp_width: 256", "mlp_width: 256\n    projection: none", "must be the embedding width 48"),
    ])
  func faults(_ old: String, _ new: String, _ message: String) throws {
    let found = try Self.errors((old, new))
    #expect(found.contains { $0.contains(message) }, "\(found)")
  }

  @Test("a misspelt key suggests the right one")
  func suggestion() throws {
    let file = Self.edited(("mlp_width: 256", "mlp_witdh: 256"))
    let errors = try #require(throws: FileErrors.self) { try ModelReader.read(file) }
    #expect(errors.diagnostics.contains { $0.help == "did you mean 'mlp_width'?" })
  }

  /// Lines doubled, dropped, swapped and filled with extreme numbers: errors or models, no trap.
  @Test("2,000 damaged files never stop the program")
  func damaged() {
    var generator = Shuffler(state: 7)
    let lines = Self.tiny.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let values = [
      "0", "-1", "1", "131072", "8192 px", "1 px", "9e15", "1e300", "nan", "[]", "{}", "none",
      "true", "1024", "4096", "10000000", "\"\"", "- x",
    ]
    var readable = 0
    for _ in 0..<2000 {
      var damaged = lines
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let index = Int.random(in: damaged.indices, using: &generator)
        switch Int.random(in: 0...3, using: &generator) {
        case 0: damaged.remove(at: index)
        case 1: damaged.insert(damaged[index], at: index)
        default:
          let key = damaged[index].prefix { $0 != ":" }
          damaged[index] = key + ": " + values[Int.random(in: values.indices, using: &generator)]
        }
      }
      let file = SourceFile(name: "damaged.yaml", text: damaged.joined(separator: "\n"))
      if let model = try? ModelReader.read(file).model {
        readable += 1
        #expect(model.parameters > 0 && model.forwardFlopsPerSample > 0)
      }
    }
    #expect(readable > 50)
  }
}

/// A linear congruential generator: the same damage on every machine.
private struct Shuffler: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 33)
  }
}
