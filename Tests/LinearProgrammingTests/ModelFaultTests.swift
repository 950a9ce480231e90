import LinearProgramming
import Testing

@Suite("A faulty model")
struct ModelFaultTests {
  @Test("lists all its faults in one pass, in order")
  func allAtOnce() {
    var other = LinearModel("other")
    _ = other.variable("a")
    _ = other.variable("b")
    let foreign = other.variable("c")
    var model = LinearModel("faulty")
    let x = model.variable("x", in: .between(3, 2))
    let twin = model.variable("x", in: Bounds(lower: .nan))
    let y = model.variable("", in: .atLeast(.infinity))
    model.require(.nan * x + y <= 1, "row")
    model.require(x + foreign >= 0, "row")
    model.require(x + y <= -.infinity, "never")
    model.minimise(.infinity * twin + .nan)
    #expect(
      model.faults.map(\.description) == [
        "the lower bound of variable 0 \"x\", 3.0, lies above the upper one, 2.0",
        "variable 1 \"x\" has the name of an earlier one",
        "the bounds of variable 1 \"x\" are nan and inf",
        "variable 2 \"\" has an empty name",
        "the bounds of variable 2 \"\" are inf and inf",
        "the coefficient of \"x\" in constraint 0 \"row\" is nan",
        "constraint 1 \"row\" has the name of an earlier one",
        "constraint 1 \"row\" uses variable 2 of another model",
        "the bounds of constraint 2 \"never\" are -inf and -inf",
        "the coefficient of \"x\" in the objective is inf",
        "the constant in the objective is nan",
      ])
  }

  @Test("is refused with its faults, before the solver is called")
  func refused() {
    #expect(throws: SolverError.invalidModel([.noVariables])) {
      try GLPKSolver().solve(LinearModel("empty"))
    }
    var model = LinearModel("infinite")
    let x = model.variable("x")
    model.require(.infinity * x <= 1, "row")
    #expect(
      throws: SolverError.invalidModel([
        .badCoefficient(.infinity, of: "x", in: .constraint("row", index: 0))
      ])
    ) { try GLPKSolver().solve(model) }
  }

  @Test("is found where an id of another model has a valid place but another name")
  func foreignByName() {
    var other = LinearModel("other")
    let memory = other.variable("memory")
    var model = LinearModel("model")
    _ = model.variable("time")
    model.minimise(memory)
    #expect(model.faults == [.foreignVariable(index: 0, in: .objective)])
    #expect(model.description.contains("foreign_0"))
  }

  @Test("is not a model that merely has no answer")
  func noAnswer() throws {
    var model = LinearModel("no integer inside")
    let n = model.integer("n", in: .between(0.2, 0.8))
    model.minimise(n)
    #expect(model.faults.isEmpty)
    #expect(try GLPKSolver().solve(model) == .infeasible)
  }

  @Test("shares its ids with its copies")
  func copies() throws {
    var model = LinearModel("copies")
    let x = model.variable("x", in: .between(0, 3))
    let row = model.require(x <= 2, "row")
    model.maximise(x)
    var copy = model
    copy.setBounds(of: row, to: .atMost(1))
    copy.setBounds(of: x, to: .atLeast(0))
    #expect(try GLPKSolver().solve(model).solution?[x] == 2)
    #expect(try GLPKSolver().solve(copy).solution?[x] == 1)
  }

  @Test("stops the program where its id is read from another model's solution")
  func misuse() async {
    await #expect(processExitsWith: .failure) {
      var model = LinearModel("model")
      let x = model.variable("x")
      model.minimise(x)
      var other = LinearModel("other")
      let stranger = other.variable("stranger")
      print(Solution(of: model, values: [0], bound: 0)[stranger])
    }
  }

  @Test("cannot hide behind bad options")
  func options() {
    var model = LinearModel("model")
    _ = model.variable("x")
    var options = SolveOptions(relativeGap: .nan, timeLimitSeconds: 0)
    options.nodeLimit = 0
    let error = #expect(throws: SolverError.self) {
      try GLPKSolver().solve(model, options: options)
    }
    #expect(
      error?.description == """
        the relative gap is nan; it must be at least 0 and below 1
        the time limit is 0.0 seconds; it must be above 0
        the node limit is 0; it must be at least 1
        """)
  }
}
