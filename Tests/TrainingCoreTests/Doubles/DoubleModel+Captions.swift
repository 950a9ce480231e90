import TestSupport
import TrainingCore
import Workloads

/// CoCa: two towers and a decoder that reads the text tower's tokens and attends to the image's.
extension DoubleModel {
  /// Mean loss of a decoder's tokens, every sample weighted by `shares`.
  ///
  /// The decoder reads the first tokens of the text tower, whose labels are the tokens behind them.
  func captions(
    _ text: TextTowerSpec, _ decoder: CaptionDecoderSpec, words: [Double], image: [Double],
    samples chosen: [Int], shares: [Double]
  ) -> Double {
    let width = text.block.width
    let known = text.tokens - 1
    let rows = chosen.flatMap { sample in
      (0..<decoder.tokens).map { Int32(sample * text.tokens + $0) }
    }
    var x = ReferenceTokens.rows(words, rows, width: width)
    let crossTokens =
      image.count / chosen.count / (decoder.block.crossAttentionWidth ?? 1)
    let shape = BlockShape(
      samples: chosen.count, tokens: decoder.tokens, crossTokens: crossTokens)
    for layer in 0..<decoder.layers {
      x =
        apply(
          .block(decoder.block), "decoder.blocks.\(layer)", [x, image], shape: shape)[0]
    }
    let all = labels(everySample, known: known, length: decoder.tokens)
    let labels = labels(chosen, known: known, length: decoder.tokens)
    var data = DoubleChoices()
    data.labels = { _ in labels }
    let losses = apply(
      .captionHead(decoder), "decoder.head", [x],
      shape: BlockShape(samples: chosen.count, tokens: decoder.tokens), choices: data)[0]
    let weighted = losses.enumerated().reduce(0) {
      $0 + shares[$1.offset / decoder.tokens] * $1.element
    }
    // A branch with all samples counts its own labels, another those of the whole batch.
    return weighted / Double(all.count { $0 >= 0 })
  }

  private func labels(_ samples: [Int], known: Int, length: Int) -> [Int32] {
    samples.flatMap { sample -> [Int32] in
      let count = batch.lengths.isEmpty ? known : Int(batch.lengths[sample])
      return (0..<length).map { $0 + 1 < count ? batch.tokens[sample * known + $0 + 1] : -1 }
    }
  }
}
