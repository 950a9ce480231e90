public import Workloads

/// Executes kernels on this machine's CPU cores: one matrix library, a number of workers.
///
/// Its extensions hold one method per kernel. Every method checks its operands, splits the work over
/// the workers, and returns when it is done.
public struct ComputeCore: Sendable {
  /// Multiplies matrices.
  public let backend: any GEMMBackend
  /// The threads that kernels are spread over.
  public let workers: Workers
  /// Hears of every kernel that ran; nil: nobody listens.
  public var trace: KernelTrace?
  /// Memory that kernels borrow; shared by copies of this core.
  let scratch = ScratchPool()

  /// A core.
  public init(backend: any GEMMBackend, workers: Workers, trace: KernelTrace? = nil) {
    self.backend = backend
    self.workers = workers
    self.trace = trace
  }

  /// Below so many elements a memory-bound kernel stays on the calling thread: waking a worker
  /// takes longer than the kernel.
  static let elementsWorthSplitting: Int = WorkSharing.elements
  /// The same for matrix products, in FLOP.
  static let flopsWorthSplitting: Double = WorkSharing.flops

  /// The workers that a kernel over so many elements should use.
  func workers(forElements count: Int) -> Workers {
    count < Self.elementsWorthSplitting ? Workers(count: 1) : workers
  }
}

extension ComputeCore {
  /// `out = alpha op(left) op(right) + beta out`, its rows or columns split over the workers.
  ///
  /// - Precondition: operands are as long as the product says.
  public func multiply(
    _ product: MatrixProduct, _ left: Floats, _ right: Floats, into out: Floats
  ) {
    backend.check(product, left, right, out)
    let seam = productSeam()
    split(product, left, right, into: out, on: seam.backend)
    record(seam)
  }

  /// The longer side of a product, split over the workers.
  func split(
    _ product: MatrixProduct, _ left: Floats, _ right: Floats, into out: Floats,
    on backend: any GEMMBackend
  ) {
    guard workers.count > 1 && product.flops >= Self.flopsWorthSplitting else {
      backend.multiply(product, left, right, into: out)
      return
    }
    // The longer side is split, in steps that keep the parts on the library's block boundaries.
    if product.m >= product.n {
      workers.forEachPart(of: product.m, step: WorkSharing.step) { rows in
        var part = product
        part.m = rows.count
        let start = rows.lowerBound * (product.left == .no ? product.leftStride : 1)
        let outStart = rows.lowerBound * product.outStride
        backend.multiply(
          part, left.part(start, part.leftCount), right,
          into: out.part(outStart, part.outCount))
      }
    } else {
      workers.forEachPart(of: product.n, step: WorkSharing.step) { columns in
        var part = product
        part.n = columns.count
        let start = columns.lowerBound * (product.right == .no ? 1 : product.rightStride)
        backend.multiply(
          part, left, right.part(start, part.rightCount),
          into: out.part(columns.lowerBound, part.outCount))
      }
    }
  }

  /// `count` products of one shape, operands one after the other, spread over the workers.
  ///
  /// - Precondition: `left`, `right` and `out` hold `count` dense operands each.
  public func multiply(
    _ product: MatrixProduct, count: Int, _ left: Floats, _ right: Floats, into out: Floats
  ) {
    let sizes = (product.leftCount, product.rightCount, product.outCount)
    precondition(
      left.count >= count * sizes.0 && right.count >= count * sizes.1
        && out.count >= count * sizes.2,
      "operands are too short for \(count) times \(product)")
    let small = product.flops * Double(count) < Self.flopsWorthSplitting
    let seam = productSeam()
    let backend = seam.backend
    (small ? Workers(count: 1) : workers).forEachPart(of: count) { indices in
      for index in indices {
        backend.multiply(
          product, left.part(index * sizes.0, sizes.0), right.part(index * sizes.1, sizes.1),
          into: out.part(index * sizes.2, sizes.2))
      }
    }
    recordBatch(seam)
  }

  /// Runs a shape of a step program: `count > 1` as a batch, 1 as one product.
  public func multiply(
    _ shape: GEMMShape, transposed: (left: Transpose, right: Transpose), _ left: Floats,
    _ right: Floats, into out: Floats
  ) {
    let product = MatrixProduct(
      m: shape.m, n: shape.n, k: shape.k, left: transposed.left, right: transposed.right)
    if shape.count == 1 {
      multiply(product, left, right, into: out)
    } else {
      multiply(product, count: shape.count, left, right, into: out)
    }
  }
}
