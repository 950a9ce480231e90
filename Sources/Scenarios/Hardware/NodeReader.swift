import Clusters
import Quantities

/// Reads the `node` and `network` sections.
enum NodeReader {
  static func node(_ section: Section) -> Node {
    let fabric = section.section("fabric") { section in
      (
        kind: section.sourced("kind", .text),
        link: section.optionalSourced("link", .positive(Per<Byte, Second>.self)),
        busBandwidth: section.sourced("bus_bandwidth", .positive(Per<Byte, Second>.self)),
        latency: section.sourced("latency", .quantity(of: Second.self)),
        allReduce: section.section("all_reduce", allReduce)
      )
    }
    return Node(
      accelerators: section.sourced("accelerators", .count), fabricKind: fabric.kind,
      fabricLink: fabric.link, busBandwidth: fabric.busBandwidth, latency: fabric.latency,
      allReduce: fabric.allReduce.points, allReduceOrigin: fabric.allReduce.origin,
      hostLink: section.sourced("host_link", .positive(Per<Byte, Second>.self)),
      networkAdapters: section.sourced("network_adapters", .countFromZero),
      networkLink: section.sourced("network_link", .quantity(of: Per<Byte, Second>.self)),
      cores: section.sourced("cores", .count),
      hostMemory: section.sourced("host_memory", .positive(Byte.self)),
      hostPower: section.sourced("host_power", .nonNegativeNumber))
  }

  private static func allReduce(
    _ section: Section
  ) -> (points: [CollectivePoint], origin: Sourced<Bool>) {
    let point = Reading.section(
      standIn: CollectivePoint(size: Quantity(1.0), time: Quantity(1.0)),
      example: "{size: 1 MiB, time: 30 us}"
    ) {
      CollectivePoint(
        size: $0.required("size", .positive(Byte.self)),
        time: $0.required("time", .positive(Second.self)))
    }
    let points = section.required("points", .list(of: point))
    checkOrder(of: points.map(\.size), section)
    let holds = section.value("holds", .bool, default: !points.isEmpty)
    return (points, section.vouched(holds))
  }

  static func network(_ section: Section) -> Network {
    let latency = section.section("latency") { section in
      (
        base: section.sourced("base", .quantity(of: Second.self)),
        local: section.quantity("per_local_rank", of: Second.self),
        doubling: section.quantity("per_doubling_of_nodes", of: Second.self)
      )
    }
    let ramp = section.section("ramp") { section in
      let point = Reading.section(
        standIn: Network.RampPoint(size: Quantity(1.0), factor: 1),
        example: "{size: 8 MiB, factor: 1.7}"
      ) {
        Network.RampPoint(
          size: $0.required("size", .positive(Byte.self)),
          factor: $0.required("factor", .number.checked("at least 1") { $0 >= 1 }))
      }
      let points = section.required("points", .list(of: point))
      checkOrder(of: points.map(\.size), section)
      let holds = section.value("holds", .bool, default: !points.isEmpty)
      return (points: points, origin: section.vouched(holds))
    }
    let scaleLoss = section.section("scale_loss") { section in
      (
        middle: section.sourced("middle", .positiveFraction),
        large: section.sourced("large", .positiveFraction)
      )
    }
    let overlap = section.section("overlap_cost") { section in
      (
        within: section.sourced("within_node", .fraction),
        across: section.sourced("across_nodes", .fraction)
      )
    }
    return Network(
      topology: section.sourced("topology", .text),
      busBandwidth: section.sourced("bus_bandwidth", .positive(Per<Byte, Second>.self)),
      latencyBase: latency.base, latencyPerLocalRank: latency.local,
      latencyPerDoubling: latency.doubling, ramp: ramp.points, rampOrigin: ramp.origin,
      scaleLossMiddle: scaleLoss.middle, scaleLossLarge: scaleLoss.large,
      overlapCostWithinNode: overlap.within, overlapCostAcrossNodes: overlap.across)
  }

  private static func checkOrder(of sizes: [Bytes], _ section: Section) {
    guard zip(sizes, sizes.dropFirst()).contains(where: { $0 >= $1 }) else { return }
    section.error("points", "'\(section.path("points"))' is not sorted by growing size")
  }
}
