/// Whether a matrix operand is taken as stored or transposed.
public enum Transpose: String, Sendable, Hashable, CaseIterable, Codable {
  /// As stored.
  case no = "n"
  /// Rows and columns exchanged.
  case yes = "t"
}

/// One matrix product `C = alpha op(A) op(B) + beta C`, row-major fp32.
///
/// `op(A)` is `m x k`, `op(B)` is `k x n`, `C` is `m x n`. A leading dimension is the distance
/// between the starts of two stored rows.
public struct MatrixProduct: Sendable, Hashable {
  /// How A is stored: `m x k`, or `k x m` where transposed.
  public var left: Transpose
  /// How B is stored: `k x n`, or `n x k` where transposed.
  public var right: Transpose
  /// Rows of C.
  public var m: Int
  /// Columns of C.
  public var n: Int
  /// The summed dimension.
  public var k: Int
  /// Factor of the product.
  public var alpha: Float
  /// Factor of what C held before; 0 overwrites, also NaN.
  public var beta: Float
  /// Leading dimension of A as stored.
  public var leftStride: Int
  /// Leading dimension of B as stored.
  public var rightStride: Int
  /// Leading dimension of C.
  public var outStride: Int

  /// A product of dense operands, unless strides are given.
  ///
  /// - Precondition: sizes of at least 1, and strides no shorter than a stored row.
  public init(
    m: Int, n: Int, k: Int, left: Transpose = .no, right: Transpose = .no, alpha: Float = 1,
    beta: Float = 0, leftStride: Int? = nil, rightStride: Int? = nil, outStride: Int? = nil
  ) {
    let leftColumns = left == .no ? k : m
    let rightColumns = right == .no ? n : k
    self.left = left
    self.right = right
    self.m = m
    self.n = n
    self.k = k
    self.alpha = alpha
    self.beta = beta
    self.leftStride = leftStride ?? leftColumns
    self.rightStride = rightStride ?? rightColumns
    self.outStride = outStride ?? n
    precondition(m >= 1 && n >= 1 && k >= 1, "a product of sizes \(m), \(n), \(k)")
    precondition(
      self.leftStride >= leftColumns && self.rightStride >= rightColumns && self.outStride >= n,
      "a stride is shorter than its row")
  }

  /// Elements that A spans in memory.
  public var leftCount: Int {
    let rows = left == .no ? m : k
    let columns = left == .no ? k : m
    return (rows - 1) * leftStride + columns
  }
  /// Elements that B spans in memory.
  public var rightCount: Int {
    let rows = right == .no ? k : n
    let columns = right == .no ? n : k
    return (rows - 1) * rightStride + columns
  }
  /// Elements that C spans in memory.
  public var outCount: Int { (m - 1) * outStride + n }

  /// `2 m n k`.
  public var flops: Double { 2 * Double(m) * Double(n) * Double(k) }
}

/// A library that multiplies fp32 matrices on the calling thread.
///
/// Implementations are safe to call from several threads at the same time, and use one thread each:
/// `ComputeCore` splits products over its workers.
public protocol GEMMBackend: Sendable {
  /// For example `openblas`.
  var name: String { get }
  /// The library's own version and, where it says so, the kind of CPU it chose.
  var version: String { get }
  /// `out = alpha op(left) op(right) + beta out`.
  ///
  /// - Precondition: the operands hold at least `leftCount`, `rightCount`, `outCount` elements.
  func multiply(_ product: MatrixProduct, _ left: Floats, _ right: Floats, into out: Floats)
}

extension GEMMBackend {
  /// Checks the operands of a product against its sizes.
  func check(_ product: MatrixProduct, _ left: Floats, _ right: Floats, _ out: Floats) {
    precondition(
      left.count >= product.leftCount && right.count >= product.rightCount
        && out.count >= product.outCount,
      "operands of \(left.count), \(right.count), \(out.count) elements are too short for \(product)"
    )
  }
}
