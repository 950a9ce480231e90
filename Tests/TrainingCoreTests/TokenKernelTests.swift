import TestSupport
import Testing
import TrainingCore
import Workloads

@Suite("Kernels that gather and join tokens")
struct TokenKernelTests {
  /// Copies are exact; sums of a few numbers of size 2 round by 1e-6 at most.
  private let rounding = 1e-6

  @Test("lookup takes rows, and its gradient adds to them in order", arguments: [1, 5, 16, 40])
  func lookup(width: Int) {
    var generator = SeededGenerator(seed: 11)
    let table = Floats.random(6 * width, using: &generator)
    let ids: [Int32] = [3, 0, 3, 5, 3]
    let dy = Floats.random(5 * width, using: &generator)
    let start = generator.floats(6 * width)
    for traced in TracedCore.both {
      let y = Floats.garbage(5 * width)
      traced.core.lookup(table, ids: ids, width: width, into: y)
      traced.expect(.gather, reads: 5 * width, writes: 5 * width)
      #expect(y.doubles == ReferenceTokens.rows(table.doubles, ids, width: width))
      let dTable = Floats(start)
      traced.core.lookupBackward(dy, ids: ids, width: width, into: dTable)
      traced.expect(.gather, reads: 10 * width, writes: 5 * width)
      let slope = slopes(at: table.doubles) {
        inner(ReferenceTokens.rows($0, ids, width: width), dy.doubles)
      }
      #expect(worstError(dTable, zip(start, slope).map { Double($0) + $1 }) < rounding)
    }
  }

  @Test("selected rows, and zeros beside their gradient", arguments: [1, 7, 48])
  func selectRows(width: Int) {
    var generator = SeededGenerator(seed: 12)
    let x = Floats.random(7 * width, using: &generator)
    let rows: [Int32] = [6, 0, 3]
    let dy = Floats.random(3 * width, using: &generator)
    for traced in TracedCore.both {
      let y = Floats.garbage(3 * width)
      traced.core.selectRows(x, width: width, rows: rows, into: y)
      traced.expect(.gather, reads: 3 * width, writes: 3 * width)
      #expect(y.doubles == ReferenceTokens.rows(x.doubles, rows, width: width))
      let dx = Floats.garbage(7 * width)
      traced.core.selectRowsBackward(dy, width: width, rows: rows, into: dx)
      traced.expect(.gather, reads: 3 * width, writes: 7 * width)
      let slope = slopes(at: x.doubles) {
        inner(ReferenceTokens.rows($0, rows, width: width), dy.doubles)
      }
      #expect(worstError(dx, slope) < rounding)
    }
  }

  @Test("a row selected twice stops the program")
  func selectedTwice() async {
    await #expect(processExitsWith: .failure) {
      let core = ComputeCore(backend: OpenBLASBackend(), workers: Workers(count: 1))
      core.selectRowsBackward(
        Floats([1, 2]), width: 1, rows: [0, 0], into: FloatBuffer(count: 2).all)
    }
  }

  @Test("an id outside the table stops the program")
  func foreignID() async {
    await #expect(processExitsWith: .failure) {
      let core = ComputeCore(backend: OpenBLASBackend(), workers: Workers(count: 1))
      core.lookup(Floats([1, 2]), ids: [2], width: 1, into: FloatBuffer(count: 1).all)
    }
  }

  @Test("tokens are joined sample by sample, also from strided views, and split again")
  func joinAndSplit() {
    var generator = SeededGenerator(seed: 13)
    let (samples, width) = (3, 5)
    let wide = Floats.random(samples * 2 * 3 * width, using: &generator)
    let keys = FloatMatrix(wide, rows: samples * 2, width: 3 * width, first: width, columns: width)
    let cached = Floats.random(samples * 4 * width, using: &generator)
    let dense = FloatMatrix(cached, rows: samples * 4, columns: width)
    let keyValues = (0..<samples * 2 * width).map {
      Double(wide[$0 / width * 3 * width + width + $0 % width])
    }
    let wanted = ReferenceTokens.join(
      [(keyValues, 2), (cached.doubles, 4)], samples: samples, width: width)
    let whole = samples * 6 * width
    for traced in TracedCore.both {
      let y = Floats.garbage(whole)
      traced.core.joinTokens([(keys, tokens: 2), (dense, tokens: 4)], samples: samples, into: y)
      traced.expect(.elementwise, reads: whole, writes: whole)
      #expect(y.doubles == wanted)

      let back = Floats([Float](repeating: 9, count: wide.count))
      let view = FloatMatrix(
        back, rows: samples * 2, width: 3 * width, first: width, columns: width)
      let rest = Floats.garbage(cached.count)
      traced.core.splitTokens(
        y, samples: samples,
        into: [
          (view, tokens: 2), (FloatMatrix(rest, rows: samples * 4, columns: width), tokens: 4),
        ])
      traced.expect(.elementwise, reads: whole, writes: whole)
      #expect(rest.values == cached.values)
      let untouched = back.values.indices.map { index in
        let column = index % (3 * width)
        return column >= width && column < 2 * width ? wide[index] : 9
      }
      #expect(back.values == untouched)

      let again = Floats.garbage(cached.count)
      traced.core.splitTokens(
        y, samples: samples,
        into: [
          (nil, tokens: 2), (FloatMatrix(again, rows: samples * 4, columns: width), tokens: 4),
        ])
      traced.expect(.elementwise, reads: whole, writes: cached.count)
      #expect(again.values == cached.values)
    }
  }

  @Test("repeated rows, and the sum of their gradients", arguments: [false, true])
  func repeatRows(accumulating: Bool) {
    var generator = SeededGenerator(seed: 14)
    let x = Floats.random(2 * 9, using: &generator)
    let dy = Floats.random(4 * 18, using: &generator)
    let start = accumulating ? generator.floats(18) : [Float](repeating: .nan, count: 18)
    for traced in TracedCore.both {
      let y = Floats.garbage(4 * 18)
      traced.core.repeatRows(x, copies: 4, into: y)
      traced.expect(.elementwise, reads: 18, writes: 72)
      #expect(y.doubles == ReferenceTokens.repeated(x.doubles, copies: 4))
      let dx = Floats(start)
      traced.core.sumCopies(dy, copies: 4, into: dx, accumulating: accumulating)
      traced.expect(.elementwise, reads: 72, writes: 18)
      let slope = slopes(at: x.doubles) {
        inner(ReferenceTokens.repeated($0, copies: 4), dy.doubles)
      }
      let wanted = zip(start, slope).map { accumulating ? Double($0) + $1 : $1 }
      #expect(worstError(dx, wanted) < rounding)
    }
  }
}
