import Testing
import TrainingCore
import Workloads

@Suite("Reports of kernels to a trace")
struct KernelTraceTests {
  @Test(
    "a product that is split over workers is reported as one",
    arguments: [(400, 64, 33), (64, 400, 33), (200, 200, 40), (3, 4, 5)])
  func products(m: Int, n: Int, k: Int) {
    for core in tracedCores() {
      let (left, right) = (Floats.zeros(m * k), Floats.zeros(k * n))
      core.multiply(
        MatrixProduct(m: m, n: n, k: k), left, right, into: Floats.zeros(m * n))
      core.expectCall(
        .gemm(GEMMShape(m: m, n: n, k: k)), reads: m * k + k * n, writes: m * n)
      core.multiply(
        MatrixProduct(m: m, n: n, k: k, left: .yes, right: .yes), left, right,
        into: Floats.zeros(m * n))
      core.expectCall(
        .gemm(GEMMShape(m: m, n: n, k: k)), reads: m * k + k * n, writes: m * n)
    }
  }

  @Test("a batch is reported as one, with its count", arguments: [2, 3, 40])
  func batches(count: Int) {
    let shape = GEMMShape(m: 33, n: 20, k: 64, count: count)
    for core in tracedCores() {
      core.multiply(
        shape, transposed: (.no, .yes), Floats.zeros(count * 33 * 64),
        Floats.zeros(count * 20 * 64), into: Floats.zeros(count * 33 * 20))
      core.expectCall(
        .gemm(shape), reads: count * (33 + 20) * 64, writes: count * 33 * 20)
    }
  }

  @Test("memory-bound kernels report the elements of their operands")
  func memoryBound() {
    let (rows, columns) = (200, 100)
    let all = rows * columns
    let (x, y, z) = (Floats.zeros(all), Floats.zeros(all), Floats.zeros(all))
    let row = Floats.zeros(columns)
    let (mean, rstd) = (Floats.zeros(rows), Floats.zeros(rows))
    for core in tracedCores() {
      core.copy(x, into: y)
      core.expectCall(.memoryBound(.elementwise), reads: all, writes: all)
      core.add(x, y, into: z)
      core.expectCall(.memoryBound(.elementwise), reads: 2 * all, writes: all)
      core.gelu(x, into: y)
      core.expectCall(.memoryBound(.elementwise), reads: all, writes: all)
      core.geluBackward(x, input: y, into: z)
      core.expectCall(.memoryBound(.elementwise), reads: 2 * all, writes: all)
      core.addBias(x, bias: row, rows: rows, into: y)
      core.expectCall(.memoryBound(.elementwise), reads: all + columns, writes: all)
      core.addBias(x, bias: row, residual: z, rows: rows, into: y)
      core.expectCall(.memoryBound(.elementwise), reads: 2 * all + columns, writes: all)
      core.biasGelu(x, bias: row, rows: rows, keeping: y, into: z)
      core.expectCall(.memoryBound(.elementwise), reads: all + columns, writes: 2 * all)
      core.addColumnSums(x, rows: rows, to: row)
      core.expectCall(.memoryBound(.reduction), reads: all, writes: columns)
      core.layerNorm(
        x, gain: row, bias: row, epsilon: 1e-5, rows: rows, mean: mean, rstd: rstd, into: y)
      core.expectCall(
        .memoryBound(.normalization), reads: all + 2 * columns, writes: all + 2 * rows)
      core.layerNormBackward(
        x, input: y, gain: row, mean: mean, rstd: rstd, rows: rows, into: z,
        gainGradient: Floats.zeros(columns), biasGradient: Floats.zeros(columns))
      core.expectCall(
        .memoryBound(.normalization), reads: 2 * all + columns + 2 * rows,
        writes: all + 2 * columns)
      core.softmax(x, rows: rows, columns: columns, into: y)
      core.expectCall(.memoryBound(.softmax), reads: all, writes: all)
      core.softmaxBackward(x, out: y, rows: rows, columns: columns, into: z)
      core.expectCall(.memoryBound(.softmax), reads: 2 * all, writes: all)
      core.adamW(
        x, moment1: y, moment2: z, gradient: Floats.zeros(all),
        step: AdamWStep(number: 1, learningRate: 0))
      core.expectCall(.memoryBound(.optimizer), reads: 4 * all, writes: 3 * all)
    }
  }

  @Test("nothing is reported where nobody listens")
  func silence() {
    #expect(cores[0].trace == nil)
    cores[0].copy(Floats.zeros(3), into: Floats.zeros(3))
  }
}
