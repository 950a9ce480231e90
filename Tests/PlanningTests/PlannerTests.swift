import Clusters
import CostModel
import Planning
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

struct PlannerTests {
  private func tiny(memoryGiB: Double, method: CalibrationMethod = .none) -> Scenario {
    SampleScenario.make(
      SampleModels.tiny, memoryGiB: memoryGiB, ranks: 2, globalBatch: 4096, microBatch: 2048,
      method: method)
  }

  @Test func everyPlanFitsAndKeepsTheGlobalBatch() {
    let result = Planner(tiny(memoryGiB: 39.39)).plan()
    #expect(!result.plans.isEmpty)
    for plan in result.plans {
      #expect(plan.memory.verdict != .doesNotFit)
      #expect(plan.globalBatch == 4096)
      #expect(
        plan.strategy.violations(workload: plan.workload, cluster: tiny(memoryGiB: 39.39).cluster)
          .isEmpty)
    }
    let times = result.plans.map(\.step.typical)
    #expect(times == times.sorted())
    #expect(result.infeasible == nil)
    #expect(result.searched > 1000)
  }

  /// The best plan against a walk over all micro-batches, stages and recomputations with `quick`.
  @Test func noStrategyOfTheSpaceIsFaster() throws {
    var scenario = tiny(memoryGiB: 39.39)
    scenario.search.attention = [.flash]
    scenario.search.gathers = [.local]
    scenario.search.recomputation = [.none, .full]
    let best = try #require(Planner(scenario).plan().plans.first)
    let pricer = StepPricer(workload: scenario.workload, cluster: scenario.cluster)
    var strategy = scenario.strategy
    for microBatch in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048] {
      for stage in 0...3 {
        for plan in [RecomputationPlan.none, .full] {
          strategy.microBatch = microBatch
          strategy.accumulation = 2048 / microBatch
          strategy.zeroStage = stage
          strategy.recomputation = ["image": plan, "text": plan]
          let cost = pricer.quick(strategy, calibration: .none)
          #expect(cost.step >= best.step.typical || cost.peak > best.memory.capacity)
        }
      }
    }
  }

  @Test func lessMemoryNeverMakesTheBestPlanFaster() throws {
    var previous = 0.0
    for memory in [39.39, 8, 4, 2.5] {
      guard let best = Planner(tiny(memoryGiB: memory)).plan().plans.first else { continue }
      #expect(best.step.typical.value >= previous * (1 - 1e-12))
      previous = best.step.typical.value
    }
    #expect(previous > 0)
  }

  @Test func whatCannotFitSaysHowMuchIsMissing() {
    let result = Planner(tiny(memoryGiB: 0.95)).plan()
    #expect(result.plans.isEmpty)
    #expect(result.infeasible?.contains("too much") == true)
    #expect(result.rejected.contains { $0.rejection.rule == "memory" && $0.count > 100 })
    #expect(result.shadowPrices.isEmpty)
  }

  @Test func ranksThatDoNotDivideTheBatchAreExplained() {
    var scenario = tiny(memoryGiB: 39.39)
    scenario.cluster.accelerators = 3
    let result = Planner(scenario).plan()
    #expect(result.plans.isEmpty)
    #expect(result.infeasible?.contains("2 and 4") == true)
  }

  @Test func rulesTurnStrategiesDownWithTheirNumbers() throws {
    var scenario = tiny(memoryGiB: 39.39)
    scenario.search.tensorParallel = [1, 2]
    let result = Planner(scenario).plan()
    let rule = try #require(
      result.rejected.first { $0.rejection.rule == "parallelism-supported" })
    #expect(rule.rejection.detail.contains("no tensor parallelism"))
    #expect(result.pruned > 0)
  }

  /// A model that one device cannot hold is cut: the search finds the cut and says so in the plan.
  @Test func modelsAreCutWhereTheSearchAllowsIt() throws {
    var block = BlockSpec(width: 2048, heads: 16, mlpWidth: 8192)
    block.causal = true
    let language = LanguageModelSpec(
      vocabulary: 50_000, block: block, layers: 16, positions: 512, tokens: 512)
    let model = ModelSpec(id: "lm", family: .languageModel(language), source: "test")
    var scenario = SampleScenario.make(
      model, memoryGiB: 8, ranks: 8, globalBatch: 64, microBatch: 1, zero: 0)
    scenario.strategy.software.tensorParallel = true
    scenario.strategy.software.pipelineParallel = true
    scenario.search.zeroStages = [0]
    scenario.search.microBatches = [1, 2]
    scenario.search.attention = [.flash]
    scenario.search.recomputation = [.none, .full]
    #expect(Planner(scenario).plan().plans.isEmpty)
    scenario.search.tensorParallel = [1, 2, 4, 8]
    scenario.search.pipelineParallel = [1, 2, 4]
    let best = try #require(Planner(scenario).plan().plans.first)
    #expect(best.strategy.tensorParallel * best.strategy.pipelineParallel > 1)
    #expect(best.strategy.accelerators == 8)
    #expect(best.memory.peak <= best.memory.capacity)
  }

  @Test func aDeadlineTurnsPlansDown() {
    var scenario = tiny(memoryGiB: 39.39)
    scenario.constraints.deadline = Seconds(1.0)
    let result = Planner(scenario).plan()
    #expect(result.plans.isEmpty)
    #expect(result.infeasible?.contains("deadline") == true)
  }

  @Test func aBudgetWithoutAPriceIsNotPassedOver() throws {
    var scenario = tiny(memoryGiB: 39.39)
    scenario.constraints.budget = USDollars(1.0)
    #expect(Planner(scenario).plan().infeasible?.contains("budget") == true)
    scenario.cluster.profile.site.price = nil
    let best = try #require(Planner(scenario).plan().plans.first)
    #expect(best.flags.contains { $0.hasPrefix("budget_not_judged") })
  }

  @Test func theSameQuestionHasTheSameAnswer() {
    let a = Planner(tiny(memoryGiB: 4, method: .lsaITC)).plan()
    let b = Planner(tiny(memoryGiB: 4, method: .lsaITC)).plan()
    #expect(a.plans.map(\.step) == b.plans.map(\.step))
    #expect(a.plans.map(\.strategy) == b.plans.map(\.strategy))
    #expect(a.searched == b.searched)
  }

  @Test func aMethodIsComparedWithPlainTrainingAtItsOwnBest() throws {
    let best = try #require(Planner(tiny(memoryGiB: 4, method: .lsaITC)).plan().plans.first)
    let plain = try #require(Planner(tiny(memoryGiB: 4)).plan().plans.first)
    let overhead = try #require(best.overheads.first { $0.baseline == "plain-replanned" })
    #expect(abs(overhead.time.typical - best.step.typical / plain.step.typical) < 1e-9)
  }

  @Test func theLargestMicroBatchIsAnEdge() {
    let scenario = tiny(memoryGiB: 4)
    let answer = scenario.maxMicroBatch()
    #expect(answer.largest > 0)
    #expect(answer.estimate?.memory.verdict != .doesNotFit)
    #expect(answer.next.memory.verdict == .doesNotFit)
    #expect(answer.largestDivisor.map { 2048 % $0 == 0 && $0 <= answer.largest } == true)
  }
}
