/// A valid model as the plain arrays that a C solver takes.
struct SolverArrays {
  var columnLower: [Double] = []
  var columnUpper: [Double] = []
  var costs: [Double]
  var isInteger: [UInt8] = []
  var rowLower: [Double] = []
  var rowUpper: [Double] = []
  var entryRows: [Int32] = []
  var entryColumns: [Int32] = []
  var entryValues: [Double] = []

  /// - Precondition: the model has no faults.
  init(_ model: LinearModel) {
    costs = Array(repeating: 0, count: model.columns.count)
    for term in model.objective.terms { costs[term.variable.index] = term.coefficient }
    for column in model.columns {
      let bounds = column.kind == .integer ? column.bounds.integral : column.bounds
      columnLower.append(bounds.lower)
      columnUpper.append(bounds.upper)
      isInteger.append(column.kind == .integer ? 1 : 0)
    }
    for (index, row) in model.rows.enumerated() {
      rowLower.append(row.bounds.lower)
      rowUpper.append(row.bounds.upper)
      for term in row.terms {
        entryRows.append(Int32(index))
        entryColumns.append(Int32(term.variable.index))
        entryValues.append(term.coefficient)
      }
    }
  }

  /// Whether rounding to integers left some variable without a value.
  var hasEmptyColumn: Bool { zip(columnLower, columnUpper).contains { $0 > $1 } }
}
