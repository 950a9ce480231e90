/// One thing that is wrong with the data of a fit.
public enum FitFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// Nothing to fit.
  case noCoefficients
  /// Nothing to fit to: no observation with a weight above 0.
  case noObservations
  /// Two coefficients, or two conditions, share a name.
  case duplicateName(String)
  /// Crossed or not-a-number bounds of a coefficient or a condition.
  case badBounds(Bounds, of: String)
  /// A prior that is not finite, or a pull below 0.
  case badPrior(LeastAbsoluteDeviation.Prior, of: String)
  /// An observation or a condition has another number of entries than there are coefficients.
  case wrongCount(Int, expected: Int, in: String)
  /// A feature or a factor is infinite or not a number.
  case badNumber(Double, in: String)
  /// A target that is not above 0 and finite: a relative error to it means nothing.
  case badTarget(Double, in: String)
  /// A weight below 0, infinite or not a number.
  case badWeight(Double, in: String)

  /// One sentence: what is wrong, where, and with which number.
  public var description: String {
    switch self {
    case .noCoefficients: "there is no coefficient to fit"
    case .noObservations: "no observation has a weight above 0"
    case .duplicateName(let name): "the name \"\(name)\" is used twice"
    case .badBounds(let bounds, let name):
      "the bounds of \(name) are \(bounds.lower) and \(bounds.upper)"
    case .badPrior(let prior, let name):
      "the prior of \(name) is \(prior.value) with a pull of \(prior.pull)"
    case .wrongCount(let count, let expected, let place):
      "\(place) has \(count) numbers for \(expected) coefficients"
    case .badNumber(let number, let place): "\(place) contains \(number)"
    case .badTarget(let target, let place):
      "the target of \(place) is \(target); it must be above 0"
    case .badWeight(let weight, let place): "the weight of \(place) is \(weight)"
    }
  }
}

/// Why a fit has no result.
public enum FitError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The data cannot be fitted; every fault found.
  case invalidData([FitFault])
  /// The solver answered something else than an optimum; its word.
  case noOptimum(String)
  /// The solver has no answer.
  case solver(SolverError)

  /// What happened, one line per finding.
  public var description: String {
    switch self {
    case .invalidData(let faults): faults.map(\.description).joined(separator: "\n")
    case .noOptimum(let word): "no set of coefficients is best: the program is \(word)"
    case .solver(let error): error.description
    }
  }
}

extension LeastAbsoluteDeviation {
  /// Everything that is wrong with the data: coefficients, observations, conditions.
  public var faults: [FitFault] {
    var faults: [FitFault] = coefficients.isEmpty ? [.noCoefficients] : []
    faults += duplicates(coefficients.map(\.name)) + duplicates(conditions.map(\.name))
    for coefficient in coefficients {
      faults += boundFaults(coefficient.bounds, coefficient.name)
      if let prior = coefficient.prior,
        !(prior.value.isFinite && prior.pull >= 0 && prior.pull.isFinite)
      {
        faults.append(.badPrior(prior, of: coefficient.name))
      }
    }
    if !observations.contains(where: { $0.weight > 0 }) { faults.append(.noObservations) }
    for (index, observation) in observations.enumerated() {
      let place = "observation \(index + 1)"
      faults += numberFaults(observation.features, place)
      if !(observation.target > 0 && observation.target.isFinite) {
        faults.append(.badTarget(observation.target, in: place))
      }
      if !(observation.weight >= 0 && observation.weight.isFinite) {
        faults.append(.badWeight(observation.weight, in: place))
      }
    }
    for condition in conditions {
      faults += numberFaults(condition.factors, "condition \"\(condition.name)\"")
      faults += boundFaults(condition.bounds, condition.name)
    }
    return faults
  }

  private func duplicates(_ names: [String]) -> [FitFault] {
    var seen: Set<String> = []
    return names.filter { !seen.insert($0).inserted }.map { .duplicateName($0) }
  }

  private func boundFaults(_ bounds: Bounds, _ name: String) -> [FitFault] {
    let isUsable =
      bounds.lower <= bounds.upper && bounds.lower != .infinity && bounds.upper != -.infinity
    return isUsable ? [] : [.badBounds(bounds, of: name)]
  }

  private func numberFaults(_ numbers: [Double], _ place: String) -> [FitFault] {
    if numbers.count != coefficients.count {
      return [.wrongCount(numbers.count, expected: coefficients.count, in: place)]
    }
    return numbers.filter { !$0.isFinite }.map { .badNumber($0, in: place) }
  }
}
