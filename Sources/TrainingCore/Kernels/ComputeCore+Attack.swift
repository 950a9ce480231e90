private import CKernels
private import Workloads

extension ComputeCore {
  /// A random start: `delta` uniform in `-epsilon ... epsilon`, `attacked = clip(x + delta)`.
  ///
  /// `delta` becomes what is left of it, `attacked - x`. `lower` and `upper` hold one value for each
  /// channel (nil: open); rows of `columns` elements consist of one run a channel, as the
  /// `[channel, row, column]` values of a patch. Element i takes number `base + i` of the seed's
  /// sequence, so the values do not depend on the workers, and parts of a batch continue a sequence
  /// where others ended.
  ///
  /// - Precondition: equally long; whole rows of whole channels where there is a range.
  public func attackStart(
    _ x: Floats, epsilon: Float, lower: Floats? = nil, upper: Floats? = nil, columns: Int = 1,
    seed: UInt64, counter base: UInt64, into delta: Floats, attacked: Floats
  ) {
    check(delta, x.count, "perturbation")
    check(attacked, x.count, "attacked inputs")
    let bounds = AttackBounds(
      x, epsilon: epsilon, lower: lower, upper: upper, columns: columns)
    workers(forElements: x.count).forEachPart(of: bounds.parts, step: bounds.step) { part in
      let start = part.lowerBound * bounds.run
      unsafe bounds.withRuns(of: part) { bounds, first, runs in
        unsafe ck_attack_start(
          delta.pointer + start, attacked.pointer + start, x.pointer + start, bounds, seed,
          base &+ UInt64(start), first, runs)
      }
    }
    // The three numbers of a range are constants of the call, as epsilon is.
    record(.elementwise, reads: x.count, writes: elements(delta, attacked))
  }

  /// One projected signed step: `delta <- clip(delta + alpha sign(gradient))` to epsilon,
  /// `attacked = clip(x + delta)` to the range, `delta = attacked - x`.
  ///
  /// The sign of 0 is 0. Ranges as in `attackStart`.
  ///
  /// - Precondition: equally long; whole rows of whole channels where there is a range.
  ///
  /// Source: Madry et al., arXiv 1706.06083, section 2.1.
  public func attackUpdate(
    _ x: Floats, gradient: Floats, alpha: Float, epsilon: Float, lower: Floats? = nil,
    upper: Floats? = nil, columns: Int = 1, delta: Floats, into attacked: Floats
  ) {
    check(gradient, x.count, "gradient of inputs")
    check(delta, x.count, "perturbation")
    check(attacked, x.count, "attacked inputs")
    let bounds = AttackBounds(
      x, epsilon: epsilon, lower: lower, upper: upper, columns: columns)
    workers(forElements: x.count).forEachPart(of: bounds.parts, step: bounds.step) { part in
      let start = part.lowerBound * bounds.run
      unsafe bounds.withRuns(of: part) { bounds, first, runs in
        unsafe ck_attack_update(
          delta.pointer + start, attacked.pointer + start, x.pointer + start,
          gradient.pointer + start, alpha, bounds, first, runs)
      }
    }
    record(
      .elementwise, reads: elements(x, gradient, delta),
      writes: elements(delta, attacked))
  }
}

/// How far values may move, and how the work is cut: into runs of a channel, or anywhere.
private struct AttackBounds: Sendable {
  /// Elements of a part: those of a run; 1 where there are no channels.
  let run: Int
  /// Parts in all.
  let parts: Int
  private let epsilon: Float
  private let lower: Floats?
  private let upper: Floats?
  private let channels: Int

  init(_ x: Floats, epsilon: Float, lower: Floats?, upper: Floats?, columns: Int) {
    precondition(epsilon >= 0, "a perturbation of \(epsilon)")
    channels = lower?.count ?? upper?.count ?? 1
    if lower == nil && upper == nil {
      run = 1
    } else {
      precondition(
        channels >= 1 && (upper?.count ?? channels) == channels
          && columns.isMultiple(of: channels) && columns >= 1 && x.count.isMultiple(of: columns),
        "\(x.count) elements in rows of \(columns) with \(channels) channels")
      run = columns / channels
    }
    parts = x.count / run
    self.epsilon = epsilon
    self.lower = lower
    self.upper = upper
  }

  /// Workers' parts begin at multiples of it.
  var step: Int { lower == nil && upper == nil ? 16 : 1 }

  /// Hands on the bounds in the kernels' form, the first run's number, and how many runs.
  func withRuns(
    of part: Range<Int>, _ body: (UnsafePointer<ck_attack_bounds>, Int, Int) -> Void
  ) {
    let isOpen = lower == nil && upper == nil
    let bounds = unsafe ck_attack_bounds(
      epsilon: epsilon, lower: lower?.pointer, upper: upper?.pointer, channels: channels,
      run: isOpen ? part.count : run)
    unsafe withUnsafePointer(to: bounds) {
      unsafe body($0, part.lowerBound, isOpen ? 1 : part.count)
    }
  }
}
