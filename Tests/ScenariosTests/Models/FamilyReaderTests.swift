import Scenarios
import Testing
import Workloads

@Suite("Families of model files")
struct FamilyReaderTests {
  static func read(_ text: String) throws -> ModelSpec {
    let head = "schema: foretrain/model/1\nid: m\ntitle: M\nsource: own\nsources: {own: test}\n"
    return try ModelReader.read(SourceFile(name: "m.yaml", text: head + text)).model
  }

  static let image = """
      image:
        image_size: 28 px
        patch_size: 14 px
        layers: 1
        width: 8
        heads: 2
        mlp_width: 16

    """

  @Test("an encoder-decoder shares its dimensions; the decoder attends across")
  func encoderDecoder() throws {
    let model = try Self.read(
      """
      family: language-model
      towers:
        language:
          tokens: 9
          decoder_tokens: 4
          vocabulary: 30
          layers: 2
          encoder_layers: 3
          width: 8
          heads: 2
          mlp_width: 16
          relative_position_buckets: 32
          tied_embeddings: false
      """)
    guard case .languageModel(let language) = model.family else {
      Issue.record("wrong family")
      return
    }
    #expect(language.encoderLayers == 3)
    #expect(language.encoderBlock?.causal == false)
    #expect(language.encoderBlock?.crossAttentionWidth == nil)
    #expect(language.block.causal)
    #expect(language.block.crossAttentionWidth == 8)
    #expect(language.relativePositionEntries == 64)
    #expect(language.positions == 0)
  }

  @Test("BLIP-2's image tower hands its tokens on without norm or pooling")
  func bridge() throws {
    let model = try Self.read(
      """
      family: blip2-stage1
      embedding_width: 4
      towers:
      \(Self.image)
        qformer:
          queries: 3
          text_tokens: 5
          vocabulary: 30
          positions: 9
          layers: 2
          width: 6
          heads: 2
          mlp_width: 12
      """)
    guard case .blip2Stage1(let image, let qformer) = model.family else {
      Issue.record("wrong family")
      return
    }
    #expect(image.pooling == .none && !image.finalNorm && image.outputWidth == nil)
    #expect(qformer.block.crossAttentionWidth == 8)
    #expect(qformer.block.normPosition == .postResidual)
    #expect(qformer.embeddingWidth == 4)
  }

  @Test(
    "a Q-Former's dropout is BERT's unless the file says otherwise, also that there is none",
    arguments: [("", 0.1), ("dropout: 0", 0), ("dropout: 0.2", 0.2)])
  func dropout(_ line: String, _ expected: Double) throws {
    let model = try Self.read(
      """
      family: blip2-stage1
      embedding_width: 4
      towers:
      \(Self.image)
        qformer: {queries: 3, text_tokens: 5, vocabulary: 30, positions: 9, layers: 2, width: 6,
          heads: 2, mlp_width: 12\(line.isEmpty ? "" : ", " + line)}
      """)
    guard case .blip2Stage1(_, let qformer) = model.family else {
      Issue.record("wrong family")
      return
    }
    #expect(qformer.block.dropout == expected)
    #expect(qformer.block.attentionDropout == 0.1)
  }

  @Test(
    "a sequence holds an image's tokens and at least one of the text",
    arguments: [(4, false), (5, true)])
  func prefix(_ tokens: Int, _ isEnough: Bool) throws {
    func read() throws -> ModelSpec {
      try Self.read(
        """
        family: vision-language
        towers:
        \(Self.image)
          language: {tokens: \(tokens), vocabulary: 30, layers: 1, width: 8, heads: 2, mlp_width: 16}
        """)
    }
    guard !isEnough else {
      #expect(try read().family.prefixTokens == 4)
      return
    }
    let errors = try #require(throws: FileErrors.self) { try read() }
    #expect(errors.diagnostics.count == 1)
    #expect(
      errors.diagnostics[0].message == "4 tokens do not hold the 4 vectors of an image and a text")
    #expect(errors.diagnostics[0].help == "tokens counts both: write at least 5")
  }

  @Test("CoCa's decoder must be as wide as the tokens it attends to")
  func coca() throws {
    let errors = try #require(throws: FileErrors.self) {
      try Self.read(
        """
        family: coca
        embedding_width: 4
        towers:
        \(Self.image)
          text: {tokens: 6, vocabulary: 30, layers: 1, width: 4, heads: 2, mlp_width: 8, class_token: true}
          decoder: {tokens: 5, vocabulary: 30, layers: 1, width: 4, heads: 2, mlp_width: 8}
        """)
    }
    let messages = errors.diagnostics.map(\.message)
    #expect(messages == ["the decoder is 4 wide, the image tokens it attends to 8"])
  }

  @Test("a language model's tokens hold the queries of stage 2")
  func queries() throws {
    let errors = try #require(throws: FileErrors.self) {
      try Self.read(
        """
        family: blip2-stage2
        towers:
        \(Self.image)
          qformer: {queries: 32, text_tokens: 5, vocabulary: 30, positions: 9, layers: 2, width: 6, heads: 2, mlp_width: 12}
          language: {tokens: 31, vocabulary: 30, layers: 1, width: 8, heads: 2, mlp_width: 8}
        """)
    }
    #expect(errors.diagnostics.map(\.message) == ["31 tokens do not hold the 32 queries"])
  }
}
