import LinearProgramming
import Testing

@Suite("A linear expression")
struct ExpressionTests {
  @Test("adds, subtracts, scales and moves constants as algebra does")
  func algebra() {
    var model = LinearModel()
    let x = model.variable("x")
    let y = model.variable("y")
    let values: (Variable) -> Double = { $0 == x ? 3 : 5 }
    let expression = 2 * (x + y - 1) - (y - 3 * x) + -y + 4
    #expect(expression.value(values) == 17)  // 2 (3 + 5 - 1) - (5 - 9) - 5 + 4
    var sum = LinearExpression(constant: 1)
    sum += x
    sum -= 2 * y
    sum.add(0.5, x)
    #expect(sum.value(values) == 1 + 3 - 10 + 1.5)
    #expect(LinearExpression.sum(of: [x, y]) { 10 * $0 }.value(values) == 80)
  }

  @Test("becomes a relation with its constant on the right")
  func relations() {
    var model = LinearModel()
    let x = model.variable("x")
    let y = model.variable("y")
    #expect((x + 3 <= 10).bounds == .atMost(7))
    #expect((2 * x >= y - 4).bounds == .atLeast(-4))
    #expect((x - 1 == y + 1).bounds == .exactly(2))
    #expect(Relation(x + 1, in: .between(0, 5)).bounds == .between(-1, 4))
    let isSame: Bool = x == x
    #expect(isSame)
  }
}
