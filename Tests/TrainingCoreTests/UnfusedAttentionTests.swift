import TestSupport
import Testing
import TrainingCore
import Workloads

/// Gradients for q, k and v by the pieces of unfused attention.
func unfusedGradients(
  _ attention: AttentionCase, _ core: ComputeCore, _ q: [Float], _ k: [Float], _ v: [Float],
  _ dy: [Float]
) -> [FloatMatrix] {
  let (shape, heads) = (attention.shape, attention.keyValueHeads)
  let (queries, keys) = (attention.queryView(q), attention.keyView(k))
  let (values, slopes) = (attention.keyView(v), attention.queryView(dy))
  let (scores, dP) = (Floats.garbage(shape.scores), Floats.garbage(shape.scores))
  core.attentionScores(shape, keyValueHeads: heads, q: queries, k: keys, into: scores)
  core.attentionSoftmax(
    shape, scale: attention.scale, mask: attention.mask, scores: scores, into: scores)
  core.attentionValuesGradientProbabilities(
    shape, keyValueHeads: heads, outGradient: slopes, v: values, into: dP)
  let dv = attention.keyView([Float](repeating: .nan, count: attention.keyCount))
  core.attentionValuesGradientValues(
    shape, keyValueHeads: heads, probabilities: scores, outGradient: slopes, into: dv)
  core.attentionSoftmaxBackward(
    shape, scale: attention.scale, probabilityGradient: dP, probabilities: scores, into: dP)
  let dq = attention.queryView([Float](repeating: .nan, count: attention.queryCount))
  core.attentionScoresGradientQueries(
    shape, keyValueHeads: heads, scoreGradient: dP, k: keys, into: dq)
  let dk = attention.keyView([Float](repeating: .nan, count: attention.keyCount))
  core.attentionScoresGradientKeys(
    shape, keyValueHeads: heads, scoreGradient: dP, q: queries, into: dk)
  return [dq, dk, dv]
}

/// Heads of their own and shared ones; the last is split over workers.
private let cases: [AttentionCase] = [
  AttentionCase(samples: 2, heads: 2, keyValueHeads: 2, queries: 7, keys: 5, headWidth: 3),
  AttentionCase(
    samples: 2, heads: 4, keyValueHeads: 2, queries: 6, keys: 9, headWidth: 4,
    mask: AttentionMask(causal: true, prefixKeys: 3, validKeys: [7, 0])),
  AttentionCase(
    samples: 2, heads: 4, keyValueHeads: 2, queries: 65, keys: 65, headWidth: 32,
    mask: AttentionMask(causal: true), scale: 0.2),
]

@Suite("Pieces of unfused attention against a reference in double precision")
struct UnfusedAttentionTests {
  @Test("scores, softmax and values, and their reports", arguments: cases)
  func forward(_ attention: AttentionCase) {
    var generator = SeededGenerator(seed: 61)
    let q = generator.floats(attention.queryCount)
    let k = generator.floats(attention.keyCount)
    let v = generator.floats(attention.keyCount)
    let reference = attention.reference
    let exactScores = reference.scores(q: q.map(Double.init), k: k.map(Double.init))
    let exact = reference.probabilities(exactScores)
    let (shape, heads) = (attention.shape, attention.keyValueHeads)
    let count = attention.samples * attention.heads
    for core in tracedCores() {
      let (scores, probabilities) = (Floats.garbage(shape.scores), Floats.garbage(shape.scores))
      core.attentionScores(
        shape, keyValueHeads: heads, q: attention.queryView(q), k: attention.keyView(k),
        into: scores)
      #expect(worstError(scores, exactScores) < 1e-5, "\(core.label)")
      core.expectCall(
        .gemm(
          GEMMShape(
            m: attention.queries, n: attention.keys, k: attention.headWidth, count: count)),
        reads: attention.queryCount + attention.keyCount, writes: shape.scores)

      core.attentionSoftmax(
        shape, scale: attention.scale, mask: attention.mask, scores: scores,
        into: probabilities)
      #expect(worstError(probabilities, exact) < 1e-5, "\(core.label)")
      core.expectCall(.memoryBound(.softmax), reads: shape.scores, writes: shape.scores)

      let out = attention.queryView([Float](repeating: .nan, count: attention.queryCount))
      core.attentionValues(
        shape, keyValueHeads: heads, probabilities: probabilities, v: attention.keyView(v),
        into: out)
      #expect(worstError(out.shown, reference.values(exact, v: v.map(Double.init))) < 1e-5)
      #expect(out.keptGaps)
      core.expectCall(
        .gemm(
          GEMMShape(
            m: attention.queries, n: attention.headWidth, k: attention.keys, count: count)),
        reads: shape.scores + attention.keyCount, writes: attention.queryCount)
    }
  }

  @Test("gradients are slopes", arguments: cases.dropLast())
  func slopes(_ attention: AttentionCase) {
    var generator = SeededGenerator(seed: 62)
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
      let found = unfusedGradients(attention, core, q, k, v, dy)
      for (gradient, slope) in zip(found, wanted) {
        #expect(worstError(gradient.shown, slope) < 1e-5, "\(core.label)")
        #expect(gradient.keptGaps)
      }
    }
  }

  @Test("each gradient is one kernel with its own shape", arguments: cases)
  func reports(_ attention: AttentionCase) {
    let (queries, keys, width) = (attention.queries, attention.keys, attention.headWidth)
    let count = attention.samples * attention.heads
    let (q, k, scores) = (attention.queryCount, attention.keyCount, attention.shape.scores)
    func call(_ operation: Workloads.Operation, _ reads: Int, _ writes: Int) -> KernelCall {
      KernelCall(operation: operation, bytesRead: 4 * reads, bytesWritten: 4 * writes)
    }
    func batch(_ m: Int, _ n: Int, _ k: Int) -> Workloads.Operation {
      .gemm(GEMMShape(m: m, n: n, k: k, count: count))
    }
    for core in tracedCores() {
      _ = unfusedGradients(
        attention, core, [Float](repeating: 0, count: q), [Float](repeating: 0, count: k),
        [Float](repeating: 0, count: k), [Float](repeating: 0, count: q))
      #expect(
        core.trace?.take() == [
          call(batch(queries, keys, width), q + k, scores),
          call(.memoryBound(.softmax), scores, scores),
          call(batch(queries, keys, width), q + k, scores),
          call(batch(keys, width, queries), scores + q, k),
          call(.memoryBound(.softmax), 2 * scores, scores),
          call(batch(queries, width, keys), scores + k, q),
          call(batch(keys, width, queries), scores + q, k),
        ], "\(core.label)")
    }
  }
}
