private import CKernels
public import Workloads

/// The pieces of attention whose scores pass through memory as `[samples, heads, queries, keys]`.
extension ComputeCore {
  /// `scores = q k^T` for every head, not scaled.
  ///
  /// - Precondition: `q` and `k` as in `attention`.
  public func attentionScores(
    _ shape: AttentionShape, keyValueHeads: Int, q: FloatMatrix, k: FloatMatrix,
    into scores: Floats
  ) {
    let layout = AttentionLayout(shape, keyValueHeads: keyValueHeads)
    layout.checkQueries(q)
    layout.checkKeys(k)
    products(layout, scores: scores) { backend, head in
      backend.multiply(head.queries(q), head.keys(k), right: .yes, into: head.scores(scores))
    }
  }

  /// `probabilities = softmax(scale scores)` over the keys that the mask shows, 0 elsewhere;
  /// `probabilities` may be `scores`.
  ///
  /// - Precondition: one score for each query and key, `scale > 0`.
  public func attentionSoftmax(
    _ shape: AttentionShape, scale: Float, mask: AttentionMask, scores: Floats,
    into probabilities: Floats
  ) {
    let layout = AttentionLayout(shape, keyValueHeads: shape.heads)
    layout.checkScores(scores)
    layout.checkScores(probabilities)
    mask.check(samples: shape.samples)
    precondition(scale > 0, "attention needs a scale above 0, not \(scale)")
    workers(forElements: shape.scores).forEachPart(of: layout.units) { units in
      for unit in units {
        let kernel = layout.kernelShape(unit, scale: scale, mask: mask)
        let start = layout.rowStart(unit) * shape.keys
        unsafe withUnsafePointer(to: kernel) { kernel in
          unsafe ck_attention_softmax(
            kernel, probabilities.pointer + start, scores.pointer + start)
        }
      }
    }
    record(.softmax, reads: scores.count, writes: probabilities.count)
  }

  /// `out = probabilities v`.
  ///
  /// - Precondition: `v` and `out` as in `attention`.
  public func attentionValues(
    _ shape: AttentionShape, keyValueHeads: Int, probabilities: Floats, v: FloatMatrix,
    into out: FloatMatrix
  ) {
    let layout = AttentionLayout(shape, keyValueHeads: keyValueHeads)
    layout.checkKeys(v)
    layout.checkQueries(out)
    products(layout, scores: probabilities) { backend, head in
      backend.multiply(head.scores(probabilities), head.keys(v), into: head.queries(out))
    }
  }

  /// `dP = dout v^T`, the gradient of `attentionValues` for its probabilities.
  ///
  /// - Precondition: `outGradient` and `v` as in `attention`.
  public func attentionValuesGradientProbabilities(
    _ shape: AttentionShape, keyValueHeads: Int, outGradient: FloatMatrix, v: FloatMatrix,
    into probabilityGradient: Floats
  ) {
    attentionScores(
      shape, keyValueHeads: keyValueHeads, q: outGradient, k: v, into: probabilityGradient)
  }

  /// `dv = P^T dout`, overwritten; a sum over the query heads that share a value head.
  ///
  /// - Precondition: `outGradient` and `dv` as `out` and `v` in `attention`.
  public func attentionValuesGradientValues(
    _ shape: AttentionShape, keyValueHeads: Int, probabilities: Floats,
    outGradient: FloatMatrix, into dv: FloatMatrix
  ) {
    let layout = AttentionLayout(shape, keyValueHeads: keyValueHeads)
    layout.checkQueries(outGradient)
    layout.checkKeys(dv)
    products(layout, scores: probabilities, written: dv.count) { backend, head in
      backend.multiply(
        head.scores(probabilities), head.queries(outGradient), left: .yes,
        adding: !head.isFirstOfGroup, into: head.keys(dv))
    }
  }

  /// `dS = scale P (dP - sum_j dP P)`, the gradient for the unscaled scores; `dS` may be `dP`.
  ///
  /// - Precondition: one element for each query and key.
  public func attentionSoftmaxBackward(
    _ shape: AttentionShape, scale: Float, probabilityGradient: Floats, probabilities: Floats,
    into scoreGradient: Floats
  ) {
    softmaxBackward(
      probabilityGradient, out: probabilities, scale: scale,
      rows: shape.samples * shape.heads * shape.queries, columns: shape.keys,
      into: scoreGradient)
  }

  /// `dq = dS k`.
  ///
  /// - Precondition: `k` and `dq` as `k` and `q` in `attention`.
  public func attentionScoresGradientQueries(
    _ shape: AttentionShape, keyValueHeads: Int, scoreGradient: Floats, k: FloatMatrix,
    into dq: FloatMatrix
  ) {
    attentionValues(
      shape, keyValueHeads: keyValueHeads, probabilities: scoreGradient, v: k, into: dq)
  }

  /// `dk = dS^T q`, overwritten; a sum over the query heads that share a key head.
  ///
  /// - Precondition: `q` and `dk` as `q` and `k` in `attention`.
  public func attentionScoresGradientKeys(
    _ shape: AttentionShape, keyValueHeads: Int, scoreGradient: Floats, q: FloatMatrix,
    into dk: FloatMatrix
  ) {
    attentionValuesGradientValues(
      shape, keyValueHeads: keyValueHeads, probabilities: scoreGradient, outGradient: q,
      into: dk)
  }

  /// One product per head, the heads of a group one after the other; reported as one batch.
  private func products(
    _ layout: AttentionLayout, scores: Floats, written: Int? = nil,
    _ body: @Sendable (any GEMMBackend, AttentionHead) -> Void
  ) {
    layout.checkScores(scores)
    let seam = productSeam()
    let backend = seam.backend
    let small = layout.shape.forwardFlops / 2 < Self.flopsWorthSplitting
    (small ? Workers(count: 1) : workers).forEachPart(of: layout.units) { units in
      for unit in units {
        for member in 0..<layout.group {
          body(backend, AttentionHead(layout: layout, unit: unit, member: member))
        }
      }
    }
    recordBatch(seam, written: written)
  }
}

/// One query head of one sample: its blocks of the operands.
private struct AttentionHead {
  let layout: AttentionLayout
  let unit: Int
  let member: Int

  var isFirstOfGroup: Bool { member == 0 }

  func queries(_ matrix: FloatMatrix) -> FloatMatrix {
    let (sample, keyHead) = unit.quotientAndRemainder(dividingBy: layout.keyValueHeads)
    return block(
      of: matrix, sample, keyHead * layout.group + member, tokens: layout.shape.queries)
  }

  func keys(_ matrix: FloatMatrix) -> FloatMatrix {
    let (sample, keyHead) = unit.quotientAndRemainder(dividingBy: layout.keyValueHeads)
    return block(of: matrix, sample, keyHead, tokens: layout.shape.keys)
  }

  func scores(_ scores: Floats) -> FloatMatrix {
    let (queries, keys) = (layout.shape.queries, layout.shape.keys)
    let start = (layout.rowStart(unit) + member * queries) * keys
    return FloatMatrix(scores.part(start, queries * keys), rows: queries, columns: keys)
  }

  private func block(
    of matrix: FloatMatrix, _ sample: Int, _ head: Int, tokens: Int
  ) -> FloatMatrix {
    let width = layout.shape.headWidth
    return matrix.block(
      rows: sample * tokens..<(sample + 1) * tokens, columns: head * width..<(head + 1) * width)
  }
}

extension GEMMBackend {
  /// `out = op(left) op(right)`, or added to it, on views.
  fileprivate func multiply(
    _ left: FloatMatrix, _ right: FloatMatrix, left leftTranspose: Transpose = .no,
    right rightTranspose: Transpose = .no, adding: Bool = false, into out: FloatMatrix
  ) {
    multiply(
      MatrixProduct(
        m: out.rows, n: out.columns, k: leftTranspose == .no ? left.columns : left.rows,
        left: leftTranspose, right: rightTranspose, beta: adding ? 1 : 0,
        leftStride: left.stride, rightStride: right.stride, outStride: out.stride),
      left.elements, right.elements, into: out.elements)
  }
}
