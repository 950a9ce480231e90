private import CKernels
private import Synchronization
private import Workloads

extension ComputeCore {
  /// `gradient *= 1 / scale` in place; whether all of it was finite before.
  public func unscale(_ gradient: Floats, by scale: Float) -> Bool {
    precondition(scale > 0, "a loss scale of \(scale)")
    let isFinite = Mutex(true)
    workers(forElements: gradient.count).forEachPart(of: gradient.count, step: 16) { part in
      let finite = unsafe ck_scale_finite(
        gradient.pointer + part.lowerBound, 1 / scale, part.count)
      if finite == 0 { isFinite.withLock { $0 = false } }
    }
    record(.optimizer, reads: gradient.count, writes: gradient.count)
    return isFinite.withLock { $0 }
  }

  /// Rounds to IEEE binary16 numbers in place: nearest, ties to even, overflow to infinity.
  ///
  /// This emulates fp16 numerically: the numbers are those that fp16 can hold, but they stay in fp32,
  /// so neither time nor memory is fp16's.
  public func roundToFloat16(_ values: Floats) {
    workers(forElements: values.count).forEachPart(of: values.count, step: 16) { part in
      unsafe ck_round_float16(values.pointer + part.lowerBound, part.count)
    }
    record(.elementwise, reads: values.count, writes: values.count)
  }

  /// Rounds to bfloat16 numbers in place: nearest, ties to even, overflow to infinity.
  ///
  /// This emulates bfloat16 numerically, in fp32 memory, as `roundToFloat16` does fp16.
  public func roundToBFloat16(_ values: Floats) {
    workers(forElements: values.count).forEachPart(of: values.count, step: 16) { part in
      unsafe ck_round_bfloat16(values.pointer + part.lowerBound, part.count)
    }
    record(.elementwise, reads: values.count, writes: values.count)
  }
}
