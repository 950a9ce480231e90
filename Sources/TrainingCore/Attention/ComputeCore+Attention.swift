private import CKernels
public import Workloads

// Measured on Zen 3 (AVX2), one core, heads of 64, as shares of what the arithmetic units can do: the
// strips of `tiles.c` multiply 65 x 65 at 0.9, oneDNN at 0.6 to 0.7, OpenBLAS at 0.5; at 257 keys
// the libraries reach 0.8 and 0.7. Forward with its softmax comes to 0.63 at 65 keys and 0.75 at 257,
// backward to 0.73 and 0.8. A library's products with a softmax between them gain at no size, so
// fused attention calls none.

extension ComputeCore {
  /// `out = softmax(scale q k^T) v` for every head of every sample; scores never reach memory.
  ///
  /// `q` and `out` are `[samples queries, heads headWidth]`, `k` and `v`
  /// `[samples keys, keyValueHeads headWidth]`; with fewer key and value heads than query heads,
  /// neighbouring query heads share one. `statistics [samples, heads, queries]` receives
  /// `ln sum_j e^(scale q k_j)` for backward; minus infinity where no key is seen.
  ///
  /// - Precondition: operands of these sizes, `scale > 0`, `out` overlaps nothing.
  public func attention(
    _ shape: AttentionShape, keyValueHeads: Int, scale: Float, mask: AttentionMask,
    q: FloatMatrix, k: FloatMatrix, v: FloatMatrix, into out: FloatMatrix, statistics: Floats
  ) {
    let layout = AttentionLayout(shape, keyValueHeads: keyValueHeads)
    check(layout, scale, mask, q: [q, out], k: [k, v], statistics)
    let length = unsafe withUnsafePointer(to: layout.kernelShape(0, scale: scale, mask: mask)) {
      unsafe ck_attention_scratch($0)
    }
    forEachUnit(layout, scale, mask, scratch: length) { unit, kernel, scratch in
      kernel.setStrides(q: q, k: k, v: v, out: out)
      unsafe withUnsafePointer(to: kernel) { kernel in
        unsafe ck_attention(
          kernel, out.elements.pointer + layout.queryStart(unit, stride: out.stride),
          statistics.pointer + layout.rowStart(unit),
          q.elements.pointer + layout.queryStart(unit, stride: q.stride),
          k.elements.pointer + layout.keyStart(unit, stride: k.stride),
          v.elements.pointer + layout.keyStart(unit, stride: v.stride), scratch.pointer)
      }
    }
    record(
      .attention(shape), reads: q.count + k.count + v.count, writes: out.count + statistics.count)
  }

  /// The gradients of `attention`, all overwritten; scores are computed again from `statistics`.
  ///
  /// `dq` is shaped as `q`, `dk` as `k`, `dv` as `v`; formulas in `ck_attention_backward`.
  ///
  /// - Precondition: sizes as in `attention`; gradients overlap nothing.
  public func attentionBackward(
    _ shape: AttentionShape, keyValueHeads: Int, scale: Float, mask: AttentionMask,
    outGradient: FloatMatrix, q: FloatMatrix, k: FloatMatrix, v: FloatMatrix, out: FloatMatrix,
    statistics: Floats, into dq: FloatMatrix, dk: FloatMatrix, dv: FloatMatrix
  ) {
    let layout = AttentionLayout(shape, keyValueHeads: keyValueHeads)
    check(layout, scale, mask, q: [q, out, outGradient, dq], k: [k, v, dk, dv], statistics)
    let length = unsafe withUnsafePointer(to: layout.kernelShape(0, scale: scale, mask: mask)) {
      unsafe ck_attention_backward_scratch($0)
    }
    forEachUnit(layout, scale, mask, scratch: length) { unit, kernel, scratch in
      kernel.setStrides(q: q, k: k, v: v, out: out)
      let gradients = unsafe ck_attention_gradients(
        dq: dq.elements.pointer + layout.queryStart(unit, stride: dq.stride),
        dk: dk.elements.pointer + layout.keyStart(unit, stride: dk.stride),
        dv: dv.elements.pointer + layout.keyStart(unit, stride: dv.stride),
        dq_stride: dq.stride, dk_stride: dk.stride, dv_stride: dv.stride)
      unsafe withUnsafePointer(to: kernel) { kernel in
        unsafe withUnsafePointer(to: gradients) { gradients in
          unsafe ck_attention_backward(
            kernel, gradients,
            outGradient.elements.pointer + layout.queryStart(unit, stride: outGradient.stride),
            outGradient.stride, q.elements.pointer + layout.queryStart(unit, stride: q.stride),
            k.elements.pointer + layout.keyStart(unit, stride: k.stride),
            v.elements.pointer + layout.keyStart(unit, stride: v.stride),
            out.elements.pointer + layout.queryStart(unit, stride: out.stride),
            statistics.pointer + layout.rowStart(unit), scratch.pointer)
        }
      }
    }
    record(
      .attentionBackward(shape),
      reads: outGradient.count + q.count + k.count + v.count + out.count + statistics.count,
      writes: dq.count + dk.count + dv.count)
  }

  private func check(
    _ layout: AttentionLayout, _ scale: Float, _ mask: AttentionMask, q queries: [FloatMatrix],
    k keys: [FloatMatrix], _ statistics: Floats
  ) {
    precondition(scale > 0, "attention needs a scale above 0, not \(scale)")
    mask.check(samples: layout.shape.samples)
    queries.forEach(layout.checkQueries)
    keys.forEach(layout.checkKeys)
    precondition(
      statistics.count == layout.shape.samples * layout.shape.heads * layout.shape.queries,
      "\(statistics.count) statistics of \(layout.shape)")
  }

  /// Shares the units out; each worker borrows its scratch once.
  private func forEachUnit(
    _ layout: AttentionLayout, _ scale: Float, _ mask: AttentionMask, scratch length: Int,
    _ body: @Sendable (Int, inout ck_attention_shape, Floats) -> Void
  ) {
    let small = layout.shape.forwardFlops < Self.flopsWorthSplitting
    (small ? Workers(count: 1) : workers).forEachPart(of: layout.units) { units in
      scratch.withFloats(length) { scratch in
        for unit in units {
          var kernel = layout.kernelShape(unit, scale: scale, mask: mask)
          body(unit, &kernel, scratch)
        }
      }
    }
  }
}

extension ck_attention_shape {
  fileprivate mutating func setStrides(
    q: FloatMatrix, k: FloatMatrix, v: FloatMatrix, out: FloatMatrix
  ) {
    q_stride = q.stride
    k_stride = k.stride
    v_stride = v.stride
    out_stride = out.stride
  }
}
