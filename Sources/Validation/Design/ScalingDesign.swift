import Workloads

/// The same run at growing sizes along one axis.
public struct ScalingAxis: Sendable, Hashable {
  /// What grows.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The width of both towers.
    case width
    /// Their blocks.
    case depth
    /// Samples of a step.
    case batch
    /// Attack steps K of LSA-ITC.
    case attackSteps = "attack-steps"
    /// Workers.
    case threads
  }

  /// One size.
  public struct Size: Sendable, Hashable {
    /// The size.
    public var value: Double
    /// The run.
    public var run: ValidationRun
    /// Workers; nil: one per core.
    public var threads: Int?
  }

  /// What grows.
  public var kind: Kind
  /// By growing size.
  public var sizes: [Size]

  /// Powers of the size that a step's time is a sum of: analytic.
  ///
  /// Width: matrices grow with its square, what moves rows with itself. Depth and K: one more
  /// block, one more pass. Batch: rows, and the logits with its square. Threads: what is shared
  /// out, and what is not.
  public var powers: [Double] {
    switch kind {
    case .width, .batch: [0, 1, 2]
    case .depth, .attackSteps: [0, 1]
    case .threads: [-1, 0]
    }
  }

  /// The axes on a machine with so many cores.
  public static func all(cores: Int) -> [ScalingAxis] {
    [width, depth, batch, attackSteps] + (cores > 1 ? [threads(cores)] : [])
  }

  private static func run(
    _ id: String, batch: Int, _ change: (inout SmallModels.Sizes) -> Void
  ) -> ValidationRun {
    var sizes = SmallModels.Sizes()
    change(&sizes)
    return ValidationRun(
      id: id, title: id, model: SmallModels.pair(id, sizes), microBatch: batch)
  }

  private static var width: ScalingAxis {
    ScalingAxis(
      kind: .width,
      sizes: [64, 128, 192, 256, 384, 512].map { width in
        Size(
          value: Double(width),
          run: run("width-\(width)", batch: 38) {
            ($0.width, $0.head, $0.layers) = (width, 64, 3)
          })
      })
  }

  private static var depth: ScalingAxis {
    ScalingAxis(
      kind: .depth,
      sizes: [1, 2, 3, 4, 6, 8, 12].map { depth in
        Size(
          value: Double(depth),
          run: run("depth-\(depth)", batch: 46) { ($0.width, $0.layers) = (128, depth) })
      })
  }

  private static var batch: ScalingAxis {
    ScalingAxis(
      kind: .batch,
      sizes: [9, 18, 27, 36, 54, 72, 108, 144].map { batch in
        Size(
          value: Double(batch),
          run: run("batch-\(batch)", batch: batch) { ($0.width, $0.layers) = (192, 3) })
      })
  }

  private static var attackSteps: ScalingAxis {
    ScalingAxis(
      kind: .attackSteps,
      sizes: [1, 2, 3, 4, 6, 8].map { steps in
        var base = run("attack-steps-\(steps)", batch: 23) { ($0.width, $0.layers) = (192, 3) }
        base.calibration = CalibrationSettings(method: .lsaITC)
        base.calibration.attackSteps = steps
        base.calibration.refreshSteps = 1000
        return Size(value: Double(steps), run: base)
      })
  }

  private static func threads(_ cores: Int) -> ScalingAxis {
    let counts = [1, 2, 4, 8, 16, 32, 64].filter { $0 <= cores }
    return ScalingAxis(
      kind: .threads,
      sizes: counts.map { count in
        Size(
          value: Double(count),
          run: run("threads-\(count)", batch: 25) { ($0.width, $0.layers) = (320, 3) },
          threads: count)
      })
  }
}
