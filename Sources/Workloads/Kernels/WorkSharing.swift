/// How this project's own core shares a kernel's work among its workers.
///
/// The core splits by these numbers, and a price is that of the worker with the longest part.
public enum WorkSharing {
  /// Below so many elements a memory-bound kernel stays on the calling thread: waking a worker
  /// takes longer than the kernel.
  public static let elements: Int = 16_384
  /// The same for matrix products, in FLOP.
  public static let flops: Double = 1e6
  /// Rows and columns are split at multiples of this.
  public static let step: Int = 16
  /// The most rows that a worker multiplies and finishes before it takes more.
  public static let blockRows: Int = 1024

  /// The longest of at most `workers` parts of `total`, cut at multiples of `step`.
  public static func longest(of total: Int, workers: Int, step: Int = 1) -> Int {
    let steps = (total + step - 1) / step
    let used = max(1, min(workers, steps))
    return min(total, (steps + used - 1) / used * step)
  }
}
