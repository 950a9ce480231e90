import Foundation
import Testing
import TrainingCore

/// Rows and columns around vector widths; the last two are split over workers.
private let shapes = [(1, 1), (3, 7), (5, 31), (4, 32), (2, 33), (9, 257), (130, 130), (41, 1024)]

@Suite("Row kernels against references in double precision")
struct RowKernelTests {
  @Test("biases, residuals and column sums", arguments: shapes)
  func biases(rows: Int, columns: Int) {
    var generator = SeededGenerator(seed: 4)
    let input = Floats(generator.floats(rows * columns))
    let residual = Floats(generator.floats(rows * columns))
    let bias = Floats(generator.floats(columns))
    let start = generator.floats(columns)
    var sums = start.map(Double.init)
    for r in 0..<rows {
      for c in 0..<columns { sums[c] += Double(input[r * columns + c]) }
    }
    for core in cores {
      let out = FloatBuffer(count: rows * columns).all
      core.addBias(input, bias: bias, rows: rows, into: out)
      #expect(worstError(out, at(rows, columns) { input[$0] + bias[$1] }) < 1e-6)
      core.addBias(input, bias: bias, residual: residual, rows: rows, into: out)
      #expect(worstError(out, at(rows, columns) { input[$0] + bias[$1] + residual[$0] }) < 1e-6)
      let pre = FloatBuffer(count: rows * columns).all
      core.biasGelu(input, bias: bias, rows: rows, keeping: pre, into: out)
      #expect(worstError(pre, at(rows, columns) { input[$0] + bias[$1] }) < 1e-6)
      let gelu = pre.values.map { Double($0) * 0.5 * erfc(-Double($0) / 2.0.squareRoot()) }
      #expect(worstError(out, gelu) < 1e-6)
      let total = Floats(start)
      core.addColumnSums(input, rows: rows, to: total)
      // Rounding of `rows` additions.
      #expect(worstError(total, sums) < 1e-7 * Double(rows) + 1e-6)
    }
  }

  @Test("LayerNorm and its three gradients", arguments: shapes.filter { $0.1 > 1 })
  func layerNorm(rows: Int, columns: Int) {
    var generator = SeededGenerator(seed: 5)
    // A mean far from zero: a one-pass variance would lose its digits here.
    let input = Floats(generator.floats(rows * columns, in: 30...33))
    let gain = Floats(generator.floats(columns, in: 0.5...1.5))
    let bias = Floats(generator.floats(columns))
    let gradient = Floats(generator.floats(rows * columns))
    let reference = LayerNormReference(
      rows: rows, columns: columns, input: input.values, gain: gain.values, bias: bias.values,
      gradient: gradient.values)
    for core in cores {
      let out = FloatBuffer(count: rows * columns).all
      let (mean, rstd) = (FloatBuffer(count: rows).all, FloatBuffer(count: rows).all)
      core.layerNorm(
        input, gain: gain, bias: bias, epsilon: 1e-5, rows: rows, mean: mean, rstd: rstd,
        into: out)
      // The input has 22 bits below the spread of its rows: 2e-6 of 33 against a deviation of 1.
      #expect(worstError(out, reference.out) < 5e-5)
      let dinput = FloatBuffer(count: rows * columns).all
      let (dgain, dbias) = (FloatBuffer(count: columns).all, FloatBuffer(count: columns).all)
      dgain.fill(1)
      core.layerNormBackward(
        gradient, input: input, gain: gain, mean: mean, rstd: rstd, rows: rows, into: dinput,
        gainGradient: dgain, biasGradient: dbias)
      #expect(worstError(dinput, reference.dinput) < 1e-4)
      #expect(worstError(dgain, reference.dgain.map { $0 + 1 }) < 1e-4)
      #expect(worstError(dbias, reference.dbias) < 1e-5)
    }
  }

  @Test("softmax and its gradient", arguments: shapes)
  func softmax(rows: Int, columns: Int) {
    var generator = SeededGenerator(seed: 6)
    let input = Floats(generator.floats(rows * columns, in: -200...200))
    let gradient = Floats(generator.floats(rows * columns))
    let scale = 0.125
    var wanted: [Double] = []
    var slopes: [Double] = []
    for r in 0..<rows {
      let row = (0..<columns).map { scale * Double(input[r * columns + $0]) }
      let largest = row.max() ?? 0
      let exponentials = row.map { exp($0 - largest) }
      let total = exponentials.reduce(0, +)
      let y = exponentials.map { $0 / total }
      let dy = (0..<columns).map { Double(gradient[r * columns + $0]) }
      let inner = zip(y, dy).reduce(0) { $0 + $1.0 * $1.1 }
      wanted += y
      slopes += zip(y, dy).map { scale * $0 * ($1 - inner) }
    }
    for core in cores {
      let out = FloatBuffer(count: rows * columns).all
      core.softmax(input, scale: Float(scale), rows: rows, columns: columns, into: out)
      // Arguments of up to 50 have 3e-6 absolute error in fp32, which becomes relative.
      #expect(worstError(out, wanted) < 5e-6)
      for r in 0..<rows {
        let sum = out.part(r * columns, columns).values.reduce(0) { $0 + Double($1) }
        #expect(abs(sum - 1) < 1e-6)
      }
      let dinput = FloatBuffer(count: rows * columns).all
      core.softmaxBackward(
        gradient, out: out, scale: Float(scale), rows: rows, columns: columns, into: dinput)
      #expect(worstError(dinput, slopes) < 5e-6)
      let inPlace = Floats(gradient.values)
      core.softmaxBackward(
        inPlace, out: out, scale: Float(scale), rows: rows, columns: columns, into: inPlace)
      #expect(worstError(inPlace, slopes) < 5e-6, "in place")
    }
  }

  @Test("softmax of huge scores stays finite")
  func softmaxOverflow() {
    let out = FloatBuffer(count: 3).all
    cores[0].softmax(Floats([1e30, -1e30, 0]), rows: 1, columns: 3, into: out)
    #expect(out.values[0] == 1)
    #expect(out.values[1] < 1e-30 && out.values[2] < 1e-30)
  }

  private func at(_ rows: Int, _ columns: Int, _ value: (Int, Int) -> Float) -> [Double] {
    (0..<rows * columns).map { Double(value($0, $0 % columns)) }
  }
}

/// LayerNorm in double precision, sums written out.
private struct LayerNormReference {
  var out: [Double] = []
  var dinput: [Double] = []
  var dgain: [Double]
  var dbias: [Double]

  init(
    rows: Int, columns: Int, input: [Float], gain: [Float], bias: [Float], gradient: [Float]
  ) {
    dgain = [Double](repeating: 0, count: columns)
    dbias = dgain
    for r in 0..<rows {
      let x = (0..<columns).map { Double(input[r * columns + $0]) }
      let dy = (0..<columns).map { Double(gradient[r * columns + $0]) }
      let mean = x.reduce(0, +) / Double(columns)
      let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
      let rstd = 1 / (variance + 1e-5).squareRoot()
      let normal = x.map { ($0 - mean) * rstd }
      let g = (0..<columns).map { dy[$0] * Double(gain[$0]) }
      let average = g.reduce(0, +) / Double(columns)
      let weighted = zip(g, normal).reduce(0) { $0 + $1.0 * $1.1 } / Double(columns)
      for c in 0..<columns {
        out.append(normal[c] * Double(gain[c]) + Double(bias[c]))
        dinput.append(rstd * (g[c] - average - normal[c] * weighted))
        dgain[c] += dy[c] * normal[c]
        dbias[c] += dy[c]
      }
    }
  }
}
