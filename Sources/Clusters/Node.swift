public import Quantities

/// One measured collective: so many bytes took so long.
public struct CollectivePoint: Sendable, Hashable {
  /// Bytes of the message, per rank.
  public var size: Bytes
  /// Its time.
  public var time: Seconds
  /// A point.
  public init(size: Bytes, time: Seconds) {
    self.size = size
    self.time = time
  }
}

/// A server: accelerators, the fabric between them, network adapters and a host.
public struct Node: Sendable, Hashable {
  /// Accelerators per node.
  public var accelerators: Sourced<Int>
  /// For example `nvswitch`, `nvlink3-all-to-all`, `pcie`, `none`.
  public var fabricKind: Sourced<String>
  /// One accelerator's link into the fabric, one direction.
  public var fabricLink: Sourced<BytesPerSecond>?
  /// Bus bandwidth of a large all-reduce within the node (nccl-tests definition).
  public var busBandwidth: Sourced<BytesPerSecond>
  /// Latency of a small collective within the node.
  public var latency: Sourced<Seconds>
  /// Measured all-reduces within the whole node, sorted by size; may be empty.
  public var allReduce: [CollectivePoint]
  /// Who measured them.
  public var allReduceOrigin: Sourced<Bool>
  /// Host to device bandwidth per accelerator.
  public var hostLink: Sourced<BytesPerSecond>
  /// Network adapters per node.
  public var networkAdapters: Sourced<Int>
  /// One adapter's rate, one direction.
  public var networkLink: Sourced<BytesPerSecond>
  /// Processor cores per node.
  public var cores: Sourced<Int>
  /// Host memory per node.
  public var hostMemory: Sourced<Bytes>
  /// Host power as a share of the accelerators' power.
  public var hostPower: Sourced<Double>

  /// A node from its parts.
  public init(
    accelerators: Sourced<Int>, fabricKind: Sourced<String>, fabricLink: Sourced<BytesPerSecond>?,
    busBandwidth: Sourced<BytesPerSecond>, latency: Sourced<Seconds>,
    allReduce: [CollectivePoint], allReduceOrigin: Sourced<Bool>,
    hostLink: Sourced<BytesPerSecond>, networkAdapters: Sourced<Int>,
    networkLink: Sourced<BytesPerSecond>, cores: Sourced<Int>, hostMemory: Sourced<Bytes>,
    hostPower: Sourced<Double>
  ) {
    self.accelerators = accelerators
    self.fabricKind = fabricKind
    self.fabricLink = fabricLink
    self.busBandwidth = busBandwidth
    self.latency = latency
    self.allReduce = allReduce
    self.allReduceOrigin = allReduceOrigin
    self.hostLink = hostLink
    self.networkAdapters = networkAdapters
    self.networkLink = networkLink
    self.cores = cores
    self.hostMemory = hostMemory
    self.hostPower = hostPower
  }
}
