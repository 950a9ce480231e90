public import Clusters
import Quantities

/// Writes a profile as YAML that `HardwareProfileReader` reads back to an equal profile.
///
/// For files that the program makes itself, such as the profile of this machine.
public enum HardwareProfileWriter {
  /// The text of a profile; the same profile gives the same bytes.
  public static func text(of profile: HardwareProfile) -> String {
    var writer = YAMLWriter()
    writer.line("schema: " + HardwareProfileReader.schema)
    writer.line("id: " + ExactText.text(profile.id))
    writer.line("title: " + ExactText.text(profile.title))
    writer.line("as_of: \"\(profile.asOf)\"")
    writer.line("datasheet_only: \(profile.datasheetOnly)")
    writer.section("accelerator") { accelerator(profile.accelerator, &$0) }
    writer.section("efficiency") { efficiency(profile.efficiency, &$0) }
    writer.section("node") { node(profile.node, &$0) }
    writer.section("network") { network(profile.network, &$0) }
    writer.section("site") { site(profile.site, &$0) }
    if !profile.sources.isEmpty {
      writer.section("sources") { writer in
        for (id, citation) in profile.sources.sorted(by: { $0.key < $1.key }) {
          writer.line(ExactText.text(id) + ": " + ExactText.text(citation))
        }
      }
    }
    return writer.text
  }

  private static func accelerator(_ accelerator: Accelerator, _ writer: inout YAMLWriter) {
    writer.line("name: " + ExactText.text(accelerator.name))
    writer.section("peak") { writer in
      for format in MatrixFormat.allCases {
        writer.quantity(format.rawValue, accelerator.peak[format])
      }
    }
    writer.quantity("memory", accelerator.memory)
    writer.quantity("memory_context", accelerator.memoryContext)
    writer.quantity("memory_bandwidth", accelerator.memoryBandwidth)
    writer.sourced("multiprocessors", accelerator.multiprocessors) { "\($0)" }
    writer.quantity("power_limit", accelerator.powerLimit)
    writer.quantity("power_training", accelerator.powerTraining)
  }

  private static func efficiency(_ efficiency: Efficiency, _ writer: inout YAMLWriter) {
    writer.section("gemm") { writer in
      writer.provenance(efficiency.gemm)
      let range = efficiency.gemmRange
      writer.line(
        "range: {low: \(ExactText.number(range.low)), typical: \(ExactText.number(range.typical)),"
          + " high: \(ExactText.number(range.high))}")
      curve(efficiency.gemm.value, &writer)
    }
    writer.section("attention") { writer in
      writer.provenance(efficiency.attentionOrigin)
      writer.holds(efficiency.attentionOrigin.value, unless: !efficiency.attention.isEmpty)
      let measured = efficiency.attentionMeasured
      writer.line("measured_tokens: {low: \(measured.lowerBound), high: \(measured.upperBound)}")
      writer.list(
        "curves",
        efficiency.attention.map { curve in
          "{head_width: \(curve.headWidth), plateau: \(ExactText.quantity(curve.plateau)),"
            + " half: \(ExactText.number(curve.half))}"
        })
    }
    writer.section("memory_bound") { writer in
      writer.number("elementwise", efficiency.memoryBound.elementwise)
      writer.number("normalization", efficiency.memoryBound.normalization)
      writer.number("softmax", efficiency.memoryBound.softmax)
      writer.number("optimizer", efficiency.memoryBound.optimizer)
    }
    writer.section("launch") { writer in
      writer.quantity("kernel", efficiency.kernelLaunch)
      writer.quantity("eager_operator", efficiency.eagerOperator)
    }
    if let kernels = efficiency.kernels {
      writer.section("kernels") { KernelLawsWriter.write(kernels, &$0) }
    }
  }

  private static func curve(_ curve: GEMMCurve, _ writer: inout YAMLWriter) {
    switch curve {
    case .tileWave(let model):
      writer.line("model: tile-wave")
      writer.line("launch: " + ExactText.quantity(model.launch))
      writer.line("tile_overhead: " + ExactText.quantity(model.tileOverhead))
      writer.line("split_k_overhead: " + ExactText.quantity(model.splitKOverhead))
      writer.line("split_k_traffic: " + ExactText.number(model.splitKTraffic))
      writer.line("split_k: [" + model.splitK.map { "\($0)" }.joined(separator: ", ") + "]")
      writer.line("wave_weight: " + ExactText.number(model.waveWeight))
      writer.line("memory_floor: " + ExactText.number(model.memoryFloor))
      writer.line("misaligned: " + ExactText.number(model.misaligned))
      writer.list(
        "tiles",
        model.tiles.map {
          "{m: \($0.m), n: \($0.n), efficiency: \(ExactText.number($0.efficiency))}"
        })
    case .plateau(let model):
      writer.line("model: plateau")
      writer.line("efficiency: " + ExactText.number(model.efficiency))
      writer.line("half_k: " + ExactText.number(model.halfK))
      writer.line("launch: " + ExactText.quantity(model.launch))
      writer.line("memory_floor: " + ExactText.number(model.memoryFloor))
    case .linear(let model):
      writer.line("model: linear")
      writer.line("launch: " + ExactText.quantity(model.launch))
      writer.line("seconds_per_flop: " + ExactText.number(model.perFlop))
      writer.line("seconds_per_byte: " + ExactText.number(model.perByte))
      writer.line("seconds_per_output: " + ExactText.number(model.perOutput))
      let low = ExactText.number(model.measured.lowerBound)
      let high = ExactText.number(model.measured.upperBound)
      writer.line("measured_flops: {low: \(low), high: \(high)}")
    }
  }

  private static func node(_ node: Node, _ writer: inout YAMLWriter) {
    writer.sourced("accelerators", node.accelerators) { "\($0)" }
    writer.section("fabric") { writer in
      writer.sourced("kind", node.fabricKind, ExactText.text)
      writer.quantity("link", node.fabricLink)
      writer.quantity("bus_bandwidth", node.busBandwidth)
      writer.quantity("latency", node.latency)
      writer.section("all_reduce") { writer in
        writer.provenance(node.allReduceOrigin)
        writer.holds(node.allReduceOrigin.value, unless: !node.allReduce.isEmpty)
        writer.list(
          "points",
          node.allReduce.map {
            "{size: \(ExactText.quantity($0.size)), time: \(ExactText.quantity($0.time))}"
          })
      }
    }
    writer.quantity("host_link", node.hostLink)
    writer.sourced("network_adapters", node.networkAdapters) { "\($0)" }
    writer.quantity("network_link", node.networkLink)
    writer.sourced("cores", node.cores) { "\($0)" }
    writer.quantity("host_memory", node.hostMemory)
    writer.number("host_power", node.hostPower)
  }

  private static func network(_ network: Network, _ writer: inout YAMLWriter) {
    writer.sourced("topology", network.topology, ExactText.text)
    writer.quantity("bus_bandwidth", network.busBandwidth)
    writer.section("latency") { writer in
      writer.quantity("base", network.latencyBase)
      writer.line("per_local_rank: " + ExactText.quantity(network.latencyPerLocalRank))
      writer.line("per_doubling_of_nodes: " + ExactText.quantity(network.latencyPerDoubling))
    }
    writer.section("ramp") { writer in
      writer.provenance(network.rampOrigin)
      writer.holds(network.rampOrigin.value, unless: !network.ramp.isEmpty)
      writer.list(
        "points",
        network.ramp.map {
          "{size: \(ExactText.quantity($0.size)), factor: \(ExactText.number($0.factor))}"
        })
    }
    writer.section("scale_loss") { writer in
      writer.number("middle", network.scaleLossMiddle)
      writer.number("large", network.scaleLossLarge)
    }
    writer.section("overlap_cost") { writer in
      writer.number("within_node", network.overlapCostWithinNode)
      writer.number("across_nodes", network.overlapCostAcrossNodes)
    }
  }

  private static func site(_ site: Site, _ writer: inout YAMLWriter) {
    if site.price == nil { writer.line("price: unknown") }
    writer.quantity("price", site.price)
    writer.line("price_note: " + ExactText.text(site.priceNote))
    writer.number("pue", site.pue)
    writer.quantity("grid", site.grid)
    writer.number("failures_per_1000_node_days", site.failuresPer1000NodeDays)
    writer.quantity("restart", site.restart)
    writer.quantity("checkpoint_bandwidth", site.checkpointBandwidth)
  }
}
