import Workloads

/// Where in a step weight gradients appear and where they are complete.
///
/// A block that runs in two branches has one gradient: it appears in the first backward and is
/// complete, and may be reduced, after the last. Elements are scaled so that each tower's sum is
/// its exact count of trained parameters, since passes of one tower share some parameters.
struct GradientLedger {
  private let program: StepProgram
  private let steps: [Step]
  private let prices: [SegmentPrice]

  /// A ledger over `program`, whose items point into `prices`.
  init(program: StepProgram, prices: [SegmentPrice]) {
    self.program = program
    self.prices = prices
    steps = program.phases.flatMap(\.steps)
  }

  /// Writes new, finished and written gradients into the items, one per step of the program.
  func write(into items: inout [StepItem]) {
    func mark(_ order: [Int], _ path: WritableKeyPath<StepItem, Double>) {
      var seen: [Stretch: Set<Int>] = [:]
      var sums = [Double](repeating: 0, count: program.towers.count)
      for index in order {
        guard
          case .backward(let segment, let count, _, let need, let blocks, true, _) = steps[index],
          need.weights
        else { continue }
        let tower = program.segments[segment].tower
        let key = Stretch(weightsOf: segment, of: program)
        let first = blocks?.layer ?? 0
        let fresh = Set(first..<first + count).subtracting(seen[key] ?? [])
        seen[key, default: []].formUnion(fresh)
        let value =
          prices[items[index].price].trainedElements * Double(fresh.count) / Double(count)
        items[index][keyPath: path] = value
        sums[tower] += value * Double(count)
      }
      for index in order {
        let tower = items[index].tower
        if items[index][keyPath: path] > 0, sums[tower] > 0 {
          items[index][keyPath: path] *= Double(program.towers[tower].trained) / sums[tower]
        }
      }
    }
    let order = Array(steps.indices)
    mark(order, \.newGradients)
    mark(order.reversed(), \.finishedGradients)
    for index in order {
      guard case .backward(_, _, _, let need, _, true, _) = steps[index], need.weights
      else { continue }
      items[index].writtenGradients = prices[items[index].price].trainedElements
    }
  }
}
