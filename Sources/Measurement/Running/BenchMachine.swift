/// Runs kernels so that they can be timed.
///
/// Tests hand in a machine whose speed they know.
public protocol BenchMachine {
  /// The matrix libraries that it has.
  var backends: [String] { get }
  /// Runs a kernel so many times, one after the other.
  ///
  /// - Precondition: `backend` is one of `backends`, or the kernel needs none.
  mutating func run(_ kernel: BenchKernel, backend: String, calls: Int)
}
