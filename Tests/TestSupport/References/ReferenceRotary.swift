/// Rotary position embedding, pair by pair.
public enum ReferenceRotary {
  /// Turns the pairs of every head of `x [rows, heads headWidth]`; `cosines` and `sines` are
  /// `[positions, headWidth]`, row r turns by position `positions[r]`.
  public static func rotate(
    _ x: [Double], heads: Int, headWidth: Int, cosines: [Double], sines: [Double],
    positions: [Int]
  ) -> [Double] {
    x.indices.map { index in
      let column = index % headWidth
      let angle = positions[index / (heads * headWidth)] * headWidth + column
      let partner = column.isMultiple(of: 2) ? -x[index + 1] : x[index - 1]
      return x[index] * cosines[angle] + partner * sines[angle]
    }
  }
}
