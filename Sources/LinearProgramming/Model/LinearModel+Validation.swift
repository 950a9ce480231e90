extension LinearModel {
  /// Everything that is wrong with the model, in the order variables, constraints, objective.
  ///
  /// A limit that no integer meets, or a constraint that contradicts another, is not a fault: there
  /// the answer is `Outcome.infeasible`.
  public var faults: [ModelFault] {
    var faults: [ModelFault] = columns.isEmpty ? [.noVariables] : []
    var names: Set<String> = []
    for (index, column) in columns.enumerated() {
      let part = ModelFault.Part.variable(column.name, index: index)
      faults += nameFaults(column.name, part, &names)
      faults += boundFaults(column.bounds, part)
    }
    names = []
    var entryCount = 0
    for (index, row) in rows.enumerated() {
      let part = ModelFault.Part.constraint(row.name, index: index)
      faults += nameFaults(row.name, part, &names)
      faults += boundFaults(row.bounds, part)
      faults += termFaults(row.terms, part)
      entryCount += row.terms.count
    }
    faults += termFaults(objective.terms, .objective)
    if !objective.constant.isFinite {
      faults.append(.badCoefficient(objective.constant, of: nil, in: .objective))
    }
    let largest = max(columns.count, rows.count, entryCount)
    if largest > Self.largestCount { faults.append(.tooLarge(count: largest)) }
    return faults
  }

  /// GLPK refuses more than 1e8 rows or columns, and 5e8 coefficients.
  ///
  /// Source: GLPK 5.0, the limits `M_MAX`, `N_MAX` and `NNZ_MAX` of its problem object.
  private static let largestCount = 100_000_000

  private func nameFaults(
    _ name: String, _ part: ModelFault.Part, _ seen: inout Set<String>
  ) -> [ModelFault] {
    if name.isEmpty { return [.emptyName(part: part)] }
    return seen.insert(name).inserted ? [] : [.duplicateName(part: part)]
  }

  private func boundFaults(_ bounds: Bounds, _ part: ModelFault.Part) -> [ModelFault] {
    if bounds.lower.isNaN || bounds.upper.isNaN || bounds.lower == .infinity
      || bounds.upper == -.infinity
    {
      return [.badBound(bounds, of: part)]
    }
    return bounds.lower > bounds.upper ? [.crossedBounds(bounds, of: part)] : []
  }

  private func termFaults(
    _ terms: [LinearExpression.Term], _ part: ModelFault.Part
  ) -> [ModelFault] {
    terms.compactMap { term in
      guard owns(term.variable) else {
        return .foreignVariable(index: term.variable.index, in: part)
      }
      guard term.coefficient.isFinite else {
        return .badCoefficient(
          term.coefficient, of: columns[term.variable.index].name, in: part)
      }
      return nil
    }
  }
}
