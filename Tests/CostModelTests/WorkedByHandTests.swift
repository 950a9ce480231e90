import Clusters
import CostModel
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

/// Peaks that were worked out by hand, tensor by tensor, for E/14+ and 18B: `Documentation/lsa-itc.md`.
struct WorkedByHandTests {
  private static let gib = 1024.0 * 1024 * 1024

  private struct Setup {
    var estimate: Estimate
    var largest: Int
    var gibibytes: Double { estimate.memory.allocated.value / WorkedByHandTests.gib }
  }

  private func setup(
    _ model: ModelSpec, memory: Double, ranks: Int, microBatch: Int, zero: Int,
    patchDropout: Double = 0.5, method: CalibrationMethod = .none
  ) -> Setup {
    let cluster = Cluster(
      profile: SampleHardware.a100(memoryGiB: memory), accelerators: ranks)
    let workload = SampleSetups.workload(
      model, globalBatch: microBatch * ranks, patchDropout: patchDropout, optimizer: .lamb,
      calibration: CalibrationSettings(method: method))
    let estimator = Estimator(scenario: "hand", workload: workload, cluster: cluster)
    let strategy = SampleSetups.strategy(
      microBatch: microBatch, ranks: ranks, zero: zero, recomputation: .full)
    return Setup(
      estimate: estimator.estimate(strategy, complete: false),
      largest: estimator.maxMicroBatch(strategy, calibration: workload.calibration))
  }

  /// By hand: weights 9.4, block inputs 27.6, one recomputed block 10.8 + 4.6, buckets 1.9, a
  /// little gradient: 56 GiB at the first image block's backward.
  ///
  /// The sum of maxima would say 68.
  @Test func enormousPlusAt1000FitsOn80GiB() {
    let found = setup(SampleModels.evaE14Plus, memory: 79.15, ranks: 144, microBatch: 1000, zero: 1)
    #expect(found.estimate.memory.verdict == .fits)
    #expect(abs(found.gibibytes - 56) < 1.5)
    #expect(found.estimate.memory.peakPhase == "backward")
    #expect(found.estimate.memory.peakInstant == "image block, backward with recomputation")
    let parameters = found.estimate.memory.parameters.value / Self.gib
    #expect(abs(parameters - 9.4) < 0.05)
    // Only the gradients of the text tower and of one image block exist at the peak.
    #expect(found.estimate.memory.gradients < found.estimate.memory.parameters * 0.2)
  }

  @Test func enormousPlusAt1000DoesNotFitOn40GiB() {
    let found = setup(SampleModels.evaE14Plus, memory: 39.39, ranks: 144, microBatch: 1000, zero: 1)
    #expect(found.estimate.memory.verdict == .doesNotFit)
    #expect(found.largest < 1000)
  }

  /// By hand: 34 GiB at 129 tokens, 60 at 257.
  @Test func eighteenBillionNeedsZeRO3AndPatchDropout() {
    func at(_ zero: Int, _ dropout: Double) -> Setup {
      setup(
        SampleModels.eva18B, memory: 39.39, ranks: 360, microBatch: 300, zero: zero,
        patchDropout: dropout)
    }
    let sharded = at(3, 0.5)
    #expect(sharded.estimate.memory.verdict != .doesNotFit)
    #expect(abs(sharded.estimate.memory.peak.value / Self.gib - 34) < 3)
    #expect(at(1, 0.5).estimate.memory.verdict == .doesNotFit)
    #expect(at(1, 0.5).largest == 0)
    let whole = at(3, 0)
    #expect(whole.estimate.memory.verdict == .doesNotFit)
    #expect(abs(whole.estimate.memory.peak.value / Self.gib - 60) < 3)
  }

  /// By hand: 79 to 83 GiB with both branches live, about 63 one after the other; about 900 fit.
  @Test func bothBranchesLiveDoNotFitAt1000() {
    func at(_ microBatch: Int, _ method: CalibrationMethod) -> Setup {
      setup(
        SampleModels.evaE14Plus, memory: 79.15, ranks: 144, microBatch: microBatch, zero: 1,
        method: method)
    }
    let together = at(1000, .lsaITC)
    #expect(together.estimate.memory.verdict == .doesNotFit)
    #expect(together.gibibytes > 79 && together.gibibytes < 83)
    #expect(abs(Double(together.largest) - 900) < 45)
    #expect(abs(at(800, .lsaITC).gibibytes - 67) < 2)
    #expect(abs(at(600, .lsaITC).gibibytes - 54) < 2)
    let sequential = at(1000, .lsaITCSequential)
    #expect(abs(sequential.gibibytes - 63) < 2)
    #expect(sequential.largest > 1000)
  }
}
