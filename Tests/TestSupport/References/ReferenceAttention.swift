import Foundation

/// Attention by its definition, score by score.
public struct ReferenceAttention: Sendable {
  /// Samples.
  public var samples: Int
  /// Query heads.
  public var heads: Int
  /// Key and value heads; neighbouring query heads share one.
  public var keyValueHeads: Int
  /// Queries of a sample.
  public var queries: Int
  /// Keys of a sample.
  public var keys: Int
  /// Width of a head.
  public var headWidth: Int
  /// Factor of the scores.
  public var scale: Double
  /// Whether query `i` of sample `s` sees key `j`.
  public var sees: @Sendable (_ s: Int, _ i: Int, _ j: Int) -> Bool

  /// Sizes and a mask.
  public init(
    samples: Int, heads: Int, keyValueHeads: Int, queries: Int, keys: Int, headWidth: Int,
    scale: Double, sees: @escaping @Sendable (_ s: Int, _ i: Int, _ j: Int) -> Bool
  ) {
    self.samples = samples
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.queries = queries
    self.keys = keys
    self.headWidth = headWidth
    self.scale = scale
    self.sees = sees
  }

  /// Unscaled scores `[samples, heads, queries, keys]` of `q [samples queries, heads headWidth]` and
  /// `k [samples keys, keyValueHeads headWidth]`.
  public func scores(q: [Double], k: [Double]) -> [Double] {
    eachRow { s, h, i in
      (0..<keys).map { j in
        (0..<headWidth).reduce(0) { $0 + q[query(s, h, i, $1)] * k[key(s, h, j, $1)] }
      }
    }
  }

  /// Softmax of scaled scores over the keys that are seen; zeros elsewhere.
  public func probabilities(_ scores: [Double]) -> [Double] {
    eachRow { s, h, i in
      let start = ((s * heads + h) * queries + i) * keys
      let seen = (0..<keys).filter { sees(s, i, $0) }
      let largest = seen.map { scores[start + $0] }.max() ?? 0
      let powers = (0..<keys).map { j in
        sees(s, i, j) ? exp(scale * (scores[start + j] - largest)) : 0
      }
      let total = powers.reduce(0, +)
      return powers.map { total > 0 ? $0 / total : 0 }
    }
  }

  /// `ln sum_j e^(scale score)` over the keys that are seen, `[samples, heads, queries]`.
  public func statistics(_ scores: [Double]) -> [Double] {
    eachRow { s, h, i in
      let start = ((s * heads + h) * queries + i) * keys
      let total = (0..<keys).filter { sees(s, i, $0) }.reduce(0) {
        $0 + exp(scale * scores[start + $1])
      }
      return [log(total)]
    }
  }

  /// `P v` as `[samples queries, heads headWidth]`, for `v` as `k`.
  public func values(_ probabilities: [Double], v: [Double]) -> [Double] {
    var out = [Double](repeating: 0, count: samples * queries * heads * headWidth)
    for s in 0..<samples {
      for h in 0..<heads {
        for i in 0..<queries {
          for j in 0..<keys {
            let p = probabilities[((s * heads + h) * queries + i) * keys + j]
            for c in 0..<headWidth { out[query(s, h, i, c)] += p * v[key(s, h, j, c)] }
          }
        }
      }
    }
    return out
  }

  /// The whole of it.
  public func callAsFunction(q: [Double], k: [Double], v: [Double]) -> [Double] {
    values(probabilities(scores(q: q, k: k)), v: v)
  }

  private func eachRow(_ row: (_ s: Int, _ h: Int, _ i: Int) -> [Double]) -> [Double] {
    (0..<samples).flatMap { s in
      (0..<heads).flatMap { h in (0..<queries).flatMap { row(s, h, $0) } }
    }
  }

  private func query(_ s: Int, _ h: Int, _ i: Int, _ c: Int) -> Int {
    ((s * queries + i) * heads + h) * headWidth + c
  }

  private func key(_ s: Int, _ h: Int, _ j: Int, _ c: Int) -> Int {
    ((s * keys + j) * keyValueHeads + h / (heads / keyValueHeads)) * headWidth + c
  }
}
