import TestSupport
import Testing
import TrainingCore
import Workloads

/// The function of one number that an activation applies, to the gate where there is one.
private func function(_ kind: Activation) -> (Double) -> Double {
  switch kind {
  case .gelu, .geGLU: ReferenceActivation.gelu
  case .geluTanh: ReferenceActivation.geluTanh
  case .quickGELU: { ReferenceActivation.swish($0, steepness: 1.702) }
  case .swiGLU: { ReferenceActivation.swish($0, steepness: 1) }
  case .relu: ReferenceActivation.relu
  }
}

/// An activation in double precision.
func reference(_ kind: Activation, _ pre: [Double], rows: Int) -> [Double] {
  kind.isGated
    ? ReferenceActivation.gated(pre, rows: rows, by: function(kind)) : pre.map(function(kind))
}

@Suite("Activations against references in double precision")
struct ActivationTests {
  /// Rows and columns around vector widths; the last is split over workers.
  static let shapes = [(1, 1), (3, 7), (2, 40), (150, 130)]

  // GELU's distribution is exact to 7.5e-8 and the exponential to 3e-7, relative; a gated value is
  // as large as its up.
  @Test("values", arguments: Activation.allCases, shapes)
  func values(kind: Activation, shape: (Int, Int)) {
    let (rows, columns) = shape
    var generator = SeededGenerator(seed: 31)
    let pre = generator.buffer(rows * columns * kind.inputsPerOutput, in: -6...6)
    let wanted = reference(kind, pre.doubles, rows: rows)
    for core in tracedCores() {
      let y = Floats.garbage(rows * columns)
      core.activation(kind, pre, rows: rows, into: y)
      #expect(worstError(y, wanted) < 2e-6, "\(core.label)")
      core.expectCall(.memoryBound(.elementwise), reads: pre.count, writes: y.count)
    }
  }

  @Test("slopes", arguments: Activation.allCases, shapes)
  func slopes(kind: Activation, shape: (Int, Int)) {
    let (rows, columns) = shape
    var generator = SeededGenerator(seed: 32)
    let pre = generator.buffer(rows * columns * kind.inputsPerOutput, in: -6...6)
    let dy = generator.buffer(rows * columns)
    let wanted = derivatives(kind, pre.doubles, dy.doubles, rows: rows)
    for core in tracedCores() {
      let dpre = Floats.garbage(pre.count)
      core.activationBackward(kind, dy: dy, pre: pre, rows: rows, into: dpre)
      #expect(worstError(dpre, wanted) < 3e-6, "\(core.label)")
      core.expectCall(
        .memoryBound(.elementwise), reads: dy.count + pre.count, writes: pre.count)
      guard !kind.isGated else { continue }
      let inPlace = Floats(dy.values)
      core.activationBackward(kind, dy: inPlace, pre: pre, rows: rows, into: inPlace)
      #expect(inPlace.values == dpre.values, "\(core.label), in place")
    }
  }

  @Test("tails stay finite, and what is not a number stays so", arguments: Activation.allCases)
  func tails(kind: Activation) {
    let inputs: [Float] = [-1e30, -100, -20, 0, 20, 100, 1e30, .nan]
    let ups = kind.isGated ? [Float](repeating: 1, count: inputs.count) : []
    let y = Floats.zeros(inputs.count)
    cores[0].activation(kind, Floats(inputs + ups), rows: 1, into: y)
    #expect(abs(y[1]) < 1e-30 && abs(y[2]) < 1e-7 && y[3] == 0)
    #expect(y[4] > 19.99 && y[5] == 100 && y[6] == 1e30 && y[7].isNaN)
    let slope = Floats.zeros(inputs.count + ups.count)
    let ones = Floats([Float](repeating: 1, count: inputs.count))
    cores[0].activationBackward(
      kind, dy: ones, pre: Floats(inputs + ups), rows: 1, into: slope)
    #expect(abs(slope[1]) < 1e-30 && abs(slope[2]) < 1e-5)
    #expect(abs(slope[4] - 1) < 1e-5 && slope[5] == 1)
  }

  /// Central differences element by element: an activation mixes no two of them.
  private func derivatives(
    _ kind: Activation, _ pre: [Double], _ dy: [Double], rows: Int
  ) -> [Double] {
    let (f, step) = (function(kind), 1e-5)
    func slope(_ x: Double) -> Double { (f(x + step) - f(x - step)) / (2 * step) }
    guard kind.isGated else { return zip(pre, dy).map { slope($0) * $1 } }
    let columns = pre.count / rows / 2
    return (0..<rows).flatMap { r in
      let gate = pre[r * 2 * columns..<r * 2 * columns + columns]
      let up = pre[r * 2 * columns + columns..<(r + 1) * 2 * columns]
      let row = dy[r * columns..<(r + 1) * columns]
      return zip(zip(gate, up), row).map { slope($0.0) * $0.1 * $1 }
        + zip(gate, row).map { f($0) * $1 }
    }
  }
}
