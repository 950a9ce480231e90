import CostModel
import Explaining
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
  ]

  private func isClose(_ a: Double, _ b: Double) -> Bool {
    // The same terms in another order, some thousands of them.
    a == b || abs(a - b) <= 1e-9 * max(abs(a), abs(b))
  }

  @Test("formulas give the numbers of the JSON again", arguments: cases.indices)
  func formulas(_ index: Int) throws {
    let scenario = try Project.scenario(Self.cases[index].id, Self.cases[index].settings)
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
    let scenario = try Project.scenario(Self.cases[index].id, Self.cases[index].settings)
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
