import TestSupport
import TrainingCore
import Workloads

/// Language models, decoders alone and behind an encoder.
extension DoubleModel {
  /// The mean loss over the tokens that have a follower.
  func language(_ model: LanguageModelSpec, prefix: [Double]?) -> Double {
    var data = DoubleChoices()
    let text = model.tokens - model.prefixTokens
    data.tokens = tokens(everySample, count: text)
    data.rotary = Self.angles(model.tokens, model.block.headWidth)
    let shape = BlockShape(samples: samples, tokens: model.tokens)
    var x = apply(
      .languageEmbedding(model, decoder: false), "language.embedding",
      prefix.map { [$0] } ?? [], shape: shape, choices: data)[0]
    guard let encoder = model.encoderBlock, model.encoderLayers > 0 else {
      for layer in 0..<model.layers {
        x =
          apply(
            .block(model.block), "language.blocks.\(layer)", [x], shape: shape, choices: data)[0]
      }
      let followers = followers(
        of: data.tokens, length: text, lengths: everySample.map { _ in text })
      return loss(model, x, shape: shape, labels: behindPrefix(model, data.tokens, followers))
    }
    for layer in 0..<model.encoderLayers {
      x = apply(.block(encoder), "language.blocks.\(layer)", [x], shape: shape, choices: data)[0]
    }
    let encoded = apply(.encoderNorm(model), "language.encoder_norm", [x], shape: shape)[0]
    return decode(model, encoded)
  }

  /// Labels of a sequence with vectors before its text: the last of them is followed by the text's
  /// first token.
  private func behindPrefix(
    _ model: LanguageModelSpec, _ tokens: [Int32], _ followers: [Int32]
  ) -> [Int32] {
    guard model.prefixTokens > 0 else { return followers }
    let text = model.tokens - model.prefixTokens
    return everySample.flatMap { sample -> [Int32] in
      [Int32](repeating: -1, count: model.prefixTokens - 1) + [tokens[sample * text]]
        + followers[sample * text..<(sample + 1) * text]
    }
  }

  private func decode(_ model: LanguageModelSpec, _ encoded: [Double]) -> Double {
    var data = DoubleChoices()
    let length = model.decoderTokens
    data.tokens = batch.decoderTokens
    data.rotary = Self.angles(length, model.block.headWidth)
    let shape = BlockShape(samples: samples, tokens: length, crossTokens: model.tokens)
    var x = apply(
      .languageEmbedding(model, decoder: true), "language.decoder_embedding", [],
      shape: BlockShape(samples: samples, tokens: length), choices: data)[0]
    for layer in 0..<model.layers {
      x =
        apply(
          .block(model.block), "language.blocks.\(model.encoderLayers + layer)", [x, encoded],
          shape: shape, choices: data)[0]
    }
    let labels = followers(
      of: batch.decoderTokens, length: length, lengths: everySample.map { _ in length })
    return loss(
      model, x, shape: BlockShape(samples: samples, tokens: length), labels: labels)
  }

  private func loss(
    _ model: LanguageModelSpec, _ x: [Double], shape: BlockShape, labels: [Int32]
  ) -> Double {
    var data = DoubleChoices()
    data.labels = { _ in labels }
    let losses = apply(
      .languageHead(model), "language.head", [x], shape: shape, choices: data)[0]
    return losses.reduce(0, +) / Double(labels.count { $0 >= 0 })
  }

  /// Cosines, then sines, of rotary positions in a sequence: pair i turns by
  /// `t theta^(-2 i / headWidth)`.
  private static func angles(_ tokens: Int, _ headWidth: Int) -> [Double] {
    let turns = (0..<tokens).flatMap { token in
      (0..<headWidth).map {
        Double(token) * DoubleMath.power(10_000, -2 * Double($0 / 2) / Double(headWidth))
      }
    }
    return turns.map(DoubleMath.cosine) + turns.map(DoubleMath.sine)
  }
}
