public import Quantities

/// The number formats that an accelerator has matrix units for.
public enum MatrixFormat: String, Sendable, Hashable, CaseIterable {
  /// 32-bit IEEE floats on the ordinary units.
  case fp32
  /// fp32 storage, 10-bit mantissa in the matrix unit.
  case tf32
  /// IEEE half precision.
  case fp16
  /// 8-bit exponent, 7-bit mantissa.
  case bf16
}

/// One device that trains: a GPU, a TPU chip, or the CPU cores of one machine.
public struct Accelerator: Sendable, Hashable {
  /// The vendor's name, for example `NVIDIA A100-SXM4-40GB`.
  public var name: String
  /// Dense peak rate by format.
  ///
  /// A missing format is not supported by the device.
  public var peak: [MatrixFormat: Sourced<FlopsPerSecond>]
  /// Memory that the driver reports, not the marketing figure.
  public var memory: Sourced<Bytes>
  /// Memory taken by the driver context and libraries: seen by the device reading only.
  public var memoryContext: Sourced<Bytes>
  /// Memory bandwidth from the datasheet.
  public var memoryBandwidth: Sourced<BytesPerSecond>
  /// Number of multiprocessors (SMs, CUs, cores).
  public var multiprocessors: Sourced<Int>
  /// The board's power limit.
  public var powerLimit: Sourced<Watts>?
  /// Mean power while training.
  public var powerTraining: Sourced<Watts>?

  /// An accelerator from its parts.
  public init(
    name: String, peak: [MatrixFormat: Sourced<FlopsPerSecond>], memory: Sourced<Bytes>,
    memoryContext: Sourced<Bytes>, memoryBandwidth: Sourced<BytesPerSecond>,
    multiprocessors: Sourced<Int>, powerLimit: Sourced<Watts>? = nil,
    powerTraining: Sourced<Watts>? = nil
  ) {
    self.name = name
    self.peak = peak
    self.memory = memory
    self.memoryContext = memoryContext
    self.memoryBandwidth = memoryBandwidth
    self.multiprocessors = multiprocessors
    self.powerLimit = powerLimit
    self.powerTraining = powerTraining
  }
}
