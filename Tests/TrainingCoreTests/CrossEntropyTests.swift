import Foundation
import TestSupport
import Testing
import TrainingCore
import Workloads

/// Rows and columns around vector widths and column tiles, and the label smoothing.
private let shapes: [(Int, Int, Float)] = [
  (1, 1, 0), (3, 2, 0.1), (4, 7, 0), (5, 33, 0.2), (9, 130, 0), (130, 9, 0.1),
]

@Suite("Cross-entropy over rows and columns")
struct CrossEntropyTests {
  /// Logits of size 8 have 5e-7 absolute error in fp32; the exponential adds 3e-7.
  private let rounding = 3e-6

  @Test("rows: losses and gradients, labels left out", arguments: shapes)
  func rows(rows: Int, columns: Int, smoothing: Float) {
    var generator = SeededGenerator(seed: 41)
    let logits = Floats.random(rows * columns, in: -8...8, using: &generator)
    let weights = Floats.random(rows, using: &generator)
    let labels = (0..<rows).map { Int32($0 % 4 == 2 ? -1 : $0 * 5 % columns) }
    let loss = {
      ReferenceLoss.crossEntropy($0, labels: labels, smoothing: Double(smoothing))
    }
    let small = rows * columns < 200
    let slope = small ? slopes(at: logits.doubles) { inner(loss($0), weights.doubles) } : []
    for traced in TracedCore.both {
      let losses = Floats.garbage(rows)
      traced.core.crossEntropyRows(logits, labels: labels, smoothing: smoothing, into: losses)
      traced.expect(.softmax, reads: logits.count, writes: rows)
      #expect(worstError(losses, loss(logits.doubles)) < rounding)
      let dlogits = Floats.garbage(logits.count)
      traced.core.crossEntropyRowsBackward(
        weights, logits: logits, labels: labels, smoothing: smoothing, into: dlogits)
      traced.expect(.softmax, reads: logits.count + rows, writes: logits.count)
      if small { #expect(worstError(dlogits, slope) < rounding) }
      let inPlace = Floats(logits.values)
      traced.core.crossEntropyRowsBackward(
        weights, logits: inPlace, labels: labels, smoothing: smoothing, into: inPlace)
      #expect(inPlace.values == dlogits.values)
    }
  }

  @Test("columns: as the rows of the transposed matrix", arguments: shapes)
  func columns(rows: Int, columns: Int, smoothing: Float) {
    var generator = SeededGenerator(seed: 42)
    let logits = Floats.random(rows * columns, in: -8...8, using: &generator)
    let weights = Floats.random(columns, using: &generator)
    let labels = (0..<columns).map { Int32($0 % 4 == 2 ? -1 : $0 * 5 % rows) }
    let loss = { (z: [Double]) in
      ReferenceLoss.crossEntropy(
        ReferenceLoss.transposed(z, columns: columns), labels: labels,
        smoothing: Double(smoothing))
    }
    let small = rows * columns < 200
    let slope = small ? slopes(at: logits.doubles) { inner(loss($0), weights.doubles) } : []
    for traced in TracedCore.both {
      let losses = Floats.garbage(columns)
      traced.core.crossEntropyColumns(logits, labels: labels, smoothing: smoothing, into: losses)
      traced.expect(.softmax, reads: logits.count, writes: columns)
      #expect(worstError(losses, loss(logits.doubles)) < rounding)
      let dlogits = Floats.garbage(logits.count)
      traced.core.crossEntropyColumnsBackward(
        weights, logits: logits, labels: labels, smoothing: smoothing, into: dlogits)
      traced.expect(.softmax, reads: logits.count + columns, writes: logits.count)
      if small { #expect(worstError(dlogits, slope) < rounding) }
      let inPlace = Floats(logits.values)
      traced.core.crossEntropyColumnsBackward(
        weights, logits: inPlace, labels: labels, smoothing: smoothing, into: inPlace)
      #expect(inPlace.values == dlogits.values)
      // The same numbers through the transposed matrix and the row kernel.
      let turned = Floats(
        ReferenceLoss.transposed(logits.doubles, columns: columns).map(Float.init))
      traced.core.crossEntropyRowsBackward(
        weights, logits: turned, labels: labels, smoothing: smoothing, into: turned)
      let back = ReferenceLoss.transposed(turned.doubles, columns: rows)
      #expect(worstError(dlogits, back) < rounding)
    }
  }

  @Test("huge logits give finite losses, and the right pair no loss")
  func hugeLogits() {
    let logits = Floats([1e4, -1e4, 0, -1e4, 1e4, 1e30])
    let losses = Floats.garbage(2)
    cores[0].crossEntropyRows(logits, labels: [0, 0], smoothing: 0, into: losses)
    #expect(losses[0] == 0)
    #expect(losses[1] == 1e30)
    let dlogits = Floats.garbage(6)
    cores[0].crossEntropyRowsBackward(
      Floats([1, 1]), logits: logits, labels: [0, 0], smoothing: 0, into: dlogits)
    #expect(worstError(dlogits, [0, 0, 0, -1, 0, 1]) < 1e-6)
    let byColumn = Floats.garbage(3)
    cores[0].crossEntropyColumns(logits, labels: [0, 1, 1], smoothing: 0, into: byColumn)
    #expect(byColumn.values == [0, 0, 0])
  }

  @Test("a label beyond the columns stops the program")
  func foreignLabel() async {
    await #expect(processExitsWith: .failure) {
      let core = ComputeCore(backend: OpenBLASBackend(), workers: Workers(count: 1))
      core.crossEntropyRows(
        Floats([1, 2]), labels: [2], smoothing: 0, into: FloatBuffer(count: 1).all)
    }
  }
}
