import Clusters
import Quantities
import Strategies
import Workloads

/// What an estimate rests on: every sourced value that entered it, with its origin.
struct Assumptions {
  let workload: Workload
  let cluster: Cluster
  let strategy: Strategy
  let uncertainty: Uncertainty

  /// All values, in a fixed order.
  func all() -> [Assumption] { device + speeds + fabric + site + software + data }

  private var profile: HardwareProfile { cluster.profile }

  private func entry<Value>(
    _ key: String, _ sourced: Sourced<Value>, _ text: (Value) -> String,
    sources: [String: String]? = nil
  ) -> Assumption {
    var value = text(sourced.value)
    if let low = sourced.low, let high = sourced.high {
      value += " (\(text(low)) to \(text(high)))"
    }
    return Assumption(
      key: key, value: value, origin: sourced.origin,
      source: (sources ?? profile.sources)[sourced.source] ?? sourced.source)
  }

  private func quantity<Unit>(_ key: String, _ sourced: Sourced<Quantity<Unit>>) -> Assumption {
    entry(key, sourced) { $0.description }
  }

  private func number(_ value: Double) -> String { Format.significant(value) }

  private var device: [Assumption] {
    let device = profile.accelerator
    var all = [
      quantity("accelerator.memory", device.memory),
      quantity("accelerator.memory_context", device.memoryContext),
      quantity("accelerator.memory_bandwidth", device.memoryBandwidth),
      entry("accelerator.multiprocessors", device.multiprocessors) { "\($0)" },
    ]
    let format = strategy.precision.matrixFormat
    if let peak = device.peak[format] {
      all.append(quantity("accelerator.peak.\(format.rawValue)", peak))
    }
    return all
  }

  private var speeds: [Assumption] {
    let efficiency = profile.efficiency
    let shares = efficiency.memoryBound
    var all = [
      entry("efficiency.gemm", efficiency.gemm) { curve in
        switch curve {
        case .tileWave(let wave): "tile and wave model, \(wave.tiles.count) tiles"
        case .plateau(let plateau): "plateau at \(number(plateau.efficiency)) of peak"
        case .linear(let law): "fitted law, launch \(law.launch)"
        }
      },
      entry("efficiency.memory_bound.elementwise", shares.elementwise, number),
      entry("efficiency.memory_bound.normalization", shares.normalization, number),
      entry("efficiency.memory_bound.softmax", shares.softmax, number),
      entry("efficiency.memory_bound.optimizer", shares.optimizer, number),
      quantity("efficiency.kernel_launch", efficiency.kernelLaunch),
    ]
    let kernels = Set(strategy.attention.values).union([strategy.defaultAttention])
    if kernels.contains(.flash) {
      all.append(
        entry("efficiency.attention", efficiency.attentionOrigin) { _ in
          "\(efficiency.attention.count) curves by head width"
        })
    }
    if strategy.software.isEager {
      all.append(quantity("efficiency.eager_operator", efficiency.eagerOperator))
    }
    return all
  }

  private var fabric: [Assumption] {
    guard cluster.accelerators > 1 else { return [] }
    let node = profile.node
    guard cluster.nodes > 1 else {
      return [
        quantity("node.bus_bandwidth", node.busBandwidth), quantity("node.latency", node.latency),
      ]
    }
    let network = profile.network
    return [
      entry("network.topology", network.topology) { $0 },
      quantity("network.bus_bandwidth", network.busBandwidth),
      quantity("network.latency", network.latencyBase),
      entry("network.scale_loss_large", network.scaleLossLarge, number),
    ]
  }

  private var site: [Assumption] {
    let site = profile.site
    var all: [Assumption] = []
    if let price = site.price {
      var line = quantity("site.price", price)
      if !site.priceNote.isEmpty { line.value += ", " + site.priceNote }
      all.append(line)
    }
    if let power = RunBill(cluster: cluster).power {
      all.append(quantity("accelerator.power", power))
    }
    all.append(entry("node.host_power_share", profile.node.hostPower, number))
    all.append(entry("site.pue", site.pue, number))
    if let grid = site.grid {
      all.append(entry("site.grid", grid) { "\(number($0.value * 3.6e6)) g/kWh" })
    }
    all.append(
      entry("site.failures_per_1000_node_days", site.failuresPer1000NodeDays, number))
    all.append(quantity("site.restart", site.restart))
    all.append(quantity("site.checkpoint_bandwidth", site.checkpointBandwidth))
    return all
  }

  private var software: [Assumption] {
    let software = strategy.software
    func stack<Value>(
      _ key: String, _ sourced: Sourced<Value>, _ text: (Value) -> String
    ) -> Assumption {
      entry("software." + key, sourced, text, sources: software.sources)
    }
    func range(_ range: Range90) -> String {
      "\(number(range.typical)) (\(number(range.low)) to \(number(range.high)))"
    }
    return [
      stack("elementwise_factor", software.elementwiseFactor, number),
      stack(
        "misaligned_scores_factor", software.misalignedScores(on: profile.accelerator), number),
      stack("allocator_loss", software.allocatorLoss, number),
      spread(range) ?? stack("time_range", software.timeRange, range),
      stack("memory_range", software.memoryRange, range),
    ]
      + (software.inputRateLimit.map { [stack("input_rate_limit", $0) { $0.description }] } ?? [])
  }

  /// How far published steps of such runs lie from predicted ones; nil where nothing was fitted.
  private func spread(_ text: (Range90) -> String) -> Assumption? {
    guard uncertainty.isPublished, let spreads = strategy.software.spreads else { return nil }
    let ends = uncertainty.whole
    let typical = strategy.software.timeRange.value.typical
    let range = Range90(low: ends.low * typical, typical: typical, high: ends.high * typical)
    return Assumption(
      key: "software.time_range", value: "\(text(range)), \(uncertainty.kind.rawValue)",
      origin: .published, source: spreads.basis)
  }

  private var data: [Assumption] {
    var all = [
      entry("workload.samples_seen", workload.samplesSeen, { Format.fixed($0, digits: 0) })
    ]
    if let limit = workload.inputRateLimit {
      all.append(quantity("workload.input_rate_limit", limit))
    }
    return all
  }
}
