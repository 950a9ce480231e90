extension LinearModel: CustomStringConvertible {
  /// The model in CPLEX LP format: the same text for the same model, readable by other solvers.
  ///
  /// Numbers are the shortest decimals that read back as the same double; names keep what the
  /// format allows and get `_` for the rest; a two-sided constraint becomes two rows, `.low` and
  /// `.high`; a constraint without limits, and the name of the model, become comments; the
  /// objective's constant multiplies a variable `one` that is fixed to 1, as readers differ there.
  public var description: String {
    let columnNames = TextNames(columns.map(\.name) + ["one"])
    var lines = ["\\ " + name.replacing("\n", with: " ")]
    lines.append(sense == .minimise ? "Minimize" : "Maximize")
    lines += wrapped(label: "objective", sum(objective, columnNames), "")
    lines.append("Subject To")
    lines += rowLines(columnNames)
    var bounds = columns.indices.compactMap { boundLine(columns[$0], columnNames[$0]) }
    if objective.constant != 0 { bounds.append("\(columnNames[columns.count]) = 1") }
    if !bounds.isEmpty { lines += ["Bounds"] + bounds.map { " " + $0 } }
    let integers = columns.indices.filter { columns[$0].kind == .integer }
    let binaries = integers.filter { columns[$0].bounds == .unit }
    let generals = integers.filter { columns[$0].bounds != .unit }
    if !generals.isEmpty { lines += ["Generals"] + generals.map { " " + columnNames[$0] } }
    if !binaries.isEmpty { lines += ["Binaries"] + binaries.map { " " + columnNames[$0] } }
    return (lines + ["End", ""]).joined(separator: "\n")
  }

  private func rowLines(_ columnNames: TextNames) -> [String] {
    let sides = rows.map { row -> [(suffix: String, comparison: String)] in
      let low = ">= \(decimal(row.bounds.lower))"
      let high = "<= \(decimal(row.bounds.upper))"
      if row.bounds == .free { return [] }
      if row.bounds.lower == row.bounds.upper { return [("", "= \(decimal(row.bounds.lower))")] }
      if row.bounds.lower == -.infinity { return [("", high)] }
      if row.bounds.upper == .infinity { return [("", low)] }
      return [(".low", low), (".high", high)]
    }
    let labels = TextNames(
      zip(rows, sides).flatMap { row, sides in sides.map { row.name + $0.suffix } })
    var lines: [String] = []
    var next = 0
    for (row, sides) in zip(rows, sides) {
      if sides.isEmpty { lines.append("\\ without limits: " + row.name.replacing("\n", with: " ")) }
      for side in sides {
        lines += wrapped(
          label: labels[next], sum(LinearExpression(row.terms), columnNames), side.comparison)
        next += 1
      }
    }
    return lines
  }

  /// The signed terms of a sum, as `3 x`, `+ y`, `- 2 z`; at least one, because the format asks.
  private func sum(_ expression: LinearExpression, _ columnNames: TextNames) -> [String] {
    var words = expression.terms.enumerated().map { place, term in
      let size = abs(term.coefficient)
      let factor = size == 1 ? "" : decimal(size) + " "
      let name =
        owns(term.variable) ? columnNames[term.variable.index] : "foreign_\(term.variable.index)"
      let sign = term.coefficient < 0 ? "- " : place == 0 ? "" : "+ "
      return sign + factor + name
    }
    if words.isEmpty { words.append(columns.isEmpty ? "0" : "0 " + columnNames[0]) }
    if expression.constant != 0 {
      let sign = expression.constant < 0 ? "- " : "+ "
      words.append(sign + decimal(abs(expression.constant)) + " " + columnNames[columns.count])
    }
    return words
  }

  private func boundLine(_ column: Column, _ name: String) -> String? {
    let bounds = column.bounds
    if column.kind == .integer && bounds == .unit { return nil }  // said by "Binaries"
    if bounds == .free { return "\(name) free" }
    if bounds.lower == bounds.upper { return "\(name) = \(decimal(bounds.lower))" }
    if bounds.upper == .infinity {
      return bounds.lower == 0 ? nil : "\(name) >= \(decimal(bounds.lower))"
    }
    return "\(decimal(bounds.lower)) <= \(name) <= \(decimal(bounds.upper))"
  }

  /// One row, broken before column 100 and indented where it goes on.
  private func wrapped(label: String, _ words: [String], _ end: String) -> [String] {
    var lines: [String] = []
    var line = " \(label):"
    for word in words + (end.isEmpty ? [] : [end]) {
      if line.utf8.count + 1 + word.utf8.count > 100 {
        lines.append(line)
        line = "   "
      }
      line += " " + word
    }
    return lines + [line]
  }
}
