private import Synchronization
import Workloads

/// The calls of a matrix library that belong to one kernel.
///
/// A kernel's product may reach the library in pieces: parts of the rows for each worker, blocks
/// that stay in a cache, one call per head. The log puts them together again from the sizes that
/// the library was handed.
final class ProductLog: Sendable {
  private struct Call {
    var m: Int
    var n: Int
    var k: Int
  }
  private struct Operand: Hashable {
    var address: UInt
    var elements: Int
  }
  private struct State {
    var calls: [Call] = []
    var lefts: Set<Operand> = []
    var rights: Set<Operand> = []
    var written = 0
  }
  private let state = Mutex(State())

  init() {}

  /// Notes one call of the library.
  func note(_ product: MatrixProduct, left: UInt, right: UInt) {
    state.withLock {
      $0.calls.append(Call(m: product.m, n: product.n, k: product.k))
      $0.lefts.insert(Operand(address: left, elements: product.m * product.k))
      $0.rights.insert(Operand(address: right, elements: product.k * product.n))
      $0.written += product.m * product.n
    }
  }

  /// Distinct elements of both operands together.
  var elementsRead: Int {
    state.withLock { state in
      state.lefts.reduce(0) { $0 + $1.elements } + state.rights.reduce(0) { $0 + $1.elements }
    }
  }

  /// Elements of all results.
  var elementsWritten: Int { state.withLock { $0.written } }

  /// FLOP of all calls.
  var flops: Double {
    state.withLock { state in
      state.calls.reduce(0) { $0 + 2 * Double($1.m) * Double($1.n) * Double($1.k) }
    }
  }

  /// The one product that the calls make up: pieces of its rows, or of its columns.
  ///
  /// Calls that fit neither give a shape that no program holds, with a count of 0.
  var whole: GEMMShape {
    state.withLock { state in
      guard let first = state.calls.first else { return GEMMShape(m: 0, n: 0, k: 0, count: 0) }
      // Pieces of the rows share the right operand, pieces of the columns the left one.
      if state.rights.count == 1, state.calls.allSatisfy({ $0.n == first.n && $0.k == first.k }) {
        return GEMMShape(m: state.calls.reduce(0) { $0 + $1.m }, n: first.n, k: first.k)
      }
      if state.lefts.count == 1, state.calls.allSatisfy({ $0.m == first.m && $0.k == first.k }) {
        return GEMMShape(m: first.m, n: state.calls.reduce(0) { $0 + $1.n }, k: first.k)
      }
      return GEMMShape(m: first.m, n: first.n, k: first.k, count: 0)
    }
  }

  /// The batch of equal products that the calls make up; count 0 where they differ.
  var batch: GEMMShape {
    state.withLock { state in
      guard let first = state.calls.first else { return GEMMShape(m: 0, n: 0, k: 0, count: 0) }
      let alike = state.calls.allSatisfy { $0.m == first.m && $0.n == first.n && $0.k == first.k }
      return GEMMShape(m: first.m, n: first.n, k: first.k, count: alike ? state.calls.count : 0)
    }
  }
}

/// Passes products on to a library and notes what it was handed.
struct LoggedBackend: GEMMBackend {
  let backend: any GEMMBackend
  let log: ProductLog

  var name: String { backend.name }
  var version: String { backend.version }

  func multiply(_ product: MatrixProduct, _ left: Floats, _ right: Floats, into out: Floats) {
    log.note(
      product, left: unsafe UInt(bitPattern: left.pointer),
      right: unsafe UInt(bitPattern: right.pointer))
    backend.multiply(product, left, right, into: out)
  }
}
