extension Binary {
  /// The file of a model with two towers of two and three blocks: a step takes milliseconds.
  func smallModel() throws -> String {
    try file(
      "small.yaml",
      """
      schema: foretrain/model/1
      id: small
      title: Two small towers
      family: clip
      towers:
        image: {image_size: 16 px, patch_size: 8 px, layers: 3, width: 16, heads: 2, mlp_width: 32}
        text: {tokens: 32, vocabulary: 128, layers: 2, width: 16, heads: 2, mlp_width: 32}
      embedding_width: 16
      source: own
      sources: {own: a test}

      """)
  }
}
