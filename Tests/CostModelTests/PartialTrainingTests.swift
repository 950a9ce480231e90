import Clusters
import CostModel
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

/// What it costs to train a part of a tower: never more than a larger part.
@Suite("Costs of partly trained towers")
struct PartialTrainingTests {
  private func estimate(
    _ partial: [String: Trainability], ranks: Int = 8, zero: Int = 0,
    software: SoftwareStack = SampleSetups.masterCopyStack,
    calibration: CalibrationSettings = .none
  ) -> Estimate {
    let strategy = SampleSetups.strategy(
      microBatch: 256, ranks: ranks, zero: zero, software: software)
    var workload = SampleSetups.workload(
      SampleModels.tiny, globalBatch: strategy.globalBatch, calibration: calibration)
    workload.partial = partial
    return Estimator(
      scenario: "partial", workload: workload,
      cluster: Cluster(profile: SampleHardware.a100(memoryGiB: 40), accelerators: ranks)
    ).estimate(strategy, complete: false)
  }

  private static let methods: [CalibrationMethod] = [.none, .oat, .lsaITC, .atLR, .anchored]

  @Test("time, memory and states grow with the trained blocks", arguments: methods, [0, 2, 3])
  func monotonic(_ method: CalibrationMethod, _ zero: Int) {
    let calibration = CalibrationSettings(method: method)
    let parts: [Trainability?] = [
      .lastBlocks(0), .lastBlocks(1), .lastBlocks(3), .lastBlocks(4), nil,
    ]
    let estimates = parts.map { part in
      estimate(part.map { ["image": $0] } ?? [:], zero: zero, calibration: calibration)
    }
    for (less, more) in zip(estimates, estimates.dropFirst()) {
      #expect(less.trainableParameters < more.trainableParameters)
      #expect(less.step.typical <= more.step.typical)
      #expect(
        less.memory.peak <= more.memory.peak,
        "\(less.memory.peak.value) \(less.memory.peakInstant) \(more.memory.peak.value) \(more.memory.peakInstant) \(less.memory.activations) \(more.memory.activations) \(less.memory.loss) \(more.memory.loss)"
      )
      #expect(less.memory.optimizer < more.memory.optimizer)
      #expect(less.memory.gradients <= more.memory.gradients)
      #expect(less.memory.frozenParameters > more.memory.frozenParameters)
    }
  }

  @Test("states are those of the trained parameters, by hand")
  func states() {
    let lora = estimate(["image": .lora(LoRA(rank: 8)), "text": .lora(LoRA(rank: 8))])
    // Both towers have four blocks of width 64: two adapters of 2 x 8 x 64; and the logit scale.
    let trained = 2 * 4 * 2 * 2 * 8 * 64 + 1
    #expect(lora.trainableParameters == trained)
    #expect(lora.memory.parameters.value == 2 * Double(trained))
    #expect(lora.memory.gradients.value <= 2 * Double(trained))
    #expect(lora.memory.optimizer.value == 12 * Double(trained))
    #expect(lora.memory.frozenParameters.value == 2 * Double(lora.parameters - 1))
  }

  @Test("gradients of adapters alone go over the network, and are updated")
  func communication() {
    let whole = estimate([:], ranks: 64)
    let lora = estimate(["image": .lora(LoRA(rank: 8)), "text": .lora(LoRA(rank: 8))], ranks: 64)
    // Two buckets, each as large as all gradients where these are fewer than a bucket holds.
    #expect(lora.memory.communication.value == 4 * Double(lora.trainableParameters))
    #expect(whole.memory.communication.value == 4 * Double(whole.trainableParameters))
    #expect(lora.breakdown.optimizer < whole.breakdown.optimizer)
  }

  @Test(
    "the frozen part of a tower is stored as the trained part, a frozen tower as the stack says")
  func stored() {
    var stack = SampleSetups.autocastStack
    stack.frozenInCompute = true
    let whole = estimate([:], ranks: 1, software: stack)
    let part = estimate(["image": .lastBlocks(1)], ranks: 1, software: stack)
    #expect(
      part.memory.frozenParameters.value
        == 4 * Double(whole.trainableParameters - part.trainableParameters))
  }

  @Test("what is not modelled is rejected with the reason")
  func rejections() {
    var stack = SampleSetups.masterCopyStack
    stack.tensorParallel = true
    var strategy = SampleSetups.strategy(microBatch: 8, ranks: 1, software: stack)
    strategy.tensorParallel = 2
    var workload = SampleSetups.workload(SampleModels.tiny, globalBatch: strategy.globalBatch)
    let cluster = Cluster(profile: SampleHardware.a100(memoryGiB: 40), accelerators: 2)
    func rules() -> [LegalityRule] {
      strategy.violations(workload: workload, cluster: cluster).map(\.rule)
    }
    #expect(!rules().contains(.partlyTrained))
    workload.partial = ["image": .lora(LoRA(rank: 8))]
    #expect(rules().contains(.partlyTrained))
  }
}
