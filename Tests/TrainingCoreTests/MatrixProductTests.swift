import Testing
import TrainingCore
import Workloads

/// Odd sizes, thin ones, and two that are split over workers by rows and by columns.
private let sizes = [
  (1, 1, 1), (3, 5, 7), (17, 1, 33), (1, 40, 9), (64, 65, 66), (301, 67, 129), (67, 301, 129),
]

@Suite("Matrix products against a reference in double precision")
struct MatrixProductTests {
  @Test("every backend, every transposition, strides, alpha and beta", arguments: sizes)
  func agreesWithReference(m: Int, n: Int, k: Int) {
    var generator = SeededGenerator(seed: 7)
    for left in Transpose.allCases {
      for right in Transpose.allCases {
        let product = MatrixProduct(
          m: m, n: n, k: k, left: left, right: right, alpha: 0.5, beta: 2,
          leftStride: (left == .no ? k : m) + 3, rightStride: (right == .no ? n : k) + 1,
          outStride: n + 2)
        let a = Floats(generator.floats(product.leftCount, in: -1...1))
        let b = Floats(generator.floats(product.rightCount, in: -1...1))
        let start = generator.floats(product.outCount)
        let wanted = reference(product, a.values, b.values, start)
        for backend in GEMMBackends.available() {
          for workers in [1, 3] {
            let core = ComputeCore(backend: backend, workers: Workers(count: workers))
            let out = Floats(start)
            core.multiply(product, a, b, into: out)
            // Rounding of sums of k products of size 1.
            #expect(
              worstError(out, wanted) < 2e-6 * max(1, Double(k).squareRoot()),
              "\(backend.name) with \(workers) workers, \(product)")
          }
        }
      }
    }
  }

  @Test("beta 0 overwrites what is not a number")
  func overwrites() {
    for backend in GEMMBackends.available() {
      let out = Floats([.nan, .nan, .nan, .nan])
      backend.multiply(
        MatrixProduct(m: 2, n: 2, k: 2), Floats([1, 2, 3, 4]), Floats([5, 6, 7, 8]), into: out)
      #expect(out.values == [19, 22, 43, 50], "\(backend.name)")
    }
  }

  @Test("a batch is its products one by one", arguments: [1, 2, 5, 40])
  func batches(count: Int) {
    var generator = SeededGenerator(seed: 8)
    let product = MatrixProduct(m: 33, n: 20, k: 64, right: .yes)
    let a = Floats(generator.floats(count * product.leftCount))
    let b = Floats(generator.floats(count * product.rightCount))
    for backend in GEMMBackends.available() {
      let one = FloatBuffer(count: count * product.outCount).all
      for index in 0..<count {
        backend.multiply(
          product, a.part(index * product.leftCount, product.leftCount),
          b.part(index * product.rightCount, product.rightCount),
          into: one.part(index * product.outCount, product.outCount))
      }
      let core = ComputeCore(backend: backend, workers: Workers(count: 3))
      let batch = FloatBuffer(count: count * product.outCount).all
      core.multiply(
        GEMMShape(m: 33, n: 20, k: 64, count: count), transposed: (.no, .yes), a, b, into: batch)
      #expect(batch.values == one.values, "\(backend.name)")
    }
  }

  @Test("backends name themselves and their version; a missing library is no backend")
  func names() {
    let backends = GEMMBackends.available()
    #expect(backends.first?.name == "openblas")
    #expect(backends.first?.version.hasPrefix("OpenBLAS 0.") == true)
    for backend in backends.dropFirst() {
      #expect(backend.name == "onednn")
      #expect(backend.version.contains(/^oneDNN [0-9]+\.[0-9]+\.[0-9]+$/))
    }
    #expect(OneDNNBackend(libraryNames: ["libdnnl-of-nowhere.so.9"]) == nil)
    // Loadable, but not oneDNN.
    #expect(OneDNNBackend(libraryNames: ["libc.so.6"]) == nil)
  }

  @Test("operands that are too short stop the program")
  func shortOperands() async {
    await #expect(processExitsWith: .failure) {
      let short = FloatBuffer(count: 3).all
      let enough = FloatBuffer(count: 4).all
      OpenBLASBackend().multiply(
        MatrixProduct(m: 2, n: 2, k: 2), short, enough, into: enough)
    }
  }

  private func reference(
    _ product: MatrixProduct, _ a: [Float], _ b: [Float], _ start: [Float]
  ) -> [Double] {
    var out = start.map(Double.init)
    for i in 0..<product.m {
      for j in 0..<product.n {
        var sum = 0.0
        for p in 0..<product.k {
          let left =
            product.left == .no
            ? a[i * product.leftStride + p] : a[p * product.leftStride + i]
          let right =
            product.right == .no
            ? b[p * product.rightStride + j] : b[j * product.rightStride + p]
          sum += Double(left) * Double(right)
        }
        let place = i * product.outStride + j
        out[place] = Double(product.alpha) * sum + Double(product.beta) * out[place]
      }
    }
    return out
  }
}

@Suite("Workers")
struct WorkersTests {
  @Test("parts cover everything once, in steps, nearly equal")
  func parts() {
    for count in 1...5 {
      for total in 0...70 {
        for step in [1, 4, 16] {
          let parts = Workers(count: count).parts(of: total, step: step)
          #expect(parts.flatMap { Array($0) } == Array(0..<total))
          #expect(parts.count <= count && parts.allSatisfy { !$0.isEmpty })
          #expect(parts.dropLast().allSatisfy { $0.count.isMultiple(of: step) })
          let steps = parts.map { ($0.count + step - 1) / step }
          #expect((steps.max() ?? 0) - (steps.min() ?? 0) <= 1)
        }
      }
    }
  }
}
