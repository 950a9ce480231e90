private import Glibc

/// oneDNN, found when the program runs: faster than OpenBLAS on CPUs with wide vectors.
///
/// Loaded by name, so that neither building nor running needs it.
@safe public struct OneDNNBackend: GEMMBackend {
  private typealias Multiply =
    @convention(c) (
      CChar, CChar, Int64, Int64, Int64, Float, UnsafePointer<Float>, Int64, UnsafePointer<Float>,
      Int64, Float, UnsafeMutablePointer<Float>, Int64
    ) -> Int32
  private typealias SetThreads = @convention(c) (Int32) -> Void

  /// The head of the library's version record; later fields differ between versions.
  private struct VersionHead {
    var major: Int32
    var minor: Int32
    var patch: Int32
  }

  private let function: Multiply
  private let setThreads: SetThreads?

  /// The name `onednn`.
  public var name: String { "onednn" }
  /// For example `oneDNN 2.6.3`.
  public let version: String

  /// The sonames that are tried, newest first.
  public static let libraryNames: [String] = ["libdnnl.so.3", "libdnnl.so.2", "libdnnl.so.1"]

  /// Loads the library; nil where it is not installed, or lacks `dnnl_sgemm`.
  ///
  /// - Parameter names: sonames or paths to try, in order.
  public init?(libraryNames names: [String] = Self.libraryNames) {
    for name in names {
      guard let handle = unsafe dlopen(name, RTLD_NOW | RTLD_LOCAL) else { continue }
      guard let symbol = unsafe dlsym(handle, "dnnl_sgemm") else {
        unsafe dlclose(handle)
        continue
      }
      unsafe function = unsafeBitCast(symbol, to: Multiply.self)
      // A search from this handle covers the OpenMP runtime that the library brought along.
      setThreads = unsafe dlsym(handle, "omp_set_num_threads").map {
        unsafe unsafeBitCast($0, to: SetThreads.self)
      }
      version = unsafe Self.version(in: handle)
      return
    }
    return nil
  }

  private static func version(in handle: UnsafeMutableRawPointer) -> String {
    typealias Version = @convention(c) () -> UnsafeRawPointer?
    guard let symbol = unsafe dlsym(handle, "dnnl_version"),
      let record = unsafe unsafeBitCast(symbol, to: Version.self)()
    else { return "oneDNN" }
    let head = unsafe record.loadUnaligned(as: VersionHead.self)
    return "oneDNN \(head.major).\(head.minor).\(head.patch)"
  }

  /// `dnnl_sgemm` on the calling thread.
  ///
  /// The library checks its arguments; a product that passes `MatrixProduct`'s checks passes its.
  public func multiply(
    _ product: MatrixProduct, _ left: Floats, _ right: Floats, into out: Floats
  ) {
    check(product, left, right, out)
    // OpenMP keeps this per calling thread, and Dispatch may hand us a new one at any time.
    setThreads?(1)
    let status = unsafe function(
      Self.letter(product.left), Self.letter(product.right), Int64(product.m), Int64(product.n),
      Int64(product.k), product.alpha, left.pointer, Int64(product.leftStride), right.pointer,
      Int64(product.rightStride), product.beta, out.pointer, Int64(product.outStride))
    precondition(status == 0, "dnnl_sgemm returned \(status) for \(product)")
  }

  private static func letter(_ transpose: Transpose) -> CChar {
    CChar(bitPattern: UInt8(ascii: transpose == .no ? "N" : "T"))
  }
}
