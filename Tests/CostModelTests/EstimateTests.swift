import Clusters
import CostModel
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

/// What every estimate must keep, whatever the strategy.
struct EstimateTests {
  static let methods = CalibrationMethod.allCases

  private func estimate(
    _ strategy: Strategy, method: CalibrationMethod = .none, model: ModelSpec = SampleModels.tiny,
    adjust: (inout Workload) -> Void = { _ in }
  ) -> Estimate {
    var workload = SampleSetups.workload(
      model, globalBatch: strategy.globalBatch, calibration: CalibrationSettings(method: method))
    adjust(&workload)
    let cluster = Cluster(
      profile: SampleHardware.a100(memoryGiB: 39.39), accelerators: strategy.dataParallel)
    return Estimator(scenario: "test", workload: workload, cluster: cluster).estimate(strategy)
  }

  private func isClose(_ a: Double, _ b: Double) -> Bool {
    // Sums of the same terms in another order: a few units in the last place.
    abs(a - b) <= 1e-12 * max(abs(a), abs(b))
  }

  @Test(arguments: methods, [0, 1, 2, 3])
  func partsSumToTheWhole(method: CalibrationMethod, zero: Int) {
    let estimate = estimate(
      SampleSetups.strategy(microBatch: 64, ranks: 16, zero: zero, recomputation: .full),
      method: method)
    let typical = estimate.step.typical.value
    #expect(isClose(estimate.breakdown.total.value, typical))
    #expect(isClose(estimate.phases.reduce(0) { $0 + $1.time.value }, typical))
    let parts = estimate.memory.parts.reduce(0) { $0 + $1.bytes.value }
    #expect(isClose(parts, estimate.memory.peak.value))
    #expect(estimate.step.low < estimate.step.typical)
    #expect(estimate.step.typical < estimate.step.high)
    #expect(estimate.memory.peakInterval.low <= estimate.memory.peak)
    #expect(estimate.memory.peakInterval.high >= estimate.memory.peak)
  }

  @Test func publishedStepsSetTheIntervalWhereTheyAreKnown() throws {
    var strategy = SampleSetups.strategy(microBatch: 64, ranks: 4)
    strategy.software.spreads = StepSpreads(
      kinds: [
        .contrastiveOneNode: .init(
          seen: Range90(exactly: 1), unseen: Range90(low: 0.7, typical: 1, high: 1.9), runs: 2)
      ],
      unknownSoftware: Range90(exactly: 1), unknownDevice: Range90(exactly: 1),
      architectures: [.ampere], basis: "fitted/some-file.yaml")
    let plain = estimate(strategy)
    #expect(isClose(plain.step.low.value, 0.7 * plain.step.typical.value))
    #expect(isClose(plain.step.high.value, 1.9 * plain.step.typical.value))
    #expect(isClose(plain.wall.high / plain.wall.typical, 1.9))
    let line = try #require(plain.assumptions.first { $0.key == "software.time_range" })
    #expect(line.source == "fitted/some-file.yaml" && line.value.contains("contrastive-one-node"))
    // No published step has an attack in it.
    let attacked = estimate(strategy, method: .lsaITC)
    #expect(attacked.step.high / attacked.step.typical > 1.9)
    #expect(attacked.step.low / attacked.step.typical < 0.7)
    // Another kind of run has its own range again.
    strategy.dataParallel = 1
    #expect(estimate(strategy).step.high / estimate(strategy).step.typical < 1.6)
  }

  @Test func oneRankHasNoCommunication() {
    let alone = estimate(SampleSetups.strategy(microBatch: 64, ranks: 1))
    #expect(alone.breakdown.exposedCommunication == .zero)
    #expect(alone.memory.communication == .zero)
  }

  @Test func everyBlockRecomputedOneByOneIsFullRecomputation() {
    let whole = SampleSetups.strategy(microBatch: 64, ranks: 4, recomputation: .full)
    var counted = whole
    let all = RecomputationPlan(.perBlock([.init(full: 4, selective: 0)]))
    counted.recomputation = ["image": all, "text": all]
    let a = estimate(whole)
    let b = estimate(counted)
    #expect(a.step == b.step)
    #expect(a.memory == b.memory)
  }

  @Test func recomputationTradesTimeForMemory() {
    var peaks: [Double] = []
    var times: [Double] = []
    for full in 0...4 {
      var strategy = SampleSetups.strategy(microBatch: 4096, ranks: 4)
      let plan = RecomputationPlan(.perBlock([.init(full: full, selective: 0)]))
      strategy.recomputation = ["image": plan, "text": plan]
      let estimate = estimate(strategy)
      peaks.append(estimate.memory.peak.value)
      times.append(estimate.step.typical.value)
    }
    #expect(times == times.sorted())
    #expect(peaks.first.map { first in peaks.allSatisfy { $0 <= first } } == true)
    #expect((peaks.last ?? 0) < (peaks.first ?? 0))
  }

  @Test func zeroStagesShardMoreAndMore() {
    let peaks = [0, 1, 2, 3].map {
      estimate(
        SampleSetups.strategy(microBatch: 8, ranks: 16, zero: $0), model: SampleModels.vitB16
      ).memory
    }
    #expect(peaks[1].optimizer.value * 16 == peaks[0].optimizer.value)
    #expect(peaks[2].gradients < peaks[1].gradients)
    #expect(peaks[3].parameters.value * 16 == peaks[2].parameters.value)
  }

  /// Mixed precision with a master copy: 2 weights, 12 optimizer bytes per parameter.
  @Test func statesAreCountedByPrecision() {
    let model = SampleModels.vitB16
    let parameters = Double(model.parameters)
    let mixed = estimate(SampleSetups.strategy(microBatch: 8, ranks: 1), model: model).memory
    #expect(mixed.parameters.value == 2 * parameters)
    #expect(mixed.optimizer.value == 12 * parameters)
    let autocast = estimate(
      SampleSetups.strategy(microBatch: 8, ranks: 1, software: SampleSetups.autocastStack),
      model: model
    ).memory
    #expect(autocast.parameters.value == 6 * parameters)
    #expect(autocast.optimizer.value == 8 * parameters)
    #expect(autocast.gradients.value == 4 * parameters)
    let plain = estimate(
      SampleSetups.strategy(microBatch: 8, ranks: 1, precision: .fp32, attention: .unfused),
      model: model
    ).memory
    #expect(plain.parameters.value == 4 * parameters)
    let lion = estimate(
      SampleSetups.strategy(microBatch: 8, ranks: 1), model: model,
      adjust: { $0.optimizer = .lion }
    ).memory
    #expect(lion.optimizer.value == 8 * parameters)
    let adafactor = estimate(
      SampleSetups.strategy(microBatch: 8, ranks: 1), model: model,
      adjust: { $0.optimizer = .adafactor }
    ).memory
    // Master copy, and rows plus columns instead of moments.
    #expect(adafactor.optimizer.value > 4 * parameters)
    #expect(adafactor.optimizer.value < 4.1 * parameters)
  }

  @Test func frozenTowersHaveNoStateButWeights() {
    let trained = estimate(SampleSetups.strategy(microBatch: 64, ranks: 1))
    let frozen = estimate(
      SampleSetups.strategy(microBatch: 64, ranks: 1), adjust: { $0.frozen = ["image"] })
    #expect(frozen.trainableParameters < trained.trainableParameters)
    #expect(
      frozen.memory.frozenParameters.value
        == 2 * Double(trained.trainableParameters - frozen.trainableParameters))
    #expect(frozen.step.typical < trained.step.typical)
    #expect(frozen.parameters == trained.parameters)
  }

  @Test func accumulationRunsEveryForwardTwice() {
    let once = estimate(SampleSetups.strategy(microBatch: 4096, ranks: 1))
    let cached = estimate(
      SampleSetups.strategy(microBatch: 1024, ranks: 1, accumulation: 4))
    #expect(cached.globalBatch == once.globalBatch)
    #expect(cached.step.typical > once.step.typical)
    #expect(cached.memory.activations < once.memory.activations)
    // The second forward is executed, but the model does not need it.
    let ratio = cached.hardwareFlopsUtilization / cached.modelFlopsUtilization
    #expect(ratio > 1.25 && ratio < 1.45)
  }

  @Test func anInputLimitStallsTheStepAndSaysSo() {
    let free = estimate(SampleSetups.strategy(microBatch: 64, ranks: 1))
    let limited = estimate(
      SampleSetups.strategy(microBatch: 64, ranks: 1),
      adjust: {
        $0.inputRateLimit = Sourced(SamplesPerSecond(10.0), origin: .given)
      })
    #expect(free.breakdown.inputStall == .zero)
    #expect(abs(limited.step.typical.value - 6.4) < 1e-9)
    #expect(limited.flags.contains { $0.hasPrefix("input_bound") })
  }

  @Test func moneyAndEnergyByHand() {
    let estimate = estimate(SampleSetups.strategy(microBatch: 64, ranks: 12))
    let hours = estimate.wall.typical.value / 3600
    // 12 accelerators occupy 2 nodes of 8: 16 are billed, at 2 USD.
    #expect(isClose(estimate.billedAcceleratorHours.value, 16 * hours))
    #expect(isClose(estimate.cost?.typical.value ?? 0, 32 * hours))
    #expect(isClose(estimate.nodeHours, 2 * hours))
    let watts = 0.85 * 400.0 * 12 * 1.3 * 1.2
    #expect(isClose(estimate.energy?.typical.value ?? 0, watts * hours * 3600))
    #expect(
      isClose(
        estimate.carbon?.typical.value ?? 0, watts * hours * 3600 * 400 / 3.6e6))
  }

  @Test func anUnknownPriceIsNotZero() {
    let strategy = SampleSetups.strategy(microBatch: 64, ranks: 1)
    var profile = SampleHardware.a100(memoryGiB: 39.39)
    profile.site.price = nil
    let estimate = Estimator(
      scenario: "test",
      workload: SampleSetups.workload(SampleModels.tiny, globalBatch: 64),
      cluster: Cluster(profile: profile, accelerators: 1)
    ).estimate(strategy, complete: false)
    #expect(estimate.cost == nil)
    #expect(estimate.flags.contains { $0.hasPrefix("price_unknown") })
  }
}
