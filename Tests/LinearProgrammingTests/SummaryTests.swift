import LinearProgramming
import Testing

@Suite("A solve's summary")
struct SummaryTests {
  @Test("is a tree of status, solution and work")
  func tree() throws {
    var model = LinearModel("two products")
    let x = model.variable("x", in: .between(0, 2))
    let n = model.integer("n")
    model.require(3 * x + 2 * n <= 9, "capacity")
    model.maximise(5 * x + 4 * n)
    let report = try GLPKSolver().report(on: model)
    #expect(
      report.summary().hasPrefix(
        """
        two products: optimal
        ├─ Status
        │  ├─ stopped because: finished
        │  ├─ primal point: feasible
        │  └─ dual point: feasible
        ├─ Solution
        │  ├─ objective: 17.6666667
        │  ├─ bound: 17.6666667
        │  └─ gap: 0
        └─ Work
           ├─ size: 2 variables (1 integer), 1 constraints, 2 coefficients
           ├─ simplex iterations:
        """))
    #expect(!report.summary().contains("seconds"))
    #expect(report.summary(seconds: true).contains("└─ seconds: "))
    #expect(try report.summary() == GLPKSolver().report(on: model).summary())
  }

  @Test("of a model without a point has no solution branch")
  func infeasible() throws {
    var model = LinearModel("none")
    let x = model.variable("x")
    model.require(x <= -1, "below zero")
    let summary = try GLPKSolver().report(on: model).summary()
    #expect(summary.hasPrefix("none: infeasible"))
    #expect(summary.contains("primal point: proved impossible"))
    #expect(!summary.contains("Solution"))
  }
}
