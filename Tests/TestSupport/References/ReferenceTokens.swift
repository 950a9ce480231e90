/// Token kernels written out in double precision, forward only.
public enum ReferenceTokens {
  /// `y[i, :] = table[rows[i], :]`.
  public static func rows(_ table: [Double], _ rows: [Int32], width: Int) -> [Double] {
    rows.flatMap { table[Int($0) * width..<(Int($0) + 1) * width] }
  }

  /// For each sample the tokens of every part in turn; parts are `[samples tokens, width]`.
  public static func join(
    _ parts: [(values: [Double], tokens: Int)], samples: Int, width: Int
  ) -> [Double] {
    (0..<samples).flatMap { sample in
      parts.flatMap { part in
        part.values[sample * part.tokens * width..<(sample + 1) * part.tokens * width]
      }
    }
  }

  /// `x`, so many times.
  public static func repeated(_ x: [Double], copies: Int) -> [Double] {
    (0..<copies).flatMap { _ in x }
  }

  /// Class token mixed by lambda, patches, positions.
  ///
  /// No class row where `classToken` is empty, no positions where `positions` is empty.
  public static func image(
    patches: [Double], classToken: [Double], robust: [Double], lambda: [Double],
    positions: [Double], classTokenPosition: Bool, samples: Int, width: Int
  ) -> [Double] {
    let count = patches.count / (samples * width)
    let placed = !classToken.isEmpty && classTokenPosition
    var y: [Double] = []
    for s in 0..<samples {
      if !classToken.isEmpty {
        for c in 0..<width {
          var value = classToken[c]
          if !robust.isEmpty { value = (1 - lambda[s]) * value + lambda[s] * robust[c] }
          if placed, !positions.isEmpty { value += positions[c] }
          y.append(value)
        }
      }
      for p in 0..<count {
        for c in 0..<width {
          var value = patches[(s * count + p) * width + c]
          if !positions.isEmpty { value += positions[(p + (placed ? 1 : 0)) * width + c] }
          y.append(value)
        }
      }
    }
    return y
  }

  /// Row t of the first table and row 0 of every further one, added to token t.
  public static func positions(
    _ x: [Double], tables: [[Double]], tokens: Int, width: Int
  ) -> [Double] {
    x.indices.map { index in
      let (row, c) = (index / width % tokens, index % width)
      return tables.enumerated().reduce(x[index]) {
        $0 + $1.element[($1.offset == 0 ? row : 0) * width + c]
      }
    }
  }

  /// Averages over the tokens of each sample.
  public static func mean(_ x: [Double], samples: Int, tokens: Int, width: Int) -> [Double] {
    (0..<samples * width).map { index in
      let (s, c) = (index / width, index % width)
      return (0..<tokens).reduce(0) { $0 + x[(s * tokens + $1) * width + c] } / Double(tokens)
    }
  }

  /// `y[r, c] = x[r, c] scale[c]`.
  public static func scaledColumns(_ x: [Double], scale: [Double]) -> [Double] {
    x.indices.map { x[$0] * scale[$0 % scale.count] }
  }

  /// `y[s, :] = factors[s] x[s, :]`.
  public static func scaledSamples(_ x: [Double], factors: [Double]) -> [Double] {
    x.indices.map { x[$0] * factors[$0 / (x.count / factors.count)] }
  }
}
