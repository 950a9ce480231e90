import LinearProgramming
import Testing

/// A feasible, bounded random program: a point is drawn first, the limits are put around it.
func randomProgram(seed: UInt64, integers: Bool = false) -> LinearModel {
  var generator = SeededGenerator(seed: seed)
  var model = LinearModel("random \(seed)")
  let count = Int.random(in: 2...9, using: &generator)
  var point: [Double] = []
  var variables: [Variable] = []
  for index in 0..<count {
    let value = Double(Int.random(in: -5...5, using: &generator))
    let room = Double(Int.random(in: 0...4, using: &generator))
    point.append(value)
    let isInteger = integers && Bool.random(using: &generator)
    variables.append(
      model.variable(
        "x\(index)", in: .between(value - room, value + 3), kind: isInteger ? .integer : .continuous
      ))
  }
  for index in 0..<Int.random(in: 1...10, using: &generator) {
    var row = LinearExpression()
    for variable in variables where Double.random(in: 0..<1, using: &generator) < 0.6 {
      row.add(Double(Int.random(in: -4...4, using: &generator)), variable)
    }
    let value = row.value { point[$0.index] }
    let slack = Double(Int.random(in: 0...3, using: &generator))
    let bounds: Bounds =
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: .atMost(value + slack)
      case 1: .atLeast(value - slack)
      case 2: .between(value - slack, value + 1)
      default: .exactly(value)
      }
    model.require(Relation(row, in: bounds), "r\(index)")
  }
  var cost = LinearExpression(constant: Double(Int.random(in: -9...9, using: &generator)))
  for variable in variables {
    cost.add(Double(Int.random(in: -9...9, using: &generator)), variable)
  }
  if Bool.random(using: &generator) { model.minimise(cost) } else { model.maximise(cost) }
  return model
}

@Suite("Optima of 300 random programs")
struct RandomProgramTests {
  let solver = GLPKSolver()

  /// The conditions of Karush, Kuhn and Tucker, which prove an optimum without any solver.
  @Test("are proved by their prices: signs, stationarity, complementary slackness, equal duals")
  func duality() throws {
    for seed in 0..<UInt64(300) {
      let model = randomProgram(seed: seed)
      let solution = try #require(try solver.solve(model).solution, "seed \(seed)")
      #expect(solution.largestViolation < 1e-7, "seed \(seed)")
      let sense: Double = model.sense == .minimise ? 1 : -1
      var residual = [Double](repeating: 0, count: model.variables.count)
      for term in model.objective.terms { residual[term.variable.index] = term.coefficient }
      var dual = model.objective.constant
      func check(_ price: Double, _ value: Double, _ bounds: Bounds) {
        if abs(price) < 1e-7 { return }
        // A price that worsens the objective belongs to the lower limit, and only where it binds.
        let limit = sense * price > 0 ? bounds.lower : bounds.upper
        #expect(isClose(value, limit, tolerance: 1e-6), "seed \(seed): slack and price")
        dual += price * limit
      }
      for row in model.constraints {
        let price = try #require(solution.shadowPrice(of: row))
        check(price, solution.activity(of: row), model.bounds(of: row))
        for term in model.expression(of: row).terms {
          residual[term.variable.index] -= price * term.coefficient
        }
      }
      for variable in model.variables {
        let price = try #require(solution.reducedCost(of: variable))
        check(price, solution[variable], model.bounds(of: variable))
        #expect(isClose(residual[variable.index], price), "seed \(seed): stationarity")
      }
      #expect(isClose(dual, solution.objective), "seed \(seed): strong duality")
    }
  }

  @Test("are the same by primal and by dual simplex, and bound the integer optimum")
  func methods() throws {
    var dualSimplex = SolveOptions()
    dualSimplex.method = .dualSimplex
    for seed in 0..<UInt64(300) {
      let model = randomProgram(seed: seed, integers: true)
      let relaxed = try #require(try solver.solve(model.relaxed).solution)
      let other = try #require(try solver.solve(model.relaxed, options: dualSimplex).solution)
      #expect(isClose(relaxed.objective, other.objective), "seed \(seed)")
      // The point drawn first is an integer point, so there is an optimum.
      let integer = try #require(try solver.solve(model).solution, "seed \(seed)")
      let better = model.sense == .minimise ? 1.0 : -1.0
      #expect(better * (integer.objective - relaxed.objective) > -1e-6, "seed \(seed)")
      #expect(integer.largestViolation < 1e-6, "seed \(seed)")
      if model.hasIntegers { #expect(integer.prices == .relaxation) }
    }
  }

  @Test("move with a limit at the rate that its shadow price says")
  func finiteDifferences() throws {
    let step = 1e-4
    var compared = 0
    for seed in 0..<UInt64(100) {
      let model = randomProgram(seed: seed)
      let solution = try #require(try solver.solve(model).solution)
      for row in model.constraints where model.bounds(of: row).lower == -.infinity {
        func objective(at offset: Double) throws -> Double? {
          var moved = model
          moved.setBounds(of: row, to: .atMost(model.bounds(of: row).upper + offset))
          return try solver.solve(moved).solution?.objective
        }
        guard let up = try objective(at: step), let down = try objective(at: -step) else {
          continue
        }
        let right = (up - solution.objective) / step
        let left = (solution.objective - down) / step
        // At a kink the price is any number between the two slopes.
        let price = try #require(solution.shadowPrice(of: row))
        #expect(price > min(left, right) - 1e-5 && price < max(left, right) + 1e-5, "seed \(seed)")
        compared += 1
      }
    }
    #expect(compared > 50)
  }
}
