private import COpenBLAS

/// OpenBLAS, which the program is linked to: always there.
public struct OpenBLASBackend: GEMMBackend {
  /// The name `openblas`.
  public var name: String { "openblas" }
  /// For example `OpenBLAS 0.3.21 (Haswell)`.
  public let version: String

  /// Asks OpenBLAS for single-threaded calls in this process.
  public init() {
    openblas_set_num_threads(1)
    let configuration = unsafe openblas_get_config().map { unsafe String(cString: $0) } ?? ""
    let core = unsafe openblas_get_corename().map { unsafe String(cString: $0) } ?? "unknown"
    let words = configuration.split(separator: " ").prefix(2).joined(separator: " ")
    version = "\(words) (\(core))"
  }

  /// `cblas_sgemm` on the calling thread.
  public func multiply(
    _ product: MatrixProduct, _ left: Floats, _ right: Floats, into out: Floats
  ) {
    check(product, left, right, out)
    unsafe cblas_sgemm(
      CblasRowMajor, product.left == .no ? CblasNoTrans : CblasTrans,
      product.right == .no ? CblasNoTrans : CblasTrans, blasint(product.m), blasint(product.n),
      blasint(product.k), product.alpha, left.pointer, blasint(product.leftStride), right.pointer,
      blasint(product.rightStride), product.beta, out.pointer, blasint(product.outStride))
  }
}
