import CostModel
import Quantities
import Strategies
import Planning
import TestSupport
import Testing
import Workloads

struct PlannerTests {
  @Test func probe() {
    for method in [CalibrationMethod.none, .lsaITC] {
      var scenario = SampleScenario.make(
        SampleModels.evaE14Plus, memoryGiB: 79.15, ranks: 144, globalBatch: 144_000,
        microBatch: 1000, patchDropout: 0.5, method: method)
      if method != .none { scenario.search.branches = [.lsaITC, .lsaITCSequential] }
      var planner = Planner(scenario)
      let clock = ContinuousClock()
      let start = clock.now
      planner.clock = {
        let d = (clock.now - start).components;
        return Double(d.seconds) + Double(d.attoseconds) * 1e-18
      }
      let result = planner.plan()
      print(
        result.searched, result.pruned, result.seconds,
        result.rejected.map { ($0.rejection.rule, $0.count, $0.rejection.detail) },
        result.infeasible ?? "-", result.shadowPrices)
      for p in result.plans {
        print(
          p.step.typical, p.memory.peak, p.strategy.microBatch, p.strategy.zeroStage,
          p.strategy.recomputation.mapValues(\.kind), p.strategy.attention,
          p.workload.calibration.method, p.strategy.contrastiveGather, p.maxMicroBatch ?? -1)
      }
      for o in result.plans.first?.overheads ?? [] { print(o.baseline, o.time, o.memory.typical) }
    }
  }
}
