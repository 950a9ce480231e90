public import TrainingCore

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
  /// Watches what other programs take from now on; nil where nobody else can.
  var load: MachineLoad? { get }
  /// Whether it times chains of kernels too.
  var hasChains: Bool { get }
  /// Runs a chain so many times: seconds by kernel.
  func timings(
    of chain: BenchChain, backend: String, runs: Int
  ) throws -> [[KernelChain.Timing]]
}

extension BenchMachine {
  /// Nobody else.
  public var load: MachineLoad? { nil }
  /// None.
  public var hasChains: Bool { false }
  /// No chain is timed.
  public func timings(
    of chain: BenchChain, backend: String, runs: Int
  ) throws -> [[KernelChain.Timing]] { [] }
}
