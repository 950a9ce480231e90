import LinearProgramming
import Testing

@Suite("GLPK on linear programs")
struct LinearProgramTests {
  let solver = GLPKSolver()

  /// The Wyndor Glass example: optimum 36 at (2, 6), prices 0, 3/2 and 1.
  ///
  /// Source: Hillier and Lieberman, Introduction to Operations Research, the Wyndor Glass Co. example.
  @Test("finds the Wyndor optimum and its shadow prices")
  func wyndor() throws {
    var model = LinearModel("Wyndor")
    let doors = model.variable("doors")
    let windows = model.variable("windows")
    let plants = [
      model.require(doors <= 4, "plant 1"), model.require(2 * windows <= 12, "plant 2"),
      model.require(3 * doors + 2 * windows <= 18, "plant 3"),
    ]
    model.maximise(3 * doors + 5 * windows)
    let solution = try #require(try solver.solve(model).solution)
    #expect(isClose(solution.objective, 36))
    #expect(isClose(solution[doors], 2) && isClose(solution[windows], 6))
    #expect(solution.prices == .optimum)
    let prices = plants.map { solution.shadowPrice(of: $0) ?? .nan }
    #expect(zip(prices, [0, 1.5, 1]).allSatisfy { isClose($0, $1) })
    #expect(plants.map(solution.isBinding) == [false, true, true])
    #expect(isClose(solution.slack(of: plants[0]), 2))
    #expect(solution.gap == 0)
    #expect(solution.reducedCost(of: doors) == 0)
  }

  /// A diet: minimum 160 at (4, 2); both nutrients bind with prices above 0, as `>=` in a minimum.
  @Test("gives a minimum's `>=` constraints prices above zero")
  func diet() throws {
    var model = LinearModel("diet")
    let bread = model.variable("bread")
    let beans = model.variable("beans")
    let rice = model.variable("rice")
    let energy = model.require(2 * bread + beans + rice >= 10, "energy")
    let protein = model.require(bread + 3 * beans + rice >= 10, "protein")
    model.minimise(25 * bread + 30 * beans + 40 * rice)
    let solution = try #require(try solver.solve(model).solution)
    // 2 p + q = 25, p + 3 q = 30: p = 9, q = 7; rice costs 40 - 9 - 7 = 24 more than it is worth.
    #expect(isClose(solution.shadowPrice(of: energy) ?? .nan, 9))
    #expect(isClose(solution.shadowPrice(of: protein) ?? .nan, 7))
    #expect(isClose(solution.reducedCost(of: rice) ?? .nan, 24))
    #expect(isClose(solution.objective, 160))
    #expect(isClose(solution[bread], 4) && isClose(solution[beans], 2) && solution[rice] == 0)
  }

  /// Three plants, three cities: known optimum 102 by the transport simplex.
  @Test("ships at least cost, where equal supply and demand make the prices degenerate")
  func transport() throws {
    let cost: [[Double]] = [[2, 3, 1], [5, 4, 8], [5, 6, 8]]
    let supply: [Double] = [8, 10, 12]
    let demand: [Double] = [9, 11, 10]
    var model = LinearModel("transport")
    var flow: [[Variable]] = []
    var total = LinearExpression()
    for (i, row) in cost.enumerated() {
      flow.append(row.indices.map { model.variable("from \(i) to \($0)") })
      for (j, unit) in row.enumerated() { total.add(unit, flow[i][j]) }
    }
    for (i, amount) in supply.enumerated() {
      model.require(LinearExpression.sum(of: flow[i]) { $0 } == amount, "supply \(i)")
    }
    for (j, amount) in demand.enumerated() {
      model.require(LinearExpression.sum(of: flow) { $0[j] } == amount, "demand \(j)")
    }
    model.minimise(total)
    let solution = try #require(try solver.solve(model).solution)
    // Oracle: every flow is an integer (total unimodularity), so enumeration is exact.
    var best = Double.infinity
    for a in 0...8 {
      for b in 0...(8 - a) {
        for c in 0...10 {
          for d in 0...(10 - c) {
            let x = [[a, b, 8 - a - b], [c, d, 10 - c - d]]
            let last = (0..<3).map { Int(demand[$0]) - x[0][$0] - x[1][$0] }
            guard last.allSatisfy({ $0 >= 0 }) else { continue }
            let all = x + [last]
            let sum = (0..<3).flatMap { i in (0..<3).map { cost[i][$0] * Double(all[i][$0]) } }
            best = min(best, sum.reduce(0, +))
          }
        }
      }
    }
    #expect(isClose(solution.objective, best))
    #expect(solution.largestViolation < 1e-9)
  }

  @Test("says infeasible and unbounded, by either simplex", arguments: [false, true])
  func noOptimum(dual: Bool) throws {
    var options = SolveOptions()
    options.method = dual ? .dualSimplex : .primalSimplex
    var model = LinearModel("contradiction")
    let x = model.variable("x")
    let y = model.variable("y")
    model.require(x + y >= 5, "many")
    let few = model.require(x + y <= 3, "few")
    model.minimise(x)
    #expect(try solver.solve(model, options: options) == .infeasible)
    model.setBounds(of: few, to: .free)
    model.maximise(x + y)
    #expect(try solver.solve(model, options: options) == .unbounded)
    model.minimise(x + y)
    let solution = try #require(try solver.solve(model, options: options).solution)
    #expect(isClose(solution.objective, 5))
  }

  @Test("solves a model without constraints, and an empty constraint, at their corners")
  func corners() throws {
    var model = LinearModel("corner")
    let x = model.variable("x", in: .between(-2, 7))
    model.maximise(2 * x + 1)
    let solution = try #require(try solver.solve(model).solution)
    #expect(solution.objective == 15)
    #expect(solution.reducedCost(of: x) == 2)
    var integer = LinearModel("integer corner")
    let n = integer.integer("n", in: .between(-2.5, 7.5))
    integer.minimise(n)
    #expect(try solver.solve(integer).solution?[n] == -2)
    model.require(x - x <= 1, "nothing")
    #expect(try solver.solve(model).isOptimal)
    model.require(x - x >= 1, "nothing is one")
    #expect(try solver.solve(model) == .infeasible)
  }

  @Test("stops at an iteration limit with what it knows")
  func iterationLimit() throws {
    var model = LinearModel("assignment")
    var generator = SeededGenerator(seed: 7)
    var cells: [[Variable]] = []
    var cost = LinearExpression()
    for i in 0..<12 {
      cells.append((0..<12).map { model.variable("cell \(i) \($0)") })
      for cell in cells[i] { cost.add(Double.random(in: 1...9, using: &generator), cell) }
    }
    for i in 0..<12 {
      model.require(LinearExpression.sum(of: cells[i]) { $0 } == 1, "row \(i)")
      model.require(LinearExpression.sum(of: cells) { $0[i] } == 1, "column \(i)")
    }
    model.minimise(cost)
    let optimum = try #require(try solver.solve(model).solution?.objective)
    var options = SolveOptions()
    options.iterationLimit = 3
    guard
      case .stopped(.iterations, let best, let bound) = try solver.solve(model, options: options)
    else {
      Issue.record("three iterations cannot solve this")
      return
    }
    if let best { #expect(best.objective >= optimum - 1e-9) }
    if let bound { #expect(bound <= optimum + 1e-9) }
  }
}
