import TestSupport
import Testing
import TrainingCore
import Workloads

@Suite("Rotary embedding against a reference in double precision")
struct RotaryTests {
  /// Tokens, heads and widths; the last is split over workers.
  static let shapes = [(1, 1, 2), (3, 2, 6), (5, 3, 18), (70, 4, 32)]

  @Test("turns, turns back, and reports", arguments: shapes)
  func turns(tokens: Int, heads: Int, width: Int) {
    let samples = 2
    var generator = SeededGenerator(seed: 71)
    let (rows, columns) = (samples * tokens, heads * width)
    let known = tokens + 2
    let (cosines, sines) = (generator.floats(known * width), generator.floats(known * width))
    let table = Floats(cosines + sines)
    let values = generator.floats(rows * columns)
    let lists: [[Int32]?] = [nil, (0..<rows).map { Int32(($0 * 7 + 1) % known) }]
    for positions in lists {
      let places = positions?.map(Int.init) ?? (0..<rows).map { $0 % tokens }
      func turn(_ x: [Double]) -> [Double] {
        ReferenceRotary.rotate(
          x, heads: heads, headWidth: width, cosines: cosines.map(Double.init),
          sines: sines.map(Double.init), positions: places)
      }
      for core in tracedCores() {
        func run(_ values: [Float], inverse: Bool) -> FloatMatrix {
          let view = wideView(values, rows: rows, columns: columns)
          core.rotate(
            view, heads: heads, headWidth: width, table: table, positions: positions,
            tokens: tokens, inverse: inverse)
          core.expectCall(
            .memoryBound(.elementwise), reads: rows * columns + 2 * tokens * width,
            writes: rows * columns)
          return view
        }
        let turned = run(values, inverse: false)
        // Sums of two products below 4.
        #expect(worstError(turned.shown, turn(values.map(Double.init))) < 1e-6)
        #expect(turned.keptGaps)
        guard rows * columns < 500 else { continue }
        let dy = generator.floats(rows * columns)
        let slopes = CentralDifference.gradient(
          at: values.map(Double.init), weights: dy.map(Double.init), of: turn)
        #expect(worstError(run(dy, inverse: true).shown, slopes) < 1e-6, "\(core.label)")
      }
    }
  }

  @Test("with cosines and sines of one angle a pair, the transpose turns back")
  func inverse() {
    let table = Floats([0.6, 0.6, 0.8, 0.8])
    let x = FloatMatrix(Floats([1, 2, -3, 4]), rows: 1, columns: 4)
    for inverse in [false, true] {
      cores[0].rotate(
        x, heads: 2, headWidth: 2, table: table, positions: nil, tokens: 1, inverse: inverse)
      if !inverse {
        #expect(worstError(x.elements, [0.6 - 1.6, 1.2 + 0.8, -1.8 - 3.2, 2.4 - 2.4]) < 1e-6)
      }
    }
    #expect(worstError(x.elements, [1, 2, -3, 4]) < 1e-6)
  }

  private func wideView(_ values: [Float], rows: Int, columns: Int) -> FloatMatrix {
    AttentionCase(samples: 1, queries: rows, keys: 1, headWidth: columns).queryView(values)
  }
}
