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
      node: node(
        cores: session.machine.cores, memory: memory, copyBandwidth: fit.memory.copyBandwidth),
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

  /// A profile of a machine that nobody has measured yet: memory and cores are known, no speed is.
  ///
  /// Good for questions about memory alone; every speed is one per second.
  public static func unmeasured(
    _ machine: MachineFingerprint, residentBytes: Int?
  ) -> HardwareProfile {
    let rate = BytesPerSecond(1)
    let share = assumed(1.0)
    let none = Sourced(Seconds(0.0), origin: .assumed, source: "judgement")
    let memory = Sourced(Bytes(Double(machine.memoryBytes)), origin: .measured, source: "system")
    let law = GEMMCurve.LinearLaw(
      launch: Seconds(0.0), perFlop: 1, perByte: 0, perOutput: 0, measured: 0...0)
    return HardwareProfile(
      id: id, title: "\(machine.processor), not measured", asOf: "", datasheetOnly: false,
      accelerator: Accelerator(
        name: machine.processor, peak: [.fp32: assumed(FlopsPerSecond(1))], memory: memory,
        memoryContext: assumed(Bytes(Double(residentBytes ?? 64_000_000))),
        memoryBandwidth: assumed(rate), multiprocessors: assumed(machine.cores)),
      efficiency: Efficiency(
        gemm: assumed(.linear(law)), gemmRange: Range90(exactly: 1),
        attention: [
          Efficiency.AttentionCurve(headWidth: 64, plateau: FlopsPerSecond(1), half: 0)
        ], attentionOrigin: assumed(false), attentionMeasured: 1...1,
        memoryBound: Efficiency.MemoryBound(
          elementwise: share, normalization: share, softmax: share, optimizer: share),
        kernelLaunch: none, eagerOperator: none),
      node: node(cores: machine.cores, memory: memory, copyBandwidth: 1), network: network(),
      site: site(),
      sources: [
        "judgement": "Stands in until `foretrain bench` has measured this machine.",
        "system": "The operating system.",
      ])
  }

  private static func efficiency(_ fit: BenchFit) -> Efficiency {
    func share(_ share: MemoryFit.Share) -> Sourced<Double> {
      Sourced(
        share.typical, low: share.low, high: share.high, origin: .measured, source: "bench")
    }
    let call = measured(Seconds(fit.callSeconds))
    var efficiency = Efficiency(
      gemm: measured(.linear(fit.products.law)),
      gemmRange: Range90(low: fit.products.ratioLow, typical: 1, high: fit.products.ratioHigh),
      attention: fit.attention?.curves ?? [], attentionOrigin: measured(fit.attention != nil),
      attentionMeasured: fit.attention?.keys ?? 1...1,
      memoryBound: Efficiency.MemoryBound(
        elementwise: share(fit.memory.elementwise),
        normalization: share(fit.memory.normalization), softmax: share(fit.memory.softmax),
        optimizer: share(fit.memory.optimizer)),
      // On a CPU the host is the device: issuing a kernel and starting it are one call.
      kernelLaunch: call, eagerOperator: call)
    efficiency.kernels = fit.kernels?.laws(origin: measured(true))
    return efficiency
  }

  private static func node(
    cores: Int, memory: Sourced<Bytes>, copyBandwidth: Double
  ) -> Node {
    Node(
      accelerators: assumed(1), fabricKind: assumed("none"), fabricLink: nil,
      busBandwidth: assumed(BytesPerSecond(copyBandwidth / 2)),
      latency: assumed(Seconds(1e-6)), allReduce: [], allReduceOrigin: assumed(false),
      // Batches are made in the memory that the device reads: a copy, at a copy's rate.
      hostLink: Sourced(
        BytesPerSecond(copyBandwidth / 2), origin: .measured, source: "bench"),
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
