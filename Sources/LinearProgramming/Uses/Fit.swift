/// The coefficients that a `LeastAbsoluteDeviation` found, and how well they do.
public struct Fit: Hashable, Sendable {
  /// What was fitted.
  public let question: LeastAbsoluteDeviation
  /// One value per coefficient, in the question's order.
  public let coefficients: [Double]
  /// The relative error `prediction / target - 1` of each observation, held-out ones included.
  public let residuals: [Double]
  /// `sum w |residual| + sum pull |coefficient - prior|`.
  public let loss: Double
  /// The linear program that was solved.
  public let model: LinearModel

  /// - Precondition: the question has no faults, and one value per coefficient.
  init(of question: LeastAbsoluteDeviation, values: [Double], program: LinearModel) {
    self.question = question
    // The solver counts in units of its own; a limit of the user is a limit to the last bit.
    let values = zip(values, question.coefficients).map { value, coefficient in
      min(max(value, coefficient.bounds.lower), coefficient.bounds.upper)
    }
    coefficients = values
    model = program
    residuals = question.observations.map { observation in
      zip(observation.features, values).reduce(0) { $0 + $1.0 * $1.1 } / observation.target - 1
    }
    let errors = zip(question.observations, residuals).reduce(0) { $0 + $1.0.weight * abs($1.1) }
    loss = zip(question.coefficients, values).reduce(errors) { sum, pair in
      guard let prior = pair.0.prior else { return sum }
      return sum + prior.pull * abs(pair.1 - prior.value)
    }
  }

  /// The coefficient of that name; nil where there is none.
  public subscript(name: String) -> Double? {
    question.coefficients.firstIndex { $0.name == name }.map { coefficients[$0] }
  }

  /// What the fit predicts for these features.
  ///
  /// - Precondition: one feature per coefficient.
  public func prediction(for features: [Double]) -> Double {
    precondition(features.count == coefficients.count, "one feature per coefficient")
    return zip(features, coefficients).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// The median of `|residual|` over the observations that had a say.
  public var medianAbsoluteResidual: Double {
    let sizes = zip(question.observations, residuals)
      .filter { $0.0.weight > 0 }.map { abs($0.1) }.sorted()
    let middle = sizes.count / 2
    return sizes.count.isMultiple(of: 2) ? (sizes[middle - 1] + sizes[middle]) / 2 : sizes[middle]
  }

  /// The coefficients that no observation with a say depends on: bounds and priors decided them.
  public var unseen: [String] {
    question.coefficients.indices.filter { place in
      !question.observations.contains { $0.weight > 0 && $0.features[place] != 0 }
    }.map { question.coefficients[$0].name }
  }

  /// The solved program as text.
  public var text: String { model.description }
}
