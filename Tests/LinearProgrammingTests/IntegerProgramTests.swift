import LinearProgramming
import Testing

@Suite("GLPK on integer programs")
struct IntegerProgramTests {
  let solver = GLPKSolver()

  struct Knapsack {
    var model = LinearModel("knapsack")
    var takes: [Variable] = []
    var weights: [Int] = []
    var values: [Int] = []
    var capacity: Int

    init(seed: UInt64, items: Int) {
      var generator = SeededGenerator(seed: seed)
      var weight = LinearExpression()
      var value = LinearExpression()
      for item in 0..<items {
        weights.append(Int.random(in: 10...60, using: &generator))
        values.append(weights[item] + Int.random(in: 0...9, using: &generator))
        takes.append(model.binary("take \(item)"))
        weight.add(Double(weights[item]), takes[item])
        value.add(Double(values[item]), takes[item])
      }
      capacity = weights.reduce(0, +) / 2
      model.require(weight <= Double(capacity), "capacity")
      model.maximise(value)
    }

    /// Every subset that fits, tried.
    var bestByEnumeration: Int {
      (0..<(1 << takes.count)).reduce(0) { best, subset in
        let chosen = takes.indices.filter { subset & (1 << $0) != 0 }
        let weight = chosen.reduce(0) { $0 + weights[$1] }
        return weight > capacity ? best : max(best, chosen.reduce(0) { $0 + values[$1] })
      }
    }
  }

  @Test("fills knapsacks as well as trying every subset", arguments: 1...12)
  func knapsacks(seed: Int) throws {
    let knapsack = Knapsack(seed: UInt64(seed), items: 12)
    for (cuts, presolve) in [(true, true), (false, true), (true, false), (false, false)] {
      var options = SolveOptions()
      options.cuts = cuts
      options.presolve = presolve
      let outcome = try solver.solve(knapsack.model, options: options)
      #expect(outcome.isOptimal)
      let solution = try #require(outcome.solution)
      #expect(solution.objective == Double(knapsack.bestByEnumeration))
      #expect(solution.bound == solution.objective)
      #expect(knapsack.takes.allSatisfy { [0, 1].contains(solution.count($0)) })
    }
  }

  @Test("counts a loose gap that is reached as optimal, and says how loose")
  func gap() throws {
    var reached = 0
    for seed in 1...8 {
      let knapsack = Knapsack(seed: UInt64(seed), items: 14)
      let options = SolveOptions(relativeGap: 0.05, timeLimitSeconds: nil)
      let report = try solver.report(on: knapsack.model, options: options)
      let best = Double(knapsack.bestByEnumeration)
      let solution = try #require(report.outcome.solution)
      #expect(report.outcome.isOptimal)
      #expect(try #require(solution.gap) <= 0.05)
      #expect(try #require(solution.bound) >= best - 1e-6)
      #expect(solution.objective >= 0.95 * best)
      if report.statistics.termination == .gapReached { reached += 1 }
    }
    #expect(reached > 0)
  }

  /// Values close to weights, in three rows: hard enough that a few nodes do not do.
  private func hardModel() -> LinearModel {
    var generator = SeededGenerator(seed: 3)
    var model = LinearModel("hard")
    let takes = (0..<40).map { model.binary("take \($0)") }
    var value = LinearExpression()
    for row in 0..<3 {
      var weight = LinearExpression()
      for take in takes { weight.add(Double(Int.random(in: 20...90, using: &generator)), take) }
      model.require(weight <= 1000, "row \(row)")
      value += weight
    }
    model.maximise(value)
    return model
  }

  @Test("stops at a node limit with a bound, the same on every run")
  func nodeLimit() throws {
    let model = hardModel()
    let proved = SolveOptions(relativeGap: 0.01, timeLimitSeconds: nil)
    let best = try #require(try solver.solve(model, options: proved).solution?.objective)
    var options = SolveOptions()
    options.nodeLimit = 5
    let outcome = try solver.solve(model, options: options)
    guard case .stopped(.nodes, let point, let bound) = outcome else {
      Issue.record("five nodes cannot prove this: \(outcome)")
      return
    }
    #expect(try #require(bound) >= best - 1e-6)
    if let point { #expect(point.objective <= bound ?? 0) }
    #expect(try solver.solve(model, options: options) == outcome)
  }

  @Test("stops at a time limit and still has a bound")
  func timeLimit() throws {
    var model = LinearModel("symmetric")
    var all = LinearExpression()
    // 2 x is even and 2 * 40 + 1 is not, so the relaxation is tight and no integer point exists;
    // without cuts, branching alone needs about 2^40 nodes.
    for item in 0..<81 { all.add(2, model.binary("take \(item)")) }
    model.require(all == 81, "odd")
    model.minimise(all)
    var options = SolveOptions(relativeGap: 0, timeLimitSeconds: 0.05)
    options.cuts = false
    options.presolve = false
    let report = try solver.report(on: model, options: options)
    guard case .stopped(.time, nil, let bound) = report.outcome else {
      Issue.record("this cannot be solved: \(report.outcome)")
      return
    }
    // All costs are even, so the solver may round the relaxation's 81 up to 82.
    #expect((80.999...82.001).contains(try #require(bound)))
    #expect(report.statistics.termination == .timeLimit)
    #expect(report.statistics.nodes > 1)
  }

  @Test("tells an unbounded integer program from an infeasible one under an unbounded relaxation")
  func unboundedRelaxation() throws {
    var model = LinearModel("ray")
    let n = model.integer("n")
    let m = model.integer("m")
    let row = model.require(2 * n - 2 * m == 0, "even")
    model.maximise(n)
    #expect(try solver.solve(model) == .unbounded)
    model.setBounds(of: row, to: .exactly(1))
    model.setBounds(of: n, to: .between(0, 50))
    #expect(try solver.solve(model) == .infeasible)
    var third = LinearModel("free beside a contradiction")
    let z = third.variable("z")
    let k = third.integer("k", in: .between(0, 10))
    third.require(3 * k == 1, "third")
    third.maximise(z)
    #expect(try solver.solve(third.relaxed) == .unbounded)
    #expect(try solver.solve(third) == .infeasible)
  }

  @Test("says infeasible where only the relaxation has a point")
  func integerInfeasible() throws {
    var model = LinearModel("parity")
    let n = model.integer("n", in: .between(0, 9))
    let m = model.integer("m", in: .between(0, 9))
    model.require(2 * n + 4 * m == 7, "odd")
    model.minimise(n + m)
    #expect(try solver.solve(model.relaxed).isOptimal)
    #expect(try solver.solve(model) == .infeasible)
  }

  @Test("keeps the relaxation's prices, because integers have none")
  func relaxationPrices() throws {
    var model = LinearModel("counts")
    let keep = model.integer("keep", in: .between(0, 64))
    let recompute = model.integer("recompute", in: .between(0, 64))
    model.require(keep + recompute == 64, "layers")
    let memory = model.require(1.3 * keep + 0.1 * recompute <= 40, "memory")
    model.minimise(3 * keep + 4 * recompute)
    let solution = try #require(try solver.solve(model).solution)
    // (40 - 6.4) / 1.2 = 28 layers can be kept.
    #expect(solution.count(keep) == 28)
    #expect(solution.count(recompute) == 36)
    #expect(solution.prices == .relaxation)
    // One more unit of memory keeps 1 / 1.2 more layers, each of which saves 1.
    #expect(isClose(try #require(solution.shadowPrice(of: memory)), -1 / 1.2))
  }
}
