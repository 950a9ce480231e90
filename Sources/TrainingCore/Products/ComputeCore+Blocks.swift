internal import Workloads

extension ComputeCore {
  /// The most rows that a worker multiplies and finishes before it takes more.
  ///
  /// Fewer would keep a block in a nearer cache, but libraries pack the weight for every block
  /// again, and oneDNN multiplies products whose sides are both below some 500 without packing, at
  /// half speed. On Zen 3 OpenBLAS is equally fast from 256 rows up; a block of this length still
  /// finds its rows in the last cache level.
  static let blockRows = WorkSharing.blockRows

  /// Splits the rows of a product over the workers, and each worker's into blocks.
  ///
  /// Parts and blocks follow from the sizes and the worker count alone.
  func forEachBlock(rows: Int, k: Int, n: Int, _ body: @Sendable (Range<Int>) -> Void) {
    let flops = 2 * Double(rows) * Double(k) * Double(n)
    let workers = flops < Self.flopsWorthSplitting ? Workers(count: 1) : workers
    workers.forEachPart(of: rows, step: WorkSharing.step) { part in
      let blocks = (part.count + Self.blockRows - 1) / Self.blockRows
      for block in Workers(count: max(1, blocks)).parts(of: part.count, step: WorkSharing.step) {
        body(part.lowerBound + block.lowerBound..<part.lowerBound + block.upperBound)
      }
    }
  }

  /// Checks `out [m, n] = left (m k elements) right (k n elements)`, dense.
  func checkProduct(_ m: Int, _ k: Int, _ n: Int, _ left: Floats, _ right: Floats, _ out: Floats) {
    precondition(
      m >= 1 && k >= 1 && n >= 1 && left.count == m * k && right.count == k * n
        && out.count == m * n,
      "operands of \(left.count), \(right.count), \(out.count) elements for \(m) x \(k) x \(n)")
  }
}
