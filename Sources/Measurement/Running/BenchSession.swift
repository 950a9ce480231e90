public import Quantities

/// What all samples of one bench share.
public struct BenchSession: Sendable, Hashable, Codable {
  /// The machine.
  public var machine: MachineFingerprint
  /// The library whose constants are fitted.
  public var backend: String
  /// Versions of all libraries, by name.
  public var libraries: [String: String]
  /// Workers that kernels were spread over.
  public var threads: Int
  /// Whether it was a quick pass.
  public var quick: Bool
  /// Seed of sizes and order.
  public var seed: UInt64
  /// When it began, ISO 8601, UTC.
  public var startedAt: String
  /// Memory that the process took before the bench allocated any; nil where unknown.
  public var residentBytes: Int?

  /// A session.
  public init(
    machine: MachineFingerprint, backend: String, libraries: [String: String], threads: Int,
    quick: Bool, seed: UInt64, startedAt: String, residentBytes: Int? = nil
  ) {
    self.machine = machine
    self.backend = backend
    self.libraries = libraries
    self.threads = threads
    self.quick = quick
    self.seed = seed
    self.startedAt = startedAt
    self.residentBytes = residentBytes
  }
}

/// Receives a bench's samples while it runs, so that an interruption loses none.
public protocol BenchSink {
  /// Called once, before any sample.
  mutating func begin(_ session: BenchSession) throws
  /// Called with a few samples at a time, several times a second.
  mutating func record(_ samples: [BenchSample]) throws
}

/// A sink that keeps nothing.
public struct DiscardingSink: BenchSink {
  /// A sink.
  public init() {}
  /// Does nothing.
  public mutating func begin(_ session: BenchSession) {}
  /// Does nothing.
  public mutating func record(_ samples: [BenchSample]) {}
}

/// How far a bench is.
public struct BenchProgress: Sendable, Hashable {
  /// Items whose interval is tight.
  public var finished: Int
  /// All items.
  public var items: Int
  /// Samples so far.
  public var samples: Int
  /// Time since the start.
  public var elapsed: Seconds
  /// Time given.
  public var budget: Seconds
}
