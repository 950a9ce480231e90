private import CKernels
private import Workloads

extension ComputeCore {
  /// The token sequence of images: class token first, then the patches, positions added.
  ///
  /// The class token of sample s is `(1 - lambda[s]) classToken + lambda[s] robustClassToken`, and
  /// `classToken` itself where lambda is 0 or nil. Shapes: patches `[samples count, width]`, lambda
  /// `[samples]`, `y` `[samples tokens, width]` with one token more than patches where there is a
  /// class token, positions one row for each patch, before them one for the class token where
  /// `classTokenPosition`.
  ///
  /// - Precondition: these shapes; lambda exactly where there is a robust class token.
  public func imageTokens(
    _ patches: Floats, classToken: Floats?, robustClassToken: Floats?, lambda: Floats?,
    positions: Floats?, classTokenPosition: Bool, samples: Int, patches count: Int, width: Int,
    into y: Floats
  ) {
    let tokens = count + (classToken == nil ? 0 : 1)
    let placed = classToken != nil && classTokenPosition
    precondition(
      (robustClassToken == nil) == (lambda == nil)
        && (robustClassToken == nil || classToken != nil),
      "a robust class token goes with a class token and lambda")
    check(patches, samples * count * width, "patches")
    check(classToken, width, "class token")
    check(robustClassToken, width, "robust class token")
    check(lambda, samples, "lambda")
    check(positions, (count + (placed ? 1 : 0)) * width, "positions")
    check(y, samples * tokens * width, "image tokens")
    workers(forElements: y.count).forEachPart(of: samples) { part in
      let first = part.lowerBound
      unsafe ck_image_tokens(
        y.pointer + first * tokens * width, patches.pointer + first * count * width,
        classToken?.pointer, robustClassToken?.pointer, lambda.map { unsafe $0.pointer + first },
        positions?.pointer, placed ? 1 : 0, part.count, count, width)
    }
    record(
      .elementwise, reads: elements(patches, classToken, robustClassToken, lambda, positions),
      writes: y.count)
  }

  /// The gradients of `imageTokens`: patches are assigned, parameters added to.
  ///
  /// Whether there is a class token follows from the length of `dy`. With `g_s` the gradient of
  /// sample s's class row: `class += sum (1 - lambda) g`, `robust += sum lambda g`.
  ///
  /// - Precondition: sizes as in `imageTokens`; lambda where the robust token has a gradient.
  public func imageTokensBackward(
    _ dy: Floats, lambda: Floats?, classTokenPosition: Bool, samples: Int, patches count: Int,
    width: Int, into dPatches: Floats?, classGradient: Floats?, robustGradient: Floats?,
    positionsGradient: Floats?
  ) {
    precondition(samples >= 1 && width >= 1, "\(samples) samples of width \(width)")
    let tokens = dy.count / (samples * width)
    precondition(
      dy.count == samples * tokens * width && (tokens == count || tokens == count + 1),
      "\(dy.count) gradients for \(samples) samples of \(count) patches of \(width)")
    let before = tokens - count
    let placed = before == 1 && classTokenPosition
    precondition(
      (before == 1 || (classGradient == nil && robustGradient == nil))
        && (robustGradient == nil || lambda != nil), "gradients of class tokens that are not there")
    check(lambda, samples, "lambda")
    check(dPatches, samples * count * width, "gradient of patches")
    check(classGradient, width, "gradient of the class token")
    check(robustGradient, width, "gradient of the robust class token")
    check(positionsGradient, (count + (placed ? 1 : 0)) * width, "gradient of positions")
    let stride = tokens * width
    workers(forElements: dy.count).forEachPart(of: tokens) { part in
      let patches = max(part.lowerBound, before)..<part.upperBound
      let first = patches.lowerBound
      unsafe ck_tokens_backward(
        dPatches.map { unsafe $0.pointer + (first - before) * width }, count * width,
        positionsGradient.map { unsafe $0.pointer + (first - (placed ? 0 : before)) * width },
        dy.pointer + first * width, stride, samples, patches.count, width)
      guard part.lowerBound < before else { return }
      if let positionsGradient, placed {
        unsafe ck_tokens_backward(
          nil, 0, positionsGradient.pointer, dy.pointer, stride, samples, 1, width)
      }
      unsafe ck_sum_mixed(
        classGradient?.pointer, robustGradient?.pointer, dy.pointer, lambda?.pointer, samples,
        stride, width)
    }
    record(
      .elementwise, reads: elements(dy, lambda),
      writes: elements(dPatches, classGradient, robustGradient, positionsGradient))
  }

  /// `y[s, t, :] = x[s, t, :] + positions[t, :] + sum of the first rows of all further tables`.
  ///
  /// `tables[0]` holds positions; further ones hold token types and the like, of which every token
  /// here has the first. `y` may be `x`.
  ///
  /// - Precondition: `x` whole sequences of `tokens x width`; the first table at least `tokens` rows,
  ///   every further one at least one.
  public func addPositions(
    _ x: Floats, tables: [Floats], tokens: Int, width: Int, into y: Floats
  ) {
    let rows = check(x, tables: tables, tokens: tokens, width: width)
    check(y, x.count, "tokens with positions")
    workers(forElements: y.count).forEachPart(of: rows) { part in
      let start = part.lowerBound * width
      unsafe ck_add_token_rows(
        y.pointer + start, x.pointer + start, tables[0].pointer, part.lowerBound, part.count,
        tokens, width)
      for table in tables.dropFirst() {
        unsafe ck_bias_add(
          y.pointer + start, y.pointer + start, table.pointer, part.count, width)
      }
    }
    record(.elementwise, reads: x.count + tables.reduce(0) { $0 + $1.count }, writes: y.count)
  }

  /// The gradients of `addPositions`: `dx = dy`; of tables, sums over the tokens that used a row.
  ///
  /// - Precondition: sizes as in `addPositions`; one gradient a table, or none at all.
  public func addPositionsBackward(
    _ dy: Floats, tokens: Int, width: Int, into dx: Floats?, tableGradients: [Floats]
  ) {
    let rows = check(dy, tables: tableGradients, tokens: tokens, width: width)
    check(dx, dy.count, "gradient of tokens")
    workers(forElements: dy.count).forEachPart(of: tokens) { part in
      let first = part.lowerBound * width
      unsafe ck_tokens_backward(
        dx.map { unsafe $0.pointer + first }, tokens * width,
        tableGradients.first.map { unsafe $0.pointer + first }, dy.pointer + first,
        tokens * width, rows / tokens, part.count, width)
    }
    let shared = tableGradients.dropFirst().map { $0.part(0, width) }
    if !shared.isEmpty {
      splitSums(rows: rows, columns: width, into: shared) { part, sums in
        for sum in sums {
          unsafe ck_sum_rows(
            sum.pointer, dy.pointer + part.lowerBound * width, part.count, width)
        }
      }
    }
    record(
      .elementwise, reads: dy.count,
      writes: elements(dx) + tableGradients.reduce(0) { $0 + $1.count })
  }

  /// Rows of whole sequences.
  private func check(_ x: Floats, tables: [Floats], tokens: Int, width: Int) -> Int {
    precondition(
      tokens >= 1 && width >= 1 && x.count.isMultiple(of: tokens * width),
      "\(x.count) elements in sequences of \(tokens) x \(width)")
    for (index, table) in tables.enumerated() {
      precondition(
        table.count.isMultiple(of: width) && table.count >= (index == 0 ? tokens : 1) * width,
        "table \(index) of \(table.count) elements for \(tokens) tokens of \(width)")
    }
    return x.count / width
  }
}
