import Clusters
import CostModel
import LinearProgramming
import Planning
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

/// The integer program against exhaustive enumeration, and its model as text.
struct ActivationPlannerTests {
  private func scenario(memoryGiB: Double) -> Scenario {
    var scenario = SampleScenario.make(
      SampleModels.tiny, memoryGiB: memoryGiB, ranks: 2, globalBatch: 8192, microBatch: 4096)
    scenario.strategy.attention = ["image": .unfused, "text": .unfused]
    scenario.strategy.defaultAttention = .unfused
    return scenario
  }

  private func plan(_ full: Int, _ selective: Int) -> RecomputationPlan {
    RecomputationPlan(.perBlock([.init(full: full, selective: selective)]))
  }

  /// 4 + 4 blocks, full and selective: 15 choices per tower, 225 in all.
  @Test(arguments: [5.0, 6.0, 7.0, 8.5, 10.0])
  func isAsGoodAsEnumeration(memoryGiB: Double) throws {
    let scenario = scenario(memoryGiB: memoryGiB)
    let pricer = StepPricer(workload: scenario.workload, cluster: scenario.cluster)
    let comfortable =
      (1 - MemoryEstimate.margin) * scenario.cluster.profile.accelerator.memory.value.value
    var best: Double?
    for image in 0...4 {
      for imageSelective in 0...(4 - image) {
        for text in 0...4 {
          for textSelective in 0...(4 - text) {
            var strategy = scenario.strategy
            strategy.recomputation = [
              "image": plan(image, imageSelective), "text": plan(text, textSelective),
            ]
            let cost = pricer.quick(strategy, calibration: .none)
            if cost.peak.value <= comfortable { best = min(best ?? .infinity, cost.step.value) }
          }
        }
      }
    }
    let problem = pricer.activationProblem(scenario.strategy, calibration: .none)
    let found = ActivationPlanner(problem).plan()
    guard let best else {
      #expect(found == nil)
      return
    }
    var strategy = scenario.strategy
    strategy.recomputation = try #require(found)
    let cost = pricer.quick(strategy, calibration: .none)
    #expect(cost.peak.value <= comfortable)
    // The rows take the worst block of a stretch, so a plan may be one block too careful.
    #expect(cost.step.value <= best * 1.05)
  }

  @Test func withRoomForAllNothingIsRecomputed() throws {
    let scenario = scenario(memoryGiB: 79)
    let pricer = StepPricer(workload: scenario.workload, cluster: scenario.cluster)
    let planner = ActivationPlanner(
      pricer.activationProblem(scenario.strategy, calibration: .none))
    let plans = try #require(planner.plan())
    #expect(plans.values.allSatisfy { $0 == .none })
    #expect(planner.secondsPerGiB() == 0)
  }

  @Test func aBindingLimitHasAPrice() throws {
    let scenario = scenario(memoryGiB: 7)
    let pricer = StepPricer(workload: scenario.workload, cluster: scenario.cluster)
    let planner = ActivationPlanner(
      pricer.activationProblem(scenario.strategy, calibration: .none))
    #expect((planner.secondsPerGiB() ?? 0) > 0)
  }

  @Test func theModelAsText() {
    let problem = ActivationProblem(
      groups: [
        .init(tower: "image", group: 0, count: 4, fullSeconds: 0.5, selectiveSeconds: 0.25),
        .init(tower: "text", group: 0, count: 2, fullSeconds: 0.125, selectiveSeconds: nil),
      ],
      rows: [
        .init(
          name: "image forward", constant: 8 * 1_073_741_824,
          full: [-1_073_741_824, 0], selective: [-536_870_912, 0]),
        .init(
          name: "text backward", constant: 7 * 1_073_741_824,
          full: [-1_073_741_824, -268_435_456], selective: [-536_870_912, 0]),
      ], limit: 6 * 1_073_741_824)
    let text = ActivationPlanner(problem).formulation().model.description
    #expect(text == Self.golden)
  }

  /// The second instant saves more and needs less: the first one implies it.
  private static let golden = """
    \\ activation plan
    Minimize
     objective: 0.5 full_image_0 + 0.25 selective_image_0 + 0.125 full_text_0
    Subject To
     blocks_image_0: full_image_0 + selective_image_0 <= 4
     instant_1,_image_forward: - full_image_0 - 0.5 selective_image_0 <= -2
    Bounds
     0 <= full_image_0 <= 4
     0 <= selective_image_0 <= 4
     0 <= full_text_0 <= 2
    Generals
     full_image_0
     selective_image_0
     full_text_0
    End

    """
}
