import Clusters
import CostModel
import Explaining
import Planning
import Quantities
import Reporting
import Scenarios
import Testing

/// Every number of an estimate has a formula that gives it again, from the files' own values.
@Suite("Figures")
struct FigureTests {
  /// Scenarios that differ in stack, ZeRO stage, recomputation, method and hardware.
  static let cases: [(id: String, settings: [String])] = [
    ("openclip-b16-laion400m", []),
    ("eva02-clip-e14-plus", ["calibration.method=lsa-itc"]),
    ("eva02-clip-e14-plus", ["strategy.zero_stage=3", "strategy.recomputation=none"]),
    ("eva02-clip-b16", ["calibration.method=oat", "calibration.oat.phase_share=0.4"]),
    ("eva02-clip-b16", ["campaign.repeats=3", "campaign.evaluation=0.1"]),
    (
      "eva-clip-18b",
      ["strategy.tensor_parallel=2", "strategy.zero_stage=1", "strategy.software=megatron-2024"]
    ),
    ("blip2-stage1-vitg", ["calibration.method=at-lr"]),
    // fp32 shards behind 16-bit weights.
    ("eva-clip-8b", ["strategy.software=llm-foundry-2023", "strategy.precision=pure-bf16"]),
    // Scores whose rows are unaligned, with a factor for this architecture.
    ("openclip-b16-laion400m", ["strategy.software=open-clip-2021", "strategy.attention=unfused"]),
  ]

  /// GPT-2 on four stages, with copies of gradients and streams that a stage keeps.
  private func pipeline(microBatches: Int) throws -> Scenario {
    var overrides = ScenarioOverrides()
    overrides.model = "gpt2"
    overrides.hardware = "a100-80gb-sxm-dgx"
    overrides.accelerators = 8
    overrides.samplesSeen = 1e6
    overrides.software = "megatron-deepspeed-2022"
    overrides.precision = "amp-fp16"
    overrides.set = [
      "strategy.micro_batch=1", "strategy.accumulation=\(microBatches)",
      "strategy.data_parallel=2", "strategy.pipeline_parallel=4", "strategy.zero_stage=1",
      "strategy.attention=unfused", "workload.global_batch=\(2 * microBatches)",
    ]
    return try Project.loader().load(nil, overrides: overrides)
  }

  /// This project's own core, with laws of some of its kernels.
  private func measured() throws -> Scenario {
    var scenario = try Project.scenario("peer-tiny-clip", ["cluster.hardware=rtx-3090"])
    let laws = ["adamw", "gradient norm", "linear"].map { family in
      KernelLaw(
        family: family,
        terms: ["call": 1e-5, "flop": 2e-12, "split-byte": 3e-11].sorted { $0.key < $1.key }.map {
          KernelLaw.Term(count: $0.key, seconds: $0.value)
        }, measured: 1...1e12, range: Range90(low: 0.9, typical: 1, high: 1.2), points: [])
    }
    scenario.cluster.profile.efficiency.kernels = KernelLaws(
      laws: laws, workers: 2, origin: Sourced(true, origin: .measured, source: "bench"),
      range: Range90(low: 0.95, typical: 1, high: 1.1))
    return scenario
  }

  private func isClose(_ a: Double, _ b: Double) -> Bool {
    // The same terms in another order, some thousands of them.
    a == b || abs(a - b) <= 1e-9 * max(abs(a), abs(b))
  }

  @Test("formulas give the numbers of the JSON again", arguments: cases.indices)
  func formulas(_ index: Int) throws {
    try expectFormulas(Project.scenario(Self.cases[index].id, Self.cases[index].settings))
  }

  @Test("so do those of a pipeline and of a measured core")
  func furtherFormulas() throws {
    for scenario in [try pipeline(microBatches: 1), try pipeline(microBatches: 32)] {
      try expectFormulas(scenario)
      try expectSums(scenario)
    }
    try expectFormulas(measured())
  }

  private func expectFormulas(_ scenario: Scenario) throws {
    let explainer = try Explainer(scenario, loader: Project.loader())
    let json = explainer.breakdown.estimate.json(provenance: Provenance(version: ""))
    let numbers = json.numbersByPath
    #expect(numbers.count > 70)
    for (path, value) in numbers where !path.contains("per_block") {
      guard let figure = explainer.breakdown.figures[path] else {
        Issue.record("\(path) has no formula: add it to FigureWriter")
        continue
      }
      #expect(isClose(figure.value, value), "\(path): \(figure.value) instead of \(value)")
    }
  }

  @Test("bars sum to the step, live bytes to the peak", arguments: cases.indices)
  func sums(_ index: Int) throws {
    try expectSums(Project.scenario(Self.cases[index].id, Self.cases[index].settings))
  }

  private func expectSums(_ scenario: Scenario) throws {
    let breakdown = try Explainer(scenario, loader: Project.loader()).breakdown
    let estimate = breakdown.estimate
    #expect(isClose(breakdown.bars.reduce(0) { $0 + $1.seconds }, estimate.step.typical.value))
    for bar in breakdown.bars {
      #expect(bar.low <= bar.seconds && bar.seconds <= bar.high, "\(bar.id)")
      #expect(
        bar.id == "ideal_products"
          || isClose(bar.expression.value, bar.seconds)
      )
    }
    let kernels = breakdown.trace.factor * breakdown.trace.sum { $0.term != .tensorCommunication }
    #expect(isClose(kernels, estimate.breakdown.compute.value))
    func live(_ isLoss: Bool) -> Double {
      breakdown.trace.live.reduce(0) { $0 + ($1.isLoss == isLoss ? $1.bytes : 0) }
    }
    #expect(isClose(live(false), estimate.memory.activations.value))
    #expect(isClose(live(true), estimate.memory.loss.value))
    let parts = estimate.memory.parts.reduce(0.0) { sum, part in
      sum + (breakdown.figures["memory.\(part.name)_bytes"]?.value ?? .nan)
    }
    #expect(isClose(parts, estimate.memory.peak.value))
  }

  @Test("every kernel's formula gives its price")
  func kernels() throws {
    let scenario = try Project.scenario("eva02-clip-e14-plus", ["calibration.method=lsa-itc"])
    let lines = try Explainer(scenario, loader: Project.loader()).breakdown.trace.lines
    #expect(lines.count > 200)
    for line in lines {
      #expect(isClose(line.expression.value, line.seconds), "\(line.tower) \(line.label)")
      #expect(line.idealSeconds <= line.seconds, "\(line.tower) \(line.label)")
    }
  }

  @Test("formulas read like formulas")
  func text() {
    let product: Expression = .product([
      .input("hardware:site.price", 3), .sum([.constant(1), .figure("a.b", 0.5)]),
    ])
    #expect(product.symbols == "site.price x (1 + a.b)")
    #expect(product.numbers == "3 x (1 + 0.5000)")
    #expect(product.value == 4.5)
    let quotient: Expression = .quotient(
      .constant(1), .product([.constant(2), .difference(.constant(5), .constant(1))]))
    #expect(quotient.symbols == "1 / (2 x (5 - 1))")
    #expect(quotient.value == 0.125)
    #expect(Expression.maximum([.constant(1), .root(.constant(9))]).symbols == "max(1, sqrt(9))")
  }
}
