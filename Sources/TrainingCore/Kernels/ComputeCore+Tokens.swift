private import CKernels
private import Workloads

extension ComputeCore {
  /// `y[i, :] = table[ids[i], :]`, an embedding.
  ///
  /// - Precondition: whole rows of `width`, one of `y` for each id; ids name rows of the table.
  public func lookup(_ table: Floats, ids: [Int32], width: Int, into y: Floats) {
    gather(table, rows: ids, width: width, into: y)
  }

  /// `dTable[ids[i], :] += dy[i, :]`, in the order of the ids.
  ///
  /// Reported as the touched rows: read beside `dy`, and written.
  ///
  /// - Precondition: sizes as in `lookup`.
  public func lookupBackward(_ dy: Floats, ids: [Int32], width: Int, into dTable: Floats) {
    check(dy, ids.count * width, "gradient of looked-up rows")
    check(rows: ids, of: dTable, width: width)
    // Workers share out the table's rows: every sum has one owner and keeps its order.
    let shares = shares(of: ids, rows: dTable.count / width, workers(forElements: dy.count))
    Workers(count: shares.count).forEachPart(of: shares.count) { indices in
      for index in indices {
        unsafe ck_scatter_add_rows(
          dTable.pointer, dy.pointer, ids, ids.count, Int32(shares[index].lowerBound),
          Int32(shares[index].upperBound), width)
      }
    }
    record(.gather, reads: 2 * dy.count, writes: dy.count)
  }

  /// `y[i, :] = x[rows[i], :]`, for example the class token of every sample.
  ///
  /// - Precondition: whole rows of `width`, one of `y` for each index; indices name rows of `x`.
  public func selectRows(_ x: Floats, width: Int, rows: [Int32], into y: Floats) {
    gather(x, rows: rows, width: width, into: y)
  }

  /// `dx[rows[i], :] = dy[i, :]`, zero in all other rows.
  ///
  /// - Precondition: sizes as in `selectRows`; no index occurs twice.
  public func selectRowsBackward(_ dy: Floats, width: Int, rows: [Int32], into dx: Floats) {
    check(dy, rows.count * width, "gradient of selected rows")
    check(rows: rows, of: dx, width: width)
    var seen = [Bool](repeating: false, count: dx.count / width)
    for row in rows {
      precondition(!seen[Int(row)], "row \(row) is selected twice")
      seen[Int(row)] = true
    }
    workers(forElements: dx.count).forEachPart(of: dx.count, step: 16) { part in
      dx.part(part.lowerBound, part.count).fill(0)
    }
    workers(forElements: dy.count).forEachPart(of: rows.count) { part in
      unsafe ck_scatter_rows(dx.pointer, dy.pointer, rows, part.lowerBound, part.count, width)
    }
    record(.gather, reads: dy.count, writes: dx.count)
  }

  private func gather(_ x: Floats, rows: [Int32], width: Int, into y: Floats) {
    check(y, rows.count * width, "gathered rows")
    check(rows: rows, of: x, width: width)
    workers(forElements: y.count).forEachPart(of: rows.count) { part in
      unsafe ck_gather_rows(y.pointer, x.pointer, rows, part.lowerBound, part.count, width)
    }
    record(.gather, reads: y.count, writes: y.count)
  }

  /// Cuts the rows of a table so that each worker meets about equally many ids.
  private func shares(of ids: [Int32], rows: Int, _ workers: Workers) -> [Range<Int>] {
    guard workers.count > 1 && !ids.isEmpty else { return [0..<rows] }
    var counts = [Int32](repeating: 0, count: rows)
    for id in ids { counts[Int(id)] += 1 }
    var shares: [Range<Int>] = []
    var (start, met) = (0, 0)
    for row in 0..<rows where counts[row] > 0 {
      met += Int(counts[row])
      if met * workers.count >= ids.count * (shares.count + 1) {
        shares.append(start..<row + 1)
        start = row + 1
      }
    }
    return shares
  }

  private func check(rows: [Int32], of table: Floats, width: Int) {
    precondition(
      width >= 1 && table.count.isMultiple(of: width),
      "\(table.count) elements in rows of \(width)")
    let count = table.count / width
    for row in rows { precondition(row >= 0 && Int(row) < count, "row \(row) of \(count)") }
  }
}

extension ComputeCore {
  /// For each sample the tokens of the first part, then of the second, and so on.
  ///
  /// Parts may be columns of wider rows, such as the keys of a query-key-value product.
  ///
  /// - Precondition: equally many columns; `samples x tokens` rows in each part; `y` is their sum.
  public func joinTokens(
    _ parts: [(FloatMatrix, tokens: Int)], samples: Int, into y: Floats
  ) {
    let layout = TokenLayout(parts.map { ($0.0, $0.tokens) }, samples: samples, whole: y)
    workers(forElements: y.count).forEachPart(of: samples) { part in
      for sample in part {
        for (view, place) in layout.places(of: sample) {
          unsafe ck_copy_rows(
            y.pointer + place, layout.width, view.elements.pointer, view.stride, view.rows,
            layout.width)
        }
      }
    }
    record(.elementwise, reads: parts.reduce(0) { $0 + $1.0.count }, writes: y.count)
  }

  /// The gradient of `joinTokens`: each part receives its tokens, a nil part nothing.
  ///
  /// - Precondition: sizes as in `joinTokens`; at least one part is there.
  public func splitTokens(
    _ dy: Floats, samples: Int, into parts: [(FloatMatrix?, tokens: Int)]
  ) {
    let layout = TokenLayout(parts.map { ($0.0, $0.tokens) }, samples: samples, whole: dy)
    workers(forElements: dy.count).forEachPart(of: samples) { part in
      for sample in part {
        for (view, place) in layout.places(of: sample) {
          unsafe ck_copy_rows(
            view.elements.pointer, view.stride, dy.pointer + place, layout.width, view.rows,
            layout.width)
        }
      }
    }
    record(
      .elementwise, reads: dy.count, writes: parts.reduce(0) { $0 + ($1.0?.count ?? 0) })
  }
}

/// Where the tokens of several parts lie in the joined sequence.
private struct TokenLayout: Sendable {
  let parts: [(view: FloatMatrix?, tokens: Int)]
  let width: Int
  private let tokens: Int

  init(_ parts: [(FloatMatrix?, Int)], samples: Int, whole: Floats) {
    let views = parts.compactMap(\.0)
    precondition(!views.isEmpty && samples >= 1, "\(views.count) parts of \(samples) samples")
    width = views[0].columns
    tokens = parts.reduce(0) { $0 + $1.1 }
    for (view, tokens) in parts {
      guard let view else { continue }
      precondition(
        view.columns == width && view.rows == samples * tokens && tokens >= 1,
        "a part of \(view.rows) x \(view.columns) for \(samples) x \(tokens) tokens of \(width)")
    }
    precondition(
      whole.count == samples * tokens * width,
      "\(whole.count) elements for \(samples) x \(tokens) tokens of \(width)")
    self.parts = parts.map { (view: $0.0, tokens: $0.1) }
  }

  /// The rows of one sample in each part that is there, and their start in the whole.
  func places(of sample: Int) -> [(FloatMatrix, Int)] {
    var place = sample * tokens * width
    return parts.compactMap { part in
      defer { place += part.tokens * width }
      return part.view.map {
        ($0.rows(sample * part.tokens..<(sample + 1) * part.tokens), place)
      }
    }
  }
}
