import TestSupport
import Testing
import TrainingCore
import Workloads

/// Odd sizes, and one that is split over workers and into blocks.
private let sizes = [(1, 1, 2), (3, 5, 4), (17, 9, 6), (1100, 24, 20)]

/// All activations; a plain and a gated one where comparing each would take long.
private func kinds(_ rows: Int) -> [Activation] {
  rows > 100 ? [.gelu, .swiGLU] : Activation.allCases
}

/// A layout that leaves the middle of the columns out, as biases of query and value.
private func gapped(_ n: Int) -> [Range<Int>] { [0..<1, n - 1..<n] }

@Suite("Products of a linear layer against references in double precision")
struct LinearTests {
  @Test("x W + b with every epilogue", arguments: sizes)
  func forward(rows: Int, k: Int, n: Int) {
    var generator = SeededGenerator(seed: 21)
    let (x, weight) = (generator.buffer(rows * k), generator.buffer(k * n))
    let residual = generator.buffer(rows * n)
    let product = ReferenceLinear.product(x.doubles, weight.doubles, rows: rows, k: k, n: n)
    let biases = (rows > 100 ? [gapped(n)] : [[0..<n], gapped(n)]).map { layout in
      BiasVector(
        elements: generator.buffer(layout.reduce(0) { $0 + $1.count }), layout: layout)
    }
    let reads = rows * k + k * n
    let operation = Operation.gemm(GEMMShape(m: rows, n: n, k: k))
    for core in tracedCores() {
      for bias in [nil] + biases.map(Optional.some) {
        let wanted =
          bias.map {
            ReferenceLinear.addBias($0.elements.doubles, layout: $0.layout, to: product, n: n)
          } ?? product
        let count = bias?.elements.count ?? 0
        let y = Floats.garbage(rows * n)
        core.linear(
          x, weight: weight, bias: bias, rows: rows, k: k, n: n, epilogue: .none, into: y)
        // Sums of at most 26 terms of size 1.
        #expect(worstError(y, wanted) < 2e-6, "\(core.label)")
        core.expectCall(operation, reads: reads + count, writes: rows * n)

        y.fill(.nan)
        core.linear(
          x, weight: weight, bias: bias, rows: rows, k: k, n: n, epilogue: .residual(residual),
          into: y)
        #expect(worstError(y, zip(wanted, residual.doubles).map(+)) < 2e-6, "\(core.label)")
        core.expectCall(operation, reads: reads + count + rows * n, writes: rows * n)

        for kind in kinds(rows) {
          let activated = Floats.garbage(rows * n / kind.inputsPerOutput)
          y.fill(.nan)
          core.linear(
            x, weight: weight, bias: bias, rows: rows, k: k, n: n,
            epilogue: .activation(kind, activated), into: y)
          #expect(worstError(y, wanted) < 2e-6, "\(core.label), \(kind)")
          // Slopes are below 2 for these sizes, a gate's factor below 4.
          #expect(
            worstError(activated, reference(kind, wanted, rows: rows)) < 2e-5,
            "\(core.label), \(kind)")
          core.expectCall(
            operation, reads: reads + count, writes: rows * n + activated.count)
        }
      }
    }
  }

  @Test("dy W^T with every epilogue", arguments: sizes)
  func inputGradient(rows: Int, k: Int, n: Int) {
    var generator = SeededGenerator(seed: 22)
    let (dy, weight) = (generator.buffer(rows * n), generator.buffer(k * n))
    let present = generator.buffer(rows * k)
    let transposed = ReferenceLinear.transpose(weight.doubles, rows: k, columns: n)
    let wanted = ReferenceLinear.product(dy.doubles, transposed, rows: rows, k: n, n: k)
    let reads = rows * n + k * n
    let operation = Operation.gemm(GEMMShape(m: rows, n: k, k: n))
    for core in tracedCores() {
      func run(_ epilogue: GradientEpilogue, into dx: Floats) {
        core.linearInputGradient(
          dy, weight: weight, rows: rows, k: k, n: n, epilogue: epilogue, into: dx)
      }
      let dx = Floats.garbage(rows * k)
      run(.none, into: dx)
      #expect(worstError(dx, wanted) < 2e-6, "\(core.label)")
      core.expectCall(operation, reads: reads, writes: rows * k)

      let sum = zip(wanted, present.doubles).map(+)
      dx.fill(.nan)
      run(.adding(present), into: dx)
      #expect(worstError(dx, sum) < 2e-6, "\(core.label)")
      core.expectCall(operation, reads: reads + rows * k, writes: rows * k)
      let same = Floats(present.values)
      run(.adding(same), into: same)
      #expect(worstError(same, sum) < 2e-6, "\(core.label), in place")
      core.expectCall(operation, reads: reads + rows * k, writes: rows * k)

      for kind in kinds(rows) {
        let pre = generator.buffer(rows * k * kind.inputsPerOutput)
        let dpre = Floats.garbage(pre.count)
        run(.activation(kind, pre: pre), into: dpre)
        core.expectCall(operation, reads: reads + pre.count, writes: pre.count)
        // The activation alone, on the product alone: the same arithmetic in two kernels.
        run(.none, into: dx)
        let apart = Floats.garbage(pre.count)
        core.activationBackward(kind, dy: dx, pre: pre, rows: rows, into: apart)
        #expect(dpre.values == apart.values, "\(core.label), \(kind)")
        _ = core.trace?.take()
        // With the activation itself: not a bit of the gradient changes.
        let again = Floats.garbage(rows * k)
        dpre.fill(.nan)
        run(.activation(kind, pre: pre, again: again), into: dpre)
        core.expectCall(operation, reads: reads + pre.count, writes: pre.count + rows * k)
        #expect(dpre.values == apart.values, "\(core.label), \(kind)")
        core.activation(kind, pre, rows: rows, into: dx)
        #expect(again.values == dx.values, "\(core.label), \(kind)")
        _ = core.trace?.take()
      }
    }
  }

  @Test("x^T dy, assigned and added, and sums for the bias", arguments: sizes)
  func parameterGradients(rows: Int, k: Int, n: Int) {
    var generator = SeededGenerator(seed: 23)
    let (x, dy) = (generator.buffer(rows * k), generator.buffer(rows * n))
    let start = generator.floats(k * n)
    let transposed = ReferenceLinear.transpose(x.doubles, rows: rows, columns: k)
    let wanted = ReferenceLinear.product(transposed, dy.doubles, rows: k, k: rows, n: n)
    let operation = Operation.gemm(GEMMShape(m: k, n: n, k: rows))
    // Running sums of `rows` products reach 20, and are rounded each time.
    let tolerance = 2e-6 + 2e-8 * Double(rows)
    for core in tracedCores() {
      let dW = Floats.garbage(k * n)
      core.linearWeightGradient(x, dy, rows: rows, k: k, n: n, into: dW, accumulating: false)
      #expect(worstError(dW, wanted) < tolerance, "\(core.label)")
      core.expectCall(operation, reads: rows * (k + n), writes: k * n)
      let more = Floats(start)
      core.linearWeightGradient(x, dy, rows: rows, k: k, n: n, into: more, accumulating: true)
      #expect(
        worstError(more, zip(wanted, start).map { $0 + Double($1) }) < tolerance, "\(core.label)")
      core.expectCall(operation, reads: rows * (k + n), writes: k * n)
      for layout in [[0..<n], gapped(n)] {
        let columns = layout.flatMap(Array.init)
        let sums = Floats([Float](repeating: 1, count: columns.count))
        core.biasGradient(dy, rows: rows, layout: layout, into: sums)
        let totals = columns.map { column in
          (0..<rows).reduce(1.0) { $0 + Double(dy[$1 * n + column]) }
        }
        #expect(worstError(sums, totals) < tolerance, "\(core.label)")
        core.expectCall(.memoryBound(.reduction), reads: rows * n, writes: columns.count)
      }
    }
  }

  @Test("gradients are the slopes of the forward product")
  func slopes() {
    let (rows, k, n) = (3, 4, 5)
    var generator = SeededGenerator(seed: 24)
    let (x, weight) = (generator.buffer(rows * k), generator.buffer(k * n))
    let dy = generator.buffer(rows * n)
    let core = tracedCores()[0]
    let (dx, dW) = (Floats.garbage(rows * k), Floats.garbage(k * n))
    core.linearInputGradient(
      dy, weight: weight, rows: rows, k: k, n: n, epilogue: .none, into: dx)
    core.linearWeightGradient(x, dy, rows: rows, k: k, n: n, into: dW, accumulating: false)
    let slopesX = CentralDifference.gradient(at: x.doubles, weights: dy.doubles) {
      ReferenceLinear.product($0, weight.doubles, rows: rows, k: k, n: n)
    }
    let slopesW = CentralDifference.gradient(at: weight.doubles, weights: dy.doubles) {
      ReferenceLinear.product(x.doubles, $0, rows: rows, k: k, n: n)
    }
    #expect(worstError(dx, slopesX) < 1e-6)
    #expect(worstError(dW, slopesW) < 1e-6)
  }

  @Test("equal worker counts give equal bits")
  func repeatable() {
    var generator = SeededGenerator(seed: 25)
    let (rows, k, n) = (300, 64, 48)
    let (x, weight) = (generator.buffer(rows * k), generator.buffer(k * n))
    let residual = generator.buffer(rows * n)
    for core in tracedCores() {
      let runs = (0..<5).map { _ in
        let y = Floats.garbage(rows * n)
        core.linear(
          x, weight: weight, bias: nil, rows: rows, k: k, n: n, epilogue: .residual(residual),
          into: y)
        return y.values
      }
      #expect(runs.allSatisfy { $0 == runs[0] }, "\(core.label)")
    }
  }

  @Test("a bias whose columns overlap or do not hold its elements stops the program")
  func badLayouts() async {
    await #expect(processExitsWith: .failure) {
      _ = BiasVector(elements: FloatBuffer(count: 4).all, layout: [0..<3])
    }
    await #expect(processExitsWith: .failure) {
      _ = BiasVector(elements: FloatBuffer(count: 4).all, layout: [0..<2, 1..<3])
    }
  }
}
