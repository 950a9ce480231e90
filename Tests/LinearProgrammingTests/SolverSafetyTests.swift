import CGLPK
import Foundation
import LinearProgramming
import Testing

/// One column, one row and their entries, past every check in Swift, to the C function itself.
func solveRaw(
  columns: [Int32], rows: [Int32], gap: Double = 0, isInteger: UInt8 = 0, bounds: Double = 1
) -> (stop: Int, message: String) {
  var options = cglpk_options()
  options.relative_gap = gap
  options.cuts = 1
  var result = cglpk_result()
  var value = [0.0]
  var activity = [0.0]
  var rowPrice = [0.0]
  var columnPrice = [0.0]
  unsafe cglpk_solve(
    1, [0.0], [bounds], [1.0], [isInteger], 0, 0, 1, [-1.0], [1.0], Int32(rows.count), rows,
    columns, [Double](repeating: 1, count: rows.count), &options, &value, &activity, &rowPrice,
    &columnPrice, &result)
  let message = unsafe withUnsafeBytes(of: result.message) { bytes in
    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
  return (Int(result.stop), message)
}

/// Resident memory of this process, in pages.
func residentPages() -> Int {
  let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
  return text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
}

@Suite("Misuse of GLPK")
struct SolverSafetyTests {
  @Test("comes back as a result with GLPK's own words, and the process lives")
  func rawAborts() {
    let outside = solveRaw(columns: [5], rows: [0])
    #expect(outside.stop == Int(CGLPK_ABORTED))
    #expect(outside.message.contains("column index out of range"))
    let twice = solveRaw(columns: [0, 0], rows: [0, 0])
    #expect(twice.stop == Int(CGLPK_ABORTED))
    #expect(twice.message.contains("duplicate"))
    let badGap = solveRaw(columns: [0], rows: [0], gap: -1, isInteger: 1)
    #expect(badGap.stop == Int(CGLPK_ABORTED))
    #expect(badGap.message.contains("mip_gap"))
    let crossed = solveRaw(columns: [0], rows: [0], bounds: -1)
    #expect(crossed.stop == Int(CGLPK_REJECTED))
    #expect(solveRaw(columns: [0], rows: [0]).stop == Int(CGLPK_FINISHED))
  }

  /// In a process of its own, so that no other test's memory is counted.
  @Test("may happen 2,000 times without growing, with good solves between")
  func repeatedAborts() async {
    await #expect(processExitsWith: .success) {
      let model = randomProgram(seed: 5)
      let expected = try GLPKSolver().solve(model)
      var warm = 0
      for round in 0..<2_000 {
        guard solveRaw(columns: [9], rows: [0]).stop == Int(CGLPK_ABORTED) else { exit(2) }
        if round.isMultiple(of: 200) {
          guard try GLPKSolver().solve(model) == expected else { exit(3) }
        }
        if round == 100 { warm = residentPages() }
      }
      // Less than one page of 4 KiB for four errors: an environment that is not freed takes more.
      guard warm > 0, residentPages() - warm < 475 else { exit(4) }
    }
  }

  /// A program too large for one mebibyte, which GLPK answers by abort().
  private func largeModel() -> LinearModel {
    var model = LinearModel("large")
    let variables = (0..<2_000).map { model.variable("x\($0)") }
    for (index, variable) in variables.enumerated() {
      model.require(variable + variables[(index * 7 + 1) % 2_000] >= 1, "r\(index)")
    }
    model.minimise(LinearExpression.sum(of: variables) { $0 })
    return model
  }

  @Test("by a valid model that outgrows its memory limit is an error that says so")
  func memoryLimit() throws {
    var options = SolveOptions()
    options.memoryLimitMebibytes = 1
    let error = #expect(throws: SolverError.self) {
      try GLPKSolver().solve(largeModel(), options: options)
    }
    guard case .aborted(let words) = error else {
      Issue.record("expected an abort, got \(String(describing: error))")
      return
    }
    #expect(words.contains("memory"))
    #expect(try GLPKSolver().solve(largeModel()).isOptimal)
  }

  @Test("on one thread leaves solves on seven others alone")
  func concurrency() async throws {
    let models = (0..<8).map { randomProgram(seed: UInt64($0), integers: true) }
    let expected = try models.map { try GLPKSolver().solve($0) }
    let large = largeModel()
    var limited = SolveOptions()
    limited.memoryLimitMebibytes = 1
    let options = limited
    await withTaskGroup(of: Bool.self) { group in
      for worker in 0..<8 {
        group.addTask {
          for round in 0..<40 {
            let index = (worker + round) % 8
            if round % 10 == 9 {
              let isCaught = (try? GLPKSolver().solve(large, options: options)) == nil
              guard isCaught else { return false }
            }
            guard (try? GLPKSolver().solve(models[index])) == expected[index] else { return false }
          }
          return true
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }
}
