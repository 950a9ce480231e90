/// A linear fit by relative absolute errors, which one wild measurement cannot pull along.
///
/// With targets `t_i > 0`, features `x_ij` and weights `w_i`, the fit finds coefficients `c_j` inside
/// their bounds, and under the conditions, that minimise
/// `sum_i w_i |(sum_j x_ij c_j) / t_i - 1| + sum_j pull_j |c_j - prior_j|`.
///
/// It is a linear program: each error is the difference of two variables of zero or more, of which
/// the optimum keeps one. Where least squares answers with a mean, this answers with a median.
///
/// Source: A. Charnes, W. W. Cooper and R. O. Ferguson, Optimal estimation of executive
/// compensation by linear programming, Management Science 1 (1955), 138-151.
public struct LeastAbsoluteDeviation: Hashable, Sendable {
  /// One unknown.
  public struct Coefficient: Hashable, Sendable {
    /// Its name, in the program's text and in errors.
    public var name: String
    /// What it may be; zero or more unless said otherwise.
    public var bounds: Bounds
    /// What it is believed to be, if anything.
    public var prior: Prior?

    /// An unknown.
    public init(_ name: String, in bounds: Bounds = .nonNegative, prior: Prior? = nil) {
      self.name = name
      self.bounds = bounds
      self.prior = prior
    }
  }

  /// A belief on one coefficient.
  public struct Prior: Hashable, Sendable {
    /// The value believed in.
    public var value: Double
    /// What one unit of distance from it costs, in the unit of the loss.
    public var pull: Double

    /// A belief: `pull * |c - value|` joins the loss.
    public init(_ value: Double, pull: Double) {
      self.value = value
      self.pull = pull
    }
  }

  /// One measurement.
  public struct Observation: Hashable, Sendable {
    /// One number per coefficient.
    public var features: [Double]
    /// The measured value, above 0.
    public var target: Double
    /// Its say in the loss; 0 holds it out: it gets a residual, and pulls at nothing.
    public var weight: Double

    /// A measurement.
    public init(_ features: [Double], target: Double, weight: Double = 1) {
      self.features = features
      self.target = target
      self.weight = weight
    }
  }

  /// A linear claim on the coefficients: `sum_j factors_j c_j` inside bounds.
  public struct Condition: Hashable, Sendable {
    /// Its name, in the program's text and in errors.
    public var name: String
    /// One factor per coefficient.
    public var factors: [Double]
    /// What the sum may be.
    public var bounds: Bounds

    /// A claim.
    public init(_ name: String, _ factors: [Double], in bounds: Bounds) {
      self.name = name
      self.factors = factors
      self.bounds = bounds
    }
  }

  /// What is fitted: the first line of the program's text.
  public var name: String
  /// The unknowns.
  public var coefficients: [Coefficient]
  /// The measurements.
  public var observations: [Observation] = []
  /// The claims on the coefficients.
  public var conditions: [Condition] = []

  /// A fit of these unknowns, without measurements yet.
  public init(_ name: String, _ coefficients: [Coefficient]) {
    self.name = name
    self.coefficients = coefficients
  }

  /// Asks that the coefficients at these places do not fall, in this order.
  public mutating func requireNonDecreasing(_ places: [Int]) {
    for (left, right) in zip(places, places.dropFirst()) {
      condition("rising", [(left, -1), (right, 1)], in: .atLeast(0))
    }
  }

  /// Asks that the coefficients at these places, as values of a curve at `positions`, are concave.
  ///
  /// For neighbours `a < b < c`: `(v_b - v_a) / (b - a) >= (v_c - v_b) / (c - b)`.
  ///
  /// - Precondition: as many positions as places, in growing order.
  public mutating func requireConcave(_ places: [Int], at positions: [Double]) {
    precondition(places.count == positions.count, "one position per place")
    precondition(zip(positions, positions.dropFirst()).allSatisfy(<), "positions must grow")
    for middle in places.indices.dropFirst().dropLast() {
      let before = 1 / (positions[middle] - positions[middle - 1])
      let after = 1 / (positions[middle + 1] - positions[middle])
      condition(
        "concave",
        [
          (places[middle - 1], -before), (places[middle], before + after),
          (places[middle + 1], -after),
        ], in: .atLeast(0))
    }
  }

  private mutating func condition(
    _ word: String, _ factors: [(place: Int, factor: Double)], in bounds: Bounds
  ) {
    var row = [Double](repeating: 0, count: coefficients.count)
    for (place, factor) in factors { row[place] = factor }
    let names = factors.map { coefficients[$0.place].name }.joined(separator: " ")
    conditions.append(Condition("\(word) \(names)", row, in: bounds))
  }

  /// Fits.
  ///
  /// - Throws: `FitError`: everything that is wrong with the data, in one pass; conditions and
  ///   bounds that exclude each other; or the solver's own error.
  public func fit(
    using solver: some LinearSolver, options: SolveOptions = SolveOptions()
  ) throws(FitError) -> Fit {
    let faults = faults
    guard faults.isEmpty else { throw .invalidData(faults) }
    let program = program()
    let outcome: Outcome
    do {
      outcome = try solver.solve(program.model, options: options)
    } catch {
      throw .solver(error)
    }
    guard case .optimal(let solution) = outcome else { throw .noOptimum(outcome.label) }
    let values = zip(program.unknowns, program.scales).map { solution[$0] * $1 }
    return Fit(of: self, values: values, program: program.model)
  }

  /// The linear program that `fit` solves.
  ///
  /// Each coefficient is counted in a power of two of its own, so that seconds per FLOP and seconds
  /// per launch share a scale that the solver's tolerances fit.
  ///
  /// - Precondition: `faults` is empty.
  public var model: LinearModel { program().model }

  private func program() -> (model: LinearModel, unknowns: [Variable], scales: [Double]) {
    var model = LinearModel(name)
    let scales = coefficients.indices.map(scale)
    let unknowns = zip(coefficients, scales).map { coefficient, scale in
      model.variable(
        coefficient.name,
        in: Bounds(lower: coefficient.bounds.lower / scale, upper: coefficient.bounds.upper / scale)
      )
    }
    func sum(_ factors: [Double], over divisor: Double) -> LinearExpression {
      let terms = factors.indices.map { place in
        LinearExpression.Term(factors[place] / divisor * scales[place], unknowns[place])
      }
      return LinearExpression(terms)
    }
    var loss = LinearExpression()
    for (index, observation) in observations.enumerated() where observation.weight > 0 {
      let over = model.variable("over \(index + 1)")
      let under = model.variable("under \(index + 1)")
      loss.add(observation.weight, over)
      loss.add(observation.weight, under)
      let error = under - over
      model.require(
        sum(observation.features, over: observation.target) + error == 1, "sample \(index + 1)")
    }
    for (place, coefficient) in coefficients.enumerated() {
      guard let prior = coefficient.prior, prior.pull > 0 else { continue }
      let above = model.variable("above prior of \(coefficient.name)")
      let below = model.variable("below prior of \(coefficient.name)")
      loss.add(prior.pull * scales[place], above)
      loss.add(prior.pull * scales[place], below)
      model.require(
        unknowns[place] + (below - above) == prior.value / scales[place],
        "prior of \(coefficient.name)")
    }
    for condition in conditions {
      let size = zip(condition.factors, scales).map { abs($0 * $1) }.max() ?? 0
      let divisor = size > 0 ? powerOfTwo(near: size) : 1
      model.require(
        Relation(
          sum(condition.factors, over: divisor),
          in: Bounds(
            lower: condition.bounds.lower / divisor, upper: condition.bounds.upper / divisor)),
        condition.name)
    }
    model.minimise(loss)
    return (model, unknowns, scales)
  }

  /// The size that makes the coefficient's share of a typical target about one.
  private func scale(of place: Int) -> Double {
    let exponents = observations.compactMap { observation -> Double? in
      let share = abs(observation.features[place] / observation.target)
      return share > 0 && share.isFinite ? Double(share.exponent) : nil
    }
    guard !exponents.isEmpty else { return 1 }
    let mean = exponents.reduce(0, +) / Double(exponents.count)
    return Double(sign: .plus, exponent: -Int(mean.rounded()), significand: 1)
  }

  private func powerOfTwo(near size: Double) -> Double {
    Double(sign: .plus, exponent: Int(size.exponent), significand: 1)
  }
}
