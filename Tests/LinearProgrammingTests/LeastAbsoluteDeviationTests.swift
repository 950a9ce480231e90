import LinearProgramming
import Testing

/// Keeps no text and asks no library: it answers every program as unbounded.
struct UnboundedSolver: LinearSolver {
  func report(
    on model: LinearModel, options: SolveOptions
  ) throws(SolverError) -> SolveReport {
    SolveReport(
      .unbounded, on: model,
      statistics: SolveStatistics(
        of: model, termination: .finished, primal: .feasible, dual: .impossible))
  }
}

@Suite("A least-absolute-deviation fit")
struct LeastAbsoluteDeviationTests {
  let solver = GLPKSolver()

  /// Kernel times: seconds per launch, per FLOP and per byte, twelve orders of magnitude apart.
  let truth = [4.5e-6, 2.1e-12, 1.3e-11]

  func kernelTimes(
    count: Int, seed: UInt64, error: (inout SeededGenerator, Int) -> Double = { _, _ in 1 }
  ) -> LeastAbsoluteDeviation {
    var generator = SeededGenerator(seed: seed)
    var question = LeastAbsoluteDeviation(
      "kernel times", [.init("launch"), .init("per FLOP"), .init("per byte")])
    for index in 0..<count {
      let flops = Double.random(in: 1e5...1e9, using: &generator)
      let bytes = Double.random(in: 1e4...1e8, using: &generator)
      let features = [1, flops, bytes]
      let time = zip(features, truth).reduce(0) { $0 + $1.0 * $1.1 }
      question.observations.append(
        .init(features, target: time * error(&generator, index)))
    }
    return question
  }

  @Test("recovers the coefficients of noise-free data to nine digits")
  func exact() throws {
    let fit = try kernelTimes(count: 60, seed: 1).fit(using: solver)
    for (found, wanted) in zip(fit.coefficients, truth) {
      // The solver stops at errors of 1e-7 of a scaled bound; an interpolating vertex is far closer.
      #expect(abs(found / wanted - 1) < 1e-9)
    }
    #expect(fit.residuals.allSatisfy { abs($0) < 1e-9 })
    #expect(fit.medianAbsoluteResidual < 1e-9)
    #expect(fit["per FLOP"] == fit.coefficients[1])
    #expect(fit["per joule"] == nil)
    #expect(fit.unseen.isEmpty)
    let row = fit.question.observations[7]
    #expect(isClose(fit.prediction(for: row.features) / row.target, 1, tolerance: 1e-9))
  }

  @Test("is not moved by a third of the samples being five times too slow")
  func outliers() throws {
    let question = kernelTimes(count: 90, seed: 2) { _, index in index.isMultiple(of: 3) ? 5 : 1 }
    let fit = try question.fit(using: solver)
    for (found, wanted) in zip(fit.coefficients, truth) {
      #expect(abs(found / wanted - 1) < 1e-9)
    }
    #expect(fit.residuals.count { abs($0) > 0.5 } == 30)
  }

  @Test("loses to no nearby set of coefficients on noisy data")
  func optimality() throws {
    var generator = SeededGenerator(seed: 99)
    for seed in 3..<UInt64(13) {
      var question = kernelTimes(count: 40, seed: seed) { generator, _ in
        Double.random(in: 0.7...1.6, using: &generator)
      }
      question.coefficients[0].prior = .init(5e-6, pull: 1e4)
      for index in question.observations.indices {
        question.observations[index].weight = Double.random(in: 0...2, using: &generator)
      }
      let fit = try question.fit(using: solver)
      func loss(_ coefficients: [Double]) -> Double {
        question.observations.reduce(1e4 * abs(coefficients[0] - 5e-6)) { sum, observation in
          let prediction = zip(observation.features, coefficients).reduce(0) { $0 + $1.0 * $1.1 }
          return sum + observation.weight * abs(prediction / observation.target - 1)
        }
      }
      #expect(isClose(fit.loss, loss(fit.coefficients), tolerance: 1e-12))
      for _ in 0..<200 {
        let near = fit.coefficients.map { $0 * Double.random(in: 0.9...1.1, using: &generator) }
        #expect(loss(near) >= fit.loss * (1 - 1e-9), "seed \(seed)")
      }
    }
  }

  @Test("of one constant is the weighted median, and the prior is one more vote")
  func median() throws {
    var question = LeastAbsoluteDeviation("median", [.init("level")])
    question.observations = [
      .init([10], target: 10, weight: 1), .init([10], target: 20, weight: 5),
      .init([10], target: 90, weight: 1),
    ]
    // Relative errors: slopes in the level are w * 10 / target, that is 1, 2.5 and 0.11.
    #expect(isClose(try question.fit(using: solver).coefficients[0], 2))
    question.coefficients[0].prior = .init(1.5, pull: 2)
    #expect(isClose(try question.fit(using: solver).coefficients[0], 1.5))
    question.coefficients[0].prior = .init(1.5, pull: 1)
    #expect(isClose(try question.fit(using: solver).coefficients[0], 2))
  }

  @Test("keeps bounds to the last bit, and holds out what has no weight")
  func bounds() throws {
    var question = kernelTimes(count: 40, seed: 4)
    question.coefficients[1].bounds = .between(3.3e-12, 1e-9)
    question.observations.append(.init([1, 0, 0], target: 9, weight: 0))
    let fit = try question.fit(using: solver)
    #expect(fit.coefficients[1] == 3.3e-12)
    #expect(fit.coefficients.allSatisfy { $0 >= 0 })
    #expect(isClose(fit.residuals[40], fit.coefficients[0] / 9 - 1))
    #expect(!fit.text.contains("sample_41"))
  }

  @Test("follows conditions: a curve that rises and is concave")
  func shape() throws {
    let positions: [Double] = [1, 2, 4, 8, 16]
    let measured = [0.20, 0.45, 0.40, 0.70, 0.69]
    var question = LeastAbsoluteDeviation(
      "efficiency", positions.map { .init("at \(Int($0))", in: .unit) })
    for (place, value) in measured.enumerated() {
      var features = [Double](repeating: 0, count: positions.count)
      features[place] = 1
      question.observations.append(.init(features, target: value))
    }
    question.requireNonDecreasing(Array(positions.indices))
    question.requireConcave(Array(positions.indices), at: positions)
    let curve = try question.fit(using: solver).coefficients
    #expect(zip(curve, curve.dropFirst()).allSatisfy { $0 <= $1 + 1e-9 })
    let slopes = (0..<4).map { place -> Double in
      let rise: Double = curve[place + 1] - curve[place]
      return rise / (positions[place + 1] - positions[place])
    }
    #expect(zip(slopes, slopes.dropFirst()).allSatisfy { $0 >= $1 - 1e-9 })
    question.conditions.append(.init("impossible", [1, 0, 0, 0, 0], in: .atLeast(2)))
    #expect(throws: FitError.noOptimum("infeasible")) { try question.fit(using: solver) }
  }

  /// `launch` is counted in 4 and `per item` in 1/4, so that the coefficients come out near 1.
  @Test("shows its program as text")
  func text() throws {
    var question = LeastAbsoluteDeviation(
      "two kernels",
      [.init("launch", prior: .init(0.25, pull: 2)), .init("per item", in: .between(0, 8))])
    question.observations = [
      .init([1, 4], target: 2), .init([1, 16], target: 4, weight: 0.5),
    ]
    question.conditions = [.init("sum", [1, 1], in: .atMost(3))]
    #expect(
      question.model.description == """
        \\ two kernels
        Minimize
         objective: over_1 + under_1 + 0.5 over_2 + 0.5 under_2 + 8 above_prior_of_launch
            + 8 below_prior_of_launch
        Subject To
         sample_1: 2 launch + 0.5 per_item - over_1 + under_1 = 1
         sample_2: launch + per_item - over_2 + under_2 = 1
         prior_of_launch: launch - above_prior_of_launch + below_prior_of_launch = 0.0625
         sum: launch + 0.0625 per_item <= 0.75
        Bounds
         0 <= per_item <= 32
        End

        """)
    #expect(try question.fit(using: solver).text == question.model.description)
  }

  @Test("lists everything that is wrong with its data")
  func faults() {
    var question = LeastAbsoluteDeviation(
      "faulty",
      [.init("a"), .init("a", in: .between(2, 1)), .init("c", prior: .init(.nan, pull: 1))])
    question.observations = [
      .init([1, 2], target: 1), .init([1, .nan, 3], target: 0),
      .init([1, 2, 3], target: 1, weight: -1),
    ]
    question.conditions = [.init("short", [1], in: .free)]
    let error = #expect(throws: FitError.self) { try question.fit(using: solver) }
    #expect(
      error?.description == """
        the name "a" is used twice
        the bounds of a are 2.0 and 1.0
        the prior of c is nan with a pull of 1.0
        observation 1 has 2 numbers for 3 coefficients
        observation 2 contains nan
        the target of observation 2 is 0.0; it must be above 0
        the weight of observation 3 is -1.0
        condition "short" has 1 numbers for 3 coefficients
        """)
    #expect(throws: FitError.invalidData([.noCoefficients, .noObservations])) {
      try LeastAbsoluteDeviation("empty", []).fit(using: solver)
    }
  }

  @Test("goes through the seam, and passes on what another solver says")
  func seam() {
    #expect(throws: FitError.noOptimum("unbounded")) {
      try kernelTimes(count: 5, seed: 1).fit(using: UnboundedSolver())
    }
    var options = SolveOptions()
    options.iterationLimit = 0
    #expect(
      throws: FitError.solver(
        .invalidOptions(["the iteration limit is 0; it must be at least 1"]))
    ) { try kernelTimes(count: 5, seed: 1).fit(using: solver, options: options) }
  }
}
