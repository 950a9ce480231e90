import Clusters
import CostModel
import Foundation
import Quantities
import Scenarios
import Testing
import Workloads

/// The network model against measured collectives (`Fixtures/collectives.csv` names the sources).
struct CollectivesTests {
  private struct Row {
    var set: String
    var nodes: Int
    var perNode: Int
    var kind: Collective.Kind
    var bytes: Double
    var seconds: Double
  }

  private func rows(_ set: String) throws -> [Row] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/collectives.csv")
    let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap {
      line -> Row? in
      let parts = line.split(separator: ",").map(String.init)
      guard parts.count == 6, parts[0] == set, let nodes = Int(parts[1]),
        let perNode = Int(parts[2]), let kind = Collective.Kind(rawValue: parts[3]),
        let bytes = Double(parts[4]), let microseconds = Double(parts[5])
      else { return nil }
      return Row(
        set: set, nodes: nodes, perNode: perNode, kind: kind, bytes: bytes,
        seconds: microseconds * 1e-6)
    }
    return try #require(rows.isEmpty ? nil : rows)
  }

  private func profile(_ id: String) throws -> HardwareProfile {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../hardware-profiles").standardizedFileURL.path
    return try HardwareCatalog(folders: [folder]).profile(id)
  }

  /// Logarithms of predicted over measured time.
  private func errors(
    _ set: String, _ id: String, bus gigabytes: Double? = nil, from least: Double = 0
  ) throws -> [Double] {
    var profile = try profile(id)
    if let gigabytes { profile.network.busBandwidth.value = BytesPerSecond(gigabytes * 1e9) }
    return try rows(set).filter { $0.bytes >= least }.map { row in
      let cluster = Cluster(profile: profile, accelerators: row.nodes * 8)
      let group = RankGroup(
        ranks: row.nodes * row.perNode, perNode: row.perNode, groupsPerNode: 1)
      let time = CollectiveTime(cluster: cluster, group: group)
      return log(time.seconds(row.kind, bytes: row.bytes) / row.seconds)
    }
  }

  private func mean(_ errors: [Double]) -> Double {
    errors.reduce(0) { $0 + abs($1) } / Double(errors.count)
  }

  /// 4 to 512 nodes, 64 MiB to 16 GiB, from one bus bandwidth: 9 % mean, 22 % at most.
  @Test func bandwidthFallsWithNodesAsMeasured() throws {
    let errors = try errors("h100-infiniband", "h100-80gb-sxm-dgx")
    #expect(mean(errors) < 0.1)
    #expect(errors.allSatisfy { abs($0) < 0.22 })
  }

  /// 256 ranks on 32 nodes, a few bytes: the tree's latency.
  @Test func smallMessagesCostTheTreesLatency() throws {
    let errors = try errors("a100-infiniband-small", "a100-80gb-sxm-dgx", bus: 96)
    #expect(mean(errors) < 0.05)
  }

  /// A gather has no tree; 16 MiB to 8 GiB at 0.94 of line rate.
  @Test func gathersFollowTheRing() throws {
    let errors = try errors("h100-a3-mega", "h100-80gb-sxm-dgx", bus: 188)
    #expect(mean(errors) < 0.08)
  }

  /// Two nodes are a case of their own: the tree uses links both ways, and all-reduces in the switch
  /// are faster than the ring by a quarter.
  @Test func twoNodesAreFasterThanTheRing() throws {
    let large = try errors(
      "infiniband-two-nodes", "h100-80gb-sxm-dgx", from: 256 * 1024 * 1024)
    #expect(large.allSatisfy { $0 > 0 && $0 < 0.3 })
    let middle = try errors("infiniband-two-nodes", "h100-80gb-sxm-dgx", from: 4 * 1024 * 1024)
    #expect(mean(middle) < 0.22)
  }

  /// 2, 4 and 8 ranks of one node from one table of 8.
  @Test func partsOfANodeFollowItsTable() throws {
    let errors = try errors("a100-node", "a100-80gb-sxm-dgx", from: 16 * 1024 * 1024)
    #expect(mean(errors) < 0.15)
  }
}
