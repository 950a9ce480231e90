import LinearProgramming
import Testing

@Suite("The smallest relaxation")
struct SmallestRelaxationTests {
  let solver = GLPKSolver()

  @Test("of a model with a point is none")
  func feasible() throws {
    let relaxation = try #require(try solver.smallestRelaxation(of: randomProgram(seed: 11)))
    #expect(relaxation.isFeasible)
    #expect(relaxation.cost == 0)
    #expect(relaxation.description == "every constraint of random 11 can be met")
  }

  @Test("names the conflict, the limits in it, and the least that must move")
  func memory() throws {
    var model = LinearModel("activation plan")
    let keep = model.variable("keep", in: .between(0, 64))
    let recompute = model.variable("recompute", in: .between(0, 64))
    let seconds = model.variable("seconds")
    let layers = model.require(keep + recompute == 64, "layers")
    model.require(1.3 * keep + 0.2 * recompute <= 10, "memory")
    let time = model.require(3 * keep + 4 * recompute - seconds == 0, "time")
    model.require(seconds <= 900, "deadline")
    model.minimise(seconds)
    #expect(try solver.solve(model) == .infeasible)
    let relaxation = try #require(
      try solver.smallestRelaxation(of: model, keeping: [layers, time]))
    #expect(
      relaxation.description == """
        these cannot hold together:
          layers: exactly 64
          memory: at most 10
          keep: from 0 to 64
        the smallest relaxation:
          memory: 10 -> 12.8 (by 2.8)
        """)
    #expect(isClose(relaxation.cost, 0.28))
    #expect(relaxation.conflict.map(model.name(of:)) == ["layers", "memory"])
    #expect(relaxation.limitedVariables == [keep])
    #expect(try solver.solve(relaxation.relaxedModel).isOptimal)
  }

  @Test("moves what is cheap to move")
  func weights() throws {
    var model = LinearModel("budget and speed")
    let x = model.variable("x")
    let budget = model.require(2 * x <= 100, "budget")
    let speed = model.require(x >= 80, "speed")
    model.minimise(x)
    // By share: 60 % more budget, or 37.5 % less speed.
    let byShare = try #require(try solver.smallestRelaxation(of: model))
    #expect(byShare.concessions.map(\.name) == ["speed"])
    #expect(isClose(byShare.concessions[0].needed, 50))
    #expect(byShare.conflict == [budget, speed])
    let dear = try #require(
      try solver.smallestRelaxation(of: model, weights: [speed: 10, budget: 1]))
    #expect(dear.concessions.map(\.name) == ["budget"])
    #expect(isClose(dear.concessions[0].needed, 160))
    #expect(isClose(dear.cost, 60))
    #expect(throws: SolverError.self) {
      try solver.smallestRelaxation(of: model, weights: [speed: 0])
    }
    #expect(try solver.smallestRelaxation(of: model, keeping: [budget, speed]) == nil)
  }

  @Test("tells a conflict of integers from one of limits")
  func integrality() throws {
    var model = LinearModel("pairs")
    let pairs = model.integer("pairs", in: .between(0, 10))
    model.require(2 * pairs == 7, "seven")
    model.minimise(pairs)
    let relaxation = try #require(try solver.smallestRelaxation(of: model))
    #expect(relaxation.isCausedByIntegrality)
    #expect(relaxation.conflict.isEmpty)
    #expect(isClose(relaxation.concessions[0].amount, 1))
    #expect(try solver.solve(relaxation.relaxedModel).isOptimal)
  }

  @Test("makes 200 random contradictions solvable, and no smaller one does")
  func random() throws {
    var broken = 0
    for seed in 0..<UInt64(200) {
      var model = randomProgram(seed: seed)
      var generator = SeededGenerator(seed: seed ^ 0xabc)
      for row in model.constraints {
        var bounds = model.bounds(of: row)
        let push = Double(Int.random(in: 0...6, using: &generator))
        if bounds.lower.isFinite { bounds.lower += push }
        if bounds.upper.isFinite { bounds.upper += push }
        model.setBounds(of: row, to: bounds)
      }
      let isInfeasible = try solver.solve(model) == .infeasible
      let relaxation = try #require(try solver.smallestRelaxation(of: model), "seed \(seed)")
      #expect(relaxation.isFeasible != isInfeasible, "seed \(seed)")
      guard isInfeasible else { continue }
      broken += 1
      #expect(try solver.solve(relaxation.relaxedModel).isOptimal, "seed \(seed)")
      // The conflict alone, with its limits and without the rest, must already have no point.
      var core = model
      for row in model.constraints where !relaxation.conflict.contains(row) {
        core.setBounds(of: row, to: .free)
      }
      for variable in model.variables where !relaxation.limitedVariables.contains(variable) {
        core.setBounds(of: variable, to: .free)
      }
      #expect(try solver.solve(core) == .infeasible, "seed \(seed)")
      // Moving each limit by 1 % less does not do, because the cost is the least.
      var almost = model
      for concession in relaxation.concessions {
        var bounds = model.bounds(of: concession.constraint)
        let move = 0.99 * (concession.needed - concession.limit)
        if move < 0 { bounds.lower += move } else { bounds.upper += move }
        almost.setBounds(of: concession.constraint, to: bounds)
      }
      #expect(try solver.solve(almost) == .infeasible, "seed \(seed)")
    }
    #expect(broken > 50)
  }
}
