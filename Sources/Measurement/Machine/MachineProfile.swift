public import Clusters
import Quantities
import Workloads

/// The hardware profile `this-machine`: all cores of this machine as one device.
///
/// What was measured says so; what the model needs besides is assumed and says so. Price and power
/// are unknown, which is not zero.
public enum MachineProfile {
  /// The id of the profile.
  public static let id: String = "this-machine"

  /// The profile that a fit gives.
  ///
  /// - Parameters:
  ///   - fit: the constants.
  ///   - session: where they come from.
  ///   - residentBytes: memory that a process takes before it trains, for a session that does not
  ///     know it.
  /// - Returns: a profile of one node with one accelerator, fp32 only.
  public static func profile(
    from fit: BenchFit, session: BenchSession, residentBytes: Int? = nil
  ) -> HardwareProfile {
    let cores = session.threads
    let bandwidth = BytesPerSecond(fit.memory.bandwidth)
    let memory = measured(Bytes(Double(session.machine.memoryBytes)))
    return HardwareProfile(
      id: id,
      title: "\(session.machine.processor), \(cores) core\(cores == 1 ? "" : "s") as one device",
      asOf: String(session.startedAt.prefix(10)), datasheetOnly: false,
      accelerator: Accelerator(
        name: session.machine.processor, peak: [.fp32: measured(FlopsPerSecond(fit.peak))],
        memory: memory,
        memoryContext: (session.residentBytes ?? residentBytes).map { measured(Bytes(Double($0))) }
          ?? assumed(Bytes(64e6)),
        memoryBandwidth: measured(bandwidth), multiprocessors: measured(cores)),
      efficiency: efficiency(fit),
      node: node(cores: session.machine.cores, memory: memory, fit),
      network: network(), site: site(),
      sources: [
        "bench": "foretrain bench, \(session.startedAt), \(session.machine.processor), "
          + "\(session.machine.operatingSystem), "
          + (session.libraries[session.backend] ?? session.backend) + ", \(cores) threads, "
          + "\(session.quick ? "quick pass" : "full pass"), held-out error of products "
          + Format.fixed(100 * fit.products.heldOutError, digits: 1) + " % (median)",
        "judgement": "Assumed for a single machine without a network of its own.",
      ])
  }

  private static func efficiency(_ fit: BenchFit) -> Efficiency {
    func share(_ share: MemoryFit.Share) -> Sourced<Double> {
      Sourced(
        share.typical, low: min(share.low, share.typical), high: max(share.high, share.typical),
        origin: .measured, source: "bench")
    }
    let call = measured(Seconds(fit.callSeconds))
    return Efficiency(
      gemm: measured(.linear(fit.products.law)),
      gemmRange: Range90(low: fit.products.ratioLow, typical: 1, high: fit.products.ratioHigh),
      // The core has no fused attention: scores, softmax and weighted sum are separate kernels.
      attention: [], attentionOrigin: measured(false), attentionMeasured: 1...1,
      memoryBound: Efficiency.MemoryBound(
        elementwise: share(fit.memory.elementwise),
        normalization: share(fit.memory.normalization), softmax: share(fit.memory.softmax),
        optimizer: share(fit.memory.optimizer)),
      // On a CPU the host is the device: issuing a kernel and starting it are one call.
      kernelLaunch: call, eagerOperator: call)
  }

  private static func node(cores: Int, memory: Sourced<Bytes>, _ fit: BenchFit) -> Node {
    Node(
      accelerators: assumed(1), fabricKind: assumed("none"), fabricLink: nil,
      busBandwidth: assumed(BytesPerSecond(fit.memory.copyBandwidth / 2)),
      latency: assumed(Seconds(1e-6)), allReduce: [], allReduceOrigin: assumed(false),
      // Batches are made in the memory that the device reads: a copy, at a copy's rate.
      hostLink: Sourced(
        BytesPerSecond(fit.memory.copyBandwidth / 2), origin: .measured, source: "bench"),
      networkAdapters: assumed(1), networkLink: assumed(BytesPerSecond(0.125e9)),
      cores: measured(cores), hostMemory: memory, hostPower: assumed(0.5))
  }

  private static func network() -> Network {
    Network(
      topology: assumed("single machine"), busBandwidth: assumed(BytesPerSecond(0.125e9)),
      latencyBase: assumed(Seconds(50e-6)), latencyPerLocalRank: .zero,
      latencyPerDoubling: Seconds(50e-6), ramp: [], rampOrigin: assumed(false),
      scaleLossMiddle: assumed(1), scaleLossLarge: assumed(1), overlapCostWithinNode: assumed(0),
      overlapCostAcrossNodes: assumed(0))
  }

  private static func site() -> Site {
    Site(
      price: nil, priceNote: "no price: your own machine", pue: assumed(1), grid: nil,
      failuresPer1000NodeDays: assumed(1), restart: assumed(Seconds(60.0)),
      checkpointBandwidth: assumed(BytesPerSecond(200e6)))
  }

  private static func measured<Value>(_ value: Value) -> Sourced<Value> {
    Sourced(value, origin: .measured, source: "bench")
  }

  private static func assumed<Value>(_ value: Value) -> Sourced<Value> {
    Sourced(value, origin: .assumed, source: "judgement")
  }
}
