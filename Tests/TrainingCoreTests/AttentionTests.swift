import TestSupport
import Testing
import TrainingCore
import Workloads

/// Around panels and strips, with tails of one and of many columns; several heads and masks.
private let small: [AttentionCase] = [
  AttentionCase(queries: 1, keys: 1, headWidth: 1),
  AttentionCase(samples: 2, heads: 2, keyValueHeads: 2, queries: 7, keys: 5, headWidth: 3),
  AttentionCase(heads: 4, keyValueHeads: 2, queries: 3, keys: 18, headWidth: 2),
  AttentionCase(
    heads: 2, keyValueHeads: 1, queries: 13, keys: 13, headWidth: 4,
    mask: AttentionMask(causal: true)),
  AttentionCase(
    samples: 2, queries: 6, keys: 9, headWidth: 5, mask: AttentionMask(causal: true, prefixKeys: 3)),
  AttentionCase(
    samples: 3, heads: 2, keyValueHeads: 2, queries: 4, keys: 6, headWidth: 2,
    mask: AttentionMask(causal: false, validKeys: [4, 0, 6])),
  AttentionCase(
    samples: 3, queries: 8, keys: 8, headWidth: 4,
    mask: AttentionMask(causal: true, validKeys: [3, 8, 0])),
]

/// Several tiles of queries and of keys, split over workers; too long for central differences.
private let large: [AttentionCase] = [
  AttentionCase(heads: 2, keyValueHeads: 2, queries: 100, keys: 330, headWidth: 5, scale: 0.3),
  AttentionCase(
    samples: 2, heads: 2, keyValueHeads: 1, queries: 100, keys: 173, headWidth: 4,
    mask: AttentionMask(causal: true, prefixKeys: 73, validKeys: [173, 140]), scale: 0.3),
  AttentionCase(
    heads: 2, keyValueHeads: 2, queries: 65, keys: 65, headWidth: 36, scale: 0.125),
]

@Suite("Fused attention against a reference in double precision")
struct AttentionTests {
  @Test("output and statistics", arguments: small + large)
  func forward(_ attention: AttentionCase) {
    var generator = SeededGenerator(seed: 51)
    let q = generator.floats(attention.queryCount)
    let k = generator.floats(attention.keyCount)
    let v = generator.floats(attention.keyCount)
    let scores = attention.reference.scores(q: q.map(Double.init), k: k.map(Double.init))
    let wanted = attention.reference.values(
      attention.reference.probabilities(scores), v: v.map(Double.init))
    let statistics = attention.reference.statistics(scores)
    for core in tracedCores() {
      let result = forward(attention, core, q, k, v)
      // Scores of up to 20 carry 2e-6 of rounding, which the exponential makes relative.
      #expect(worstError(result.out.shown, wanted) < 1e-5, "\(core.label)")
      #expect(result.out.keptGaps)
      for (found, value) in zip(result.statistics.values, statistics) {
        #expect(value.isInfinite ? Double(found) == value : abs(Double(found) - value) < 1e-5)
      }
      core.expectCall(
        .attention(attention.shape), reads: attention.queryCount + 2 * attention.keyCount,
        writes: attention.queryCount + attention.rows)
    }
  }

  @Test("gradients are slopes", arguments: small)
  func slopes(_ attention: AttentionCase) {
    var generator = SeededGenerator(seed: 52)
    let q = generator.floats(attention.queryCount)
    let k = generator.floats(attention.keyCount)
    let v = generator.floats(attention.keyCount)
    let dy = generator.floats(attention.queryCount)
    let reference = attention.reference
    let (exactQ, exactK) = (q.map(Double.init), k.map(Double.init))
    let (exactV, weights) = (v.map(Double.init), dy.map(Double.init))
    let wanted = [
      CentralDifference.gradient(at: exactQ, weights: weights) {
        reference(q: $0, k: exactK, v: exactV)
      },
      CentralDifference.gradient(at: exactK, weights: weights) {
        reference(q: exactQ, k: $0, v: exactV)
      },
      CentralDifference.gradient(at: exactV, weights: weights) {
        reference(q: exactQ, k: exactK, v: $0)
      },
    ]
    for core in tracedCores() {
      let found = backward(attention, core, q, k, v, dy)
      for (gradient, slope) in zip(found, wanted) {
        #expect(gradient.keptGaps)
        // Values up to 10, a few roundings each.
        #expect(worstError(gradient.shown, slope) < 1e-5, "\(core.label)")
      }
    }
  }

  @Test("tiles, workers and unfused pieces give the same gradients", arguments: large)
  func tiles(_ attention: AttentionCase) {
    var generator = SeededGenerator(seed: 53)
    let q = generator.floats(attention.queryCount)
    let k = generator.floats(attention.keyCount)
    let v = generator.floats(attention.keyCount)
    let dy = generator.floats(attention.queryCount)
    let apart = unfusedGradients(attention, tracedCores()[0], q, k, v, dy)
    let fused = tracedCores().map { backward(attention, $0, q, k, v, dy).map(\.shown) }
    for results in fused {
      for (found, wanted) in zip(results, apart) {
        // Sums of 330 terms whose factors carry the rounding of the scores.
        #expect(worstError(found, wanted.shown.doubles) < 2e-5)
      }
      // Units are computed alike by whoever takes them.
      #expect(results.map(\.values) == fused[0].map(\.values))
    }
  }

  @Test("huge scores overflow nothing")
  func hugeScores() {
    let attention = AttentionCase(queries: 2, keys: 40, headWidth: 1, scale: 1)
    let k = (0..<40).map { Float($0 == 20 ? 3000 : -3000) }
    let v = (0..<40).map(Float.init)
    let result = forward(attention, tracedCores()[0], [10, -10], k, v)
    #expect(result.out.shown.values[0] == 20)
    // The mean of all values but the twentieth.
    #expect(abs(result.out.shown.values[1] - Float(780 - 20) / 39) < 1e-4)
    #expect(result.statistics.values[0] == 30000)
    let gradients = backward(attention, tracedCores()[0], [10, -10], k, v, [1, 1])
    #expect(gradients.allSatisfy { $0.shown.values.allSatisfy(\.isFinite) })
  }

  @Test("operands of other sizes stop the program")
  func badSizes() async {
    await #expect(processExitsWith: .failure) {
      let attention = AttentionCase(queries: 2, keys: 3, headWidth: 2)
      let core = ComputeCore(backend: OpenBLASBackend(), workers: Workers(count: 1))
      core.attention(
        attention.shape, keyValueHeads: 1, scale: 1, mask: attention.mask,
        q: attention.queryView([1, 2, 3, 4]), k: attention.keyView([1, 2, 3, 4, 5, 6]),
        v: attention.keyView([1, 2, 3, 4, 5, 6]), into: attention.keyView([1, 2, 3, 4, 5, 6]),
        statistics: Floats.zeros(2))
    }
  }

  private func forward(
    _ attention: AttentionCase, _ core: ComputeCore, _ q: [Float], _ k: [Float], _ v: [Float]
  ) -> (out: FloatMatrix, statistics: Floats) {
    let out = attention.queryView([Float](repeating: .nan, count: attention.queryCount))
    let statistics = Floats.garbage(attention.rows)
    core.attention(
      attention.shape, keyValueHeads: attention.keyValueHeads, scale: attention.scale,
      mask: attention.mask, q: attention.queryView(q), k: attention.keyView(k),
      v: attention.keyView(v), into: out, statistics: statistics)
    return (out, statistics)
  }

  /// Gradients for q, k and v; expects the report.
  private func backward(
    _ attention: AttentionCase, _ core: ComputeCore, _ q: [Float], _ k: [Float], _ v: [Float],
    _ dy: [Float]
  ) -> [FloatMatrix] {
    let (out, statistics) = forward(attention, core, q, k, v)
    _ = core.trace?.take()
    let garbage = [Float](repeating: .nan, count: attention.keyCount)
    let dq = attention.queryView([Float](repeating: .nan, count: attention.queryCount))
    let (dk, dv) = (attention.keyView(garbage), attention.keyView(garbage))
    core.attentionBackward(
      attention.shape, keyValueHeads: attention.keyValueHeads, scale: attention.scale,
      mask: attention.mask, outGradient: attention.queryView(dy), q: attention.queryView(q),
      k: attention.keyView(k), v: attention.keyView(v), out: out, statistics: statistics,
      into: dq, dk: dk, dv: dv)
    let (queries, keys) = (attention.queryCount, attention.keyCount)
    core.expectCall(
      .attentionBackward(attention.shape), reads: 3 * queries + 2 * keys + attention.rows,
      writes: queries + 2 * keys)
    return [dq, dk, dv]
  }
}
