import Measurement
import Quantities
import TrainingCore
import Workloads

/// A clock that stands still unless a machine moves it.
final class FakeClock: BenchClock, @unchecked Sendable {
  var seconds = 0.0
  func now() -> Seconds { Seconds(seconds) }
}

/// A machine with a known law: every kernel takes `law` seconds, times noise, times how slow the
/// machine is at that moment.
struct FakeMachine: BenchMachine {
  var backends: [String] = ["openblas"]
  let clock: FakeClock
  var launch = 2e-6
  var perFlop = 1e-11
  var perByte = 4e-11
  var perOutput = 3e-10
  /// Bytes per second of memory-bound kernels.
  var byteRate = 2e10
  /// Speed-up of a library over the law.
  var speed: [String: Double] = [:]
  /// Slow-down at a time.
  var slowness: @Sendable (Double) -> Double = { _ in 1 }
  /// Relative noise of a sample, uniform.
  var noise = 0.01
  /// Share of samples that take ten times as long.
  var outliers = 0.0
  var random = SeededGenerator(seed: 11)

  func law(_ kernel: BenchKernel) -> Double {
    switch kernel {
    case .emptyCall: return 1e-6
    case .referenceBlock: return 2e-3
    case .pass, .inChain, .contrastiveLoss: return kernel.bytes / byteRate
    case .attention: return launch + 2 * perFlop * kernel.flops
    case .warm(let kernel): return 0.5 * law(kernel)
    case .spread(let kernel, let workers): return law(kernel) / Double(workers)
    case .memoryBound(let memory, _, _):
      let share = memory.kind == .softmax ? 0.5 : memory.kind == .optimizer ? 1.5 : 1
      return kernel.bytes / (byteRate * share)
    case .product(let m, let n, _, let count, _, _):
      return launch * Double(count) + perFlop * kernel.flops + perByte * kernel.bytes
        + perOutput * Double(m * n * count)
    }
  }

  mutating func run(_ kernel: BenchKernel, backend: String, calls: Int) {
    var seconds = law(kernel) * Double(calls) / (speed[backend] ?? 1)
    seconds *= 1 + noise * Double.random(in: -1...1, using: &random)
    if Double.random(in: 0...1, using: &random) < outliers { seconds *= 10 }
    clock.seconds += seconds * slowness(clock.seconds)
  }
}

/// SplitMix64.
///
/// Source: Steele, Lea and Flood, Fast splittable pseudorandom number generators, OOPSLA 2014.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

/// Keeps what it is given.
struct KeepingSink: BenchSink {
  var session: BenchSession?
  var samples: [BenchSample] = []
  var batches = 0

  mutating func begin(_ session: BenchSession) { self.session = session }
  mutating func record(_ samples: [BenchSample]) {
    self.samples += samples
    batches += 1
  }
}

let fingerprint = MachineFingerprint(
  processor: "Test CPU", vectors: "avx2", cores: 2, memoryBytes: 8_000_000_000,
  operatingSystem: "Testix 1")

func session(backend: String = "", quick: Bool = true) -> BenchSession {
  BenchSession(
    machine: fingerprint, backend: backend, libraries: ["openblas": "OpenBLAS 0"], threads: 2,
    quick: quick, seed: 1, startedAt: "2026-01-02T03:04:05Z")
}

/// Runs a bench on a fake machine.
func measure(
  _ machine: FakeMachine, options: BenchOptions = .quick, isCancelled: () -> Bool = { false }
) throws -> (BenchResult, KeepingSink) {
  var bench = try Bench(
    options: options, session: session(), machine: machine, clock: machine.clock)
  var sink = KeepingSink()
  let result = try bench.run(into: &sink, isCancelled: isCancelled)
  return (result, sink)
}
