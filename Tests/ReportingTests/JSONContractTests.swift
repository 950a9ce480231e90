import CostModel
import Foundation
import Planning
import Quantities
import Reporting
import Strategies
import TestSupport
import Testing
import Workloads

@Suite("The JSON contract")
struct JSONContractTests {
  private func validator() throws -> SchemaValidator {
    try SchemaValidator(folder: Goldens.project.appendingPathComponent("schemas"))
  }

  @Test("Every output agrees with its schema, and no key is undocumented")
  func schemas() throws {
    let validator = try validator()
    let provenance = Samples.provenance
    for method in CalibrationMethod.allCases {
      let text = EstimateView(Samples.estimate(method)).json(provenance: provenance)
      #expect(try validator.problems(of: text, schema: "estimate.schema.json") == [])
    }
    let plan = PlanView(Samples.plan(), scenario: Samples.scenario())
    #expect(
      try validator.problems(of: plan.json(provenance: provenance), schema: "plan.schema.json")
        == [])
    let compare = CompareView(Samples.comparison)
    #expect(
      try validator.problems(
        of: compare.json(provenance: provenance), schema: "compare.schema.json") == [])
    for answer in Samples.answers {
      let text = FindView(answer).json(provenance: provenance)
      #expect(try validator.problems(of: text, schema: "find.schema.json") == [])
    }
    #expect(
      try validator.problems(of: Samples.report().json.text, schema: "report.schema.json") == [])
  }

  @Test("The validator finds what is missing, wrong and undocumented")
  func validatorFinds() throws {
    let validator = try validator()
    let good = EstimateView(Samples.estimate()).json(provenance: Samples.provenance)
    for (old, new) in [
      ("\"mfu\": 0.41", "\"mfu\": \"0.41\""), ("\"steps\"", "\"stepz\""),
      ("\"fits\"", "\"perhaps\""), ("\"schema_version\": \"1.0\"", "\"schema_version\": \"2.0\""),
      ("\"sequence_parallel\": false", "\"sequence_parallel\": 0"),
    ] {
      let bad = good.replacingOccurrences(of: old, with: new)
      #expect(bad != good)
      #expect(try !validator.problems(of: bad, schema: "estimate.schema.json").isEmpty)
    }
  }

  @Test("Quantities are converted to the units of their keys")
  func units() throws {
    let json = Samples.estimate().json(provenance: Samples.provenance)
    let hours = 4.5 * 62_500 * 144 / 3600
    #expect(json["energy_kwh"]?["typical"] == .number(hours * 0.55 * 3.6e6 / 3.6e6))
    #expect(json["carbon_kg"]?["typical"] == .number(hours * 0.55 * 582 / 1000))
    #expect(json["wall_hours"]?["typical"] == .number(4.5 * 62_500 / 0.94 / 3600))
    #expect(json["memory"]?["capacity_bytes"] == .number(79.15 * 1_073_741_824))
    #expect(json["step_seconds"]?["low"] == .number(4.5 * 0.9))
  }

  @Test("The parts of the step and of memory sum to their totals")
  func sums() throws {
    let estimate = Samples.estimate(.lsaITC)
    let json = estimate.json(provenance: Samples.provenance)
    let total = json["step_seconds"]?["typical"]?.double ?? 0
    for key in ["step_breakdown_seconds", "phase_breakdown_seconds"] {
      let sum = json[key]?.members.reduce(0) { $0 + ($1.value.double ?? 0) } ?? 0
      #expect((sum - total).magnitude < 1e-9 * total)
    }
    let parts = json["memory"]?.members.prefix { $0.key != "peak_bytes" } ?? []
    #expect(parts.count == 10)
    #expect(
      parts.reduce(0) { $0 + ($1.value.double ?? 0) } == json["memory"]?["peak_bytes"]?.double)
  }

  @Test("An unknown price, energy and grid are null, not 0")
  func unknown() {
    var estimate = Samples.estimate(price: nil)
    estimate.energy = nil
    estimate.carbon = nil
    estimate.maxMicroBatch = nil
    let json = estimate.json(provenance: Samples.provenance)
    for key in ["cost_usd", "energy_kwh", "carbon_kg", "max_micro_batch"] {
      #expect(json[key] == .null, "\(key)")
    }
    #expect(EstimateView(estimate).text().contains("unknown"))
  }

  @Test("Strategies say one word, or one per tower where towers differ")
  func byTower() {
    var strategy = Samples.strategy()
    func json() -> JSONValue? {
      Samples.estimate(strategy: strategy).json(provenance: Samples.provenance)["strategy"]
    }
    #expect(json()?["recomputation"] == "full")
    #expect(json()?["attention"] == ["image": "flash", "text": "unfused"])
    // A tower that is not named recomputes nothing: `full` alone would be a lie.
    strategy.recomputation = ["image": .full]
    strategy.attention = [:]
    #expect(json()?["recomputation"] == ["image": "full", "text": "none"])
    #expect(json()?["attention"] == "unfused")
    strategy.recomputation = [
      "image": RecomputationPlan(.perBlock([.init(full: 40, selective: 8)]))
    ]
    #expect(
      json()?["recomputation"]?["image"] == ["per_block": [["full": 40, "selective": 8]]])
  }

  @Test("Plans carry their place on the front; the id and time need a stamp")
  func planAndStamp() {
    let plan = Samples.plan().json(scenario: Samples.scenario(), provenance: Samples.provenance)
    guard case .array(let plans) = plan["plans"] else {
      Issue.record("no plans")
      return
    }
    #expect(plans.map { $0["pareto"] } == [true, true, true, false])
    #expect(plan["fixed"]?["pareto"] == nil)
    #expect(plan["provenance"]?["id"] == nil)
    var stamped = Samples.provenance
    stamped.stamp = .init(id: "42", time: "2026-01-01T00:00:00Z")
    #expect(stamped.json["id"] == "42")
    #expect(stamped.json["time"] == "2026-01-01T00:00:00Z")
  }

  @Test("The best fits and has a known figure; overlapping intervals settle nothing")
  func best() {
    let json = Samples.comparison.json(provenance: Samples.provenance)
    #expect(json["best"]?["time"] == "h100-80gb-sxm-dgx")
    #expect(json["best_positions"]?["time"] == 1)
    #expect(json["settled"]?["time"] == true)
    #expect(json["settled"]?["cost"] == false)
    var unpriced = Samples.comparison
    unpriced.estimates[0].cost = nil
    #expect(unpriced.json(provenance: Samples.provenance)["best"]?["cost"] == .null)
    // The fastest of all does not fit, so it is not the best.
    var full = Samples.comparison
    full.estimates[1].memory.activations = Bytes(1e12)
    #expect(
      full.json(provenance: Samples.provenance)["best"]?["time"] == "a100-80gb-sxm-dgx")
    // The same profile twice: names would not tell them apart.
    let twice = Comparison(
      [Samples.estimate(), Samples.estimate(slower: 2)], labels: ["K = 0", "K = 1"])
    #expect(twice.json(provenance: Samples.provenance)["best"]?["time"] == "K = 0")
  }
}

extension JSONValue {
  var double: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }

  var members: [Member] {
    if case .object(let members) = self { return members }
    return []
  }
}
