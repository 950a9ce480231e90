import LinearProgramming
import Testing

@Suite("A model's text")
struct ModelTextTests {
  @Test("shows objective, constraints, bounds and kinds of every sort")
  func everySort() {
    var model = LinearModel("all sorts")
    let a = model.variable("a")
    let b = model.variable("b", in: .between(-1.5, 4))
    let c = model.variable("c", in: .free)
    let d = model.variable("d", in: .atMost(1e21))
    let n = model.integer("n", in: .between(0, 12))
    let y = model.binary("y")
    let f = model.variable("f", in: .exactly(0.1))
    model.require(a + 2 * b - c <= 10, "upper")
    model.require(0.1 * d >= 1e-9, "lower")
    model.require(3 * n == 2 * y + 1, "equal")
    model.require(Relation(a - b, in: .between(-2, 5)), "range")
    model.require(Relation(a + c, in: .free), "open")
    model.require(f + a - a <= 3, "cancelled")
    model.maximise(3 * a - b + 0.5 * c - 7)
    #expect(
      model.description == """
        \\ all sorts
        Maximize
         objective: 3 a - b + 0.5 c - 7 one
        Subject To
         upper: a + 2 b - c <= 10
         lower: 0.1 d >= 1e-09
         equal: 3 n - 2 y = 1
         range.low: a - b >= -2
         range.high: a - b <= 5
        \\ without limits: open
         cancelled: f <= 3
        Bounds
         -1.5 <= b <= 4
         c free
         -inf <= d <= 1e+21
         0 <= n <= 12
         f = 0.1
         one = 1
        Generals
         n
        Binaries
         y
        End

        """)
  }

  @Test("makes names legal and distinct")
  func names() {
    var model = LinearModel("names\nof two lines")
    let names = ["x[1]", "x(1)", "x 1", "x_1", "2nd", "e5", "Free", "größe", "", "a+b"]
    let sum = LinearExpression.sum(of: names) { name in model.variable(name) }
    model.require(sum >= 1, "at least: one")
    model.minimise(sum)
    #expect(
      model.description == """
        \\ names of two lines
        Minimize
         objective: x_1_ + x(1) + x_1 + x_1_2 + _2nd + _e5 + _Free + gr__e + _ + a_b
        Subject To
         at_least__one: x_1_ + x(1) + x_1 + x_1_2 + _2nd + _e5 + _Free + gr__e + _ + a_b >= 1
        End

        """)
  }

  @Test("breaks long rows before column 100")
  func longRows() {
    var model = LinearModel("long")
    let sum = LinearExpression.sum(of: 1...40) { Double($0) * model.variable("hours_\($0)") }
    model.require(sum <= 100, "all")
    let lines = model.description.split(separator: "\n")
    #expect(lines.allSatisfy { $0.utf8.count <= 100 })
    #expect(lines.contains { $0.hasPrefix(" all: hours_1 + 2 hours_2") })
    #expect(lines.contains { $0.hasPrefix("    ") && $0.hasSuffix("40 hours_40 <= 100") })
  }

  @Test("of a model without an objective or variables is still a program")
  func empty() {
    #expect(
      LinearModel("nothing").description == """
        \\ nothing
        Minimize
         objective: 0
        Subject To
        End

        """)
    var feasibility = LinearModel("feasibility")
    let x = feasibility.variable("x")
    feasibility.require(x >= 2, "two")
    #expect(feasibility.description.contains(" objective: 0 x\n"))
  }

  @Test("does not depend on the order in which terms were written")
  func order() {
    func model(_ build: (Variable, Variable) -> LinearExpression) -> LinearModel {
      var model = LinearModel("order")
      let x = model.variable("x")
      let y = model.variable("y")
      model.require(build(x, y) <= 1, "row")
      return model
    }
    let left = model { x, y in x + 2 * y + x }
    let right = model { x, y in 2 * (y + x) }
    #expect(left == right)
    #expect(left.description == right.description)
  }
}
