import TestSupport
import Testing
import TrainingCore
import Workloads

/// Two patches of 3 channels of 4 values.
private let columns = 12

@Suite("The attack on inputs")
struct AttackTests {
  private let lower = Floats([-1, -0.5, 0])
  private let upper = Floats([1, 0.5, 0.25])

  private func ranges(_ count: Int) -> [ClosedRange<Double>] {
    (0..<count).map { index in
      let channel = index % columns / 4
      return Double(lower[channel])...Double(upper[channel])
    }
  }

  /// Inputs inside their channel's range, the ends included.
  private func inputs(rows: Int, using generator: inout SeededGenerator) -> Floats {
    let x = Floats.random(rows * columns, in: 0...1, using: &generator)
    for (index, range) in ranges(x.count).enumerated() {
      let share = x[index] < 0.1 ? 0 : x[index] > 0.9 ? 1 : Double(x[index])
      x[index] = Float(range.lowerBound + share * (range.upperBound - range.lowerBound))
    }
    return x
  }

  @Test("the start is SplitMix64 by position, clipped to epsilon and to each channel's range")
  func start() {
    var generator = SeededGenerator(seed: 91)
    let x = inputs(rows: 2, using: &generator)
    // The kernel's sequence for seed 7, from its 100th number on.
    var first = SeededGenerator(seed: 7)
    var sequence = SeededGenerator(seed: first.next())
    for _ in 0..<100 { _ = sequence.next() }
    let wanted = zip(x.values, ranges(x.count)).map { x, range in
      let share = (Double(sequence.next() >> 40) + 0.5) / 8_388_608 - 1
      return min(max(Double(x) + 0.1 * share, range.lowerBound), range.upperBound)
    }
    for traced in TracedCore.both {
      let (delta, attacked) = (Floats.garbage(x.count), Floats.garbage(x.count))
      traced.core.attackStart(
        x, epsilon: 0.1, lower: lower, upper: upper, columns: columns, seed: 7, counter: 100,
        into: delta, attacked: attacked)
      traced.expect(.elementwise, reads: x.count, writes: 2 * x.count)
      // One rounding of a sum of size 1.
      #expect(worstError(attacked, wanted) < 1e-7)
      #expect(delta.values == zip(attacked.values, x.values).map(-))
    }
  }

  @Test("features have no range; parts continue the sequence; every value is below epsilon")
  func features() {
    var generator = SeededGenerator(seed: 92)
    let count = 40_000
    let x = Floats.random(count, using: &generator)
    let results = sameForAllWorkers("open start") { core in
      let (delta, attacked) = (Floats.garbage(count), Floats.garbage(count))
      core.attackStart(x, epsilon: 0.5, seed: 3, counter: 0, into: delta, attacked: attacked)
      return [delta, attacked]
    }
    let delta = results[0]
    // Attacked minus x rounds by 1e-7 of numbers of size 2.
    #expect(delta.allSatisfy { abs($0) < 0.5 + 3e-7 })
    let sum = delta.reduce(0.0) { $0 + Double($1) }
    let square = delta.reduce(0.0) { $0 + Double($1) * Double($1) }
    // Uniform: mean 0 and variance epsilon^2 / 3, within four standard errors.
    #expect(abs(sum / Double(count)) < 4 * 0.5 / (3.0 * Double(count)).squareRoot())
    #expect(abs(square / Double(count) - 0.25 / 3) < 4 * 0.0746 / Double(count).squareRoot())

    let (tail, attacked) = (Floats.garbage(100), Floats.garbage(100))
    cores[0].attackStart(
      x.part(count - 100, 100), epsilon: 0.5, seed: 3, counter: UInt64(count - 100), into: tail,
      attacked: attacked)
    #expect(tail.values == Array(delta.suffix(100)))
    cores[0].attackStart(
      x.part(0, 100), epsilon: 0.5, seed: 4, counter: 0, into: tail, attacked: attacked)
    #expect(zip(tail.values, delta).filter { $0 == $1 }.count < 5)
  }

  @Test("a step follows the sign of the gradient and stays inside epsilon and range")
  func update() {
    var generator = SeededGenerator(seed: 93)
    let x = inputs(rows: 3, using: &generator)
    let delta = Floats.random(x.count, in: -0.1...0.1, using: &generator)
    let gradient = Floats.random(x.count, using: &generator)
    gradient[0] = 0
    gradient[1] = -0.0
    let wanted = ReferenceMeasure.attacked(
      x.doubles, delta: delta.doubles, gradient: gradient.doubles, alpha: 0.07, epsilon: 0.1,
      ranges: ranges(x.count))
    for traced in TracedCore.both {
      let (moved, attacked) = (Floats(delta.values), Floats.garbage(x.count))
      traced.core.attackUpdate(
        x, gradient: gradient, alpha: 0.07, epsilon: 0.1, lower: lower, upper: upper,
        columns: columns, delta: moved, into: attacked)
      traced.expect(.elementwise, reads: 3 * x.count, writes: 2 * x.count)
      // Two roundings of sums of size 1.
      #expect(worstError(attacked, wanted) < 2e-7)
      #expect(moved.values == zip(attacked.values, x.values).map(-))
    }
  }

  @Test("with epsilon 0 nothing moves, whatever the gradient")
  func noAttack() {
    var generator = SeededGenerator(seed: 94)
    let x = inputs(rows: 2, using: &generator)
    let (delta, attacked) = (Floats.garbage(x.count), Floats.garbage(x.count))
    let core = cores[0]
    core.attackStart(
      x, epsilon: 0, lower: lower, upper: upper, columns: columns, seed: 1, counter: 0,
      into: delta, attacked: attacked)
    #expect(attacked.values == x.values && delta.values.allSatisfy { $0 == 0 })
    core.attackUpdate(
      x, gradient: x, alpha: 0.5, epsilon: 0, lower: lower, upper: upper, columns: columns,
      delta: delta, into: attacked)
    #expect(attacked.values == x.values && delta.values.allSatisfy { $0 == 0 })
  }

  @Test("ranges and steps give the same bits for any number of workers")
  func workers() {
    var generator = SeededGenerator(seed: 95)
    let x = inputs(rows: 3001, using: &generator)
    let gradient = Floats.random(x.count, using: &generator)
    sameForAllWorkers("attack") { core in
      let (delta, attacked) = (Floats.garbage(x.count), Floats.garbage(x.count))
      let first = Floats.garbage(x.count)
      core.attackStart(
        x, epsilon: 0.1, lower: lower, upper: upper, columns: columns, seed: 1, counter: 0,
        into: delta, attacked: first)
      core.attackUpdate(
        x, gradient: gradient, alpha: 0.05, epsilon: 0.1, lower: lower, upper: upper,
        columns: columns, delta: delta, into: attacked)
      let open = Floats.garbage(x.count)
      core.attackUpdate(
        x, gradient: gradient, alpha: 0.05, epsilon: 0.1, delta: delta, into: open)
      return [first, delta, attacked, open]
    }
  }
}
