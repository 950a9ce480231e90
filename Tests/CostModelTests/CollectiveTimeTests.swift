import Clusters
import CostModel
import Quantities
import TestSupport
import Testing
import Workloads

struct CollectiveTimeTests {
  private func time(_ accelerators: Int) -> CollectiveTime {
    CollectiveTime(
      cluster: Cluster(
        profile: SampleHardware.a100(memoryGiB: 39.39), accelerators: accelerators))
  }

  @Test func oneRankNeedsNone() {
    #expect(time(1).seconds(.allReduce, bytes: 1e9) == 0)
  }

  /// `2 (n-1)/n S / busbw + latency` by hand: 8 ranks, 1 GB, 230 GB/s, 20 us.
  @Test func withinANode() {
    let expected = 20e-6 + 2 * 7.0 / 8 * 1e9 / 230e9
    #expect(abs(time(8).seconds(.allReduce, bytes: 1e9) / expected - 1) < 1e-12)
    let half = 20e-6 + 7.0 / 8 * 1e9 / 230e9
    #expect(abs(time(8).seconds(.allGather, bytes: 1e9) / half - 1) < 1e-12)
  }

  /// 4 nodes, no loss by scale yet: the ring with whole buffers is fastest.
  ///
  /// 23.2 us that the sample's network takes beyond NCCL's tree, 8.4 us, 56 steps of 3.4 us inside
  /// nodes and 6 of 14 us between them, then the bytes.
  @Test func acrossNodes() {
    let latency = 23.2e-6 + 8.4e-6 + 56 * 3.4e-6 + 6 * 14e-6
    let expected = latency + 2 * 31.0 / 32 * 1e9 / 190e9
    #expect(abs(time(32).seconds(.allReduce, bytes: 1e9) / expected - 1) < 1e-12)
  }

  /// A few bytes: the tree, `30 + 7 x 1.2 + 2 x 10` us with the sample's 8 us a doubling as 10.
  @Test func smallMessagesTakeTheTree() {
    let expected = 23.2e-6 + 6.8e-6 + 2 * (7 * 0.6e-6 + 2 * 5e-6)
    #expect(abs(time(32).seconds(.allReduce, bytes: 8) / expected - 1) < 1e-3)
  }

  @Test func manyNodesCostBandwidth() {
    let four = time(32).seconds(.reduceScatter, bytes: 4e9)
    let sixteen = time(128).seconds(.reduceScatter, bytes: 4e9)
    #expect(sixteen > four / 0.98)
  }

  @Test func aMeasuredTableIsInterpolated() {
    var profile = SampleHardware.a100(memoryGiB: 39.39)
    profile.node.allReduce = [
      CollectivePoint(size: Bytes(1e6), time: Seconds(1e-4)),
      CollectivePoint(size: Bytes(1e8), time: Seconds(1e-2)),
    ]
    let measured = CollectiveTime(cluster: Cluster(profile: profile, accelerators: 8))
    #expect(abs(measured.seconds(.allReduce, bytes: 1e7) - 1e-3) < 1e-9)
    #expect(abs(measured.seconds(.allReduce, bytes: 1e9) - 1e-1) < 1e-9)
    #expect(abs(measured.seconds(.allGather, bytes: 1e7) - 0.5e-3) < 1e-9)
  }
}
