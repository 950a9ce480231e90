private import Glibc

/// Cosines and sines of rotary positions: all cosines `[positions, headWidth]`, then all sines.
///
/// Channels `2 i` and `2 i + 1` are a pair and share an angle.
enum RotaryTable {
  /// Positions of a sequence: the angle of pair i at position t is `t theta^(-2 i / headWidth)`.
  ///
  /// Source: Su et al., arXiv 2104.09864.
  static func sequence(tokens: Int, headWidth: Int, theta: Double = 10_000) -> [Float] {
    table(tokens: tokens, headWidth: headWidth) { token, channel in
      Double(token) * pow(theta, -2 * Double(channel / 2) / Double(headWidth))
    }
  }

  /// Positions of a grid of patches.
  ///
  /// The first half of the channels turns by the row, the second by the column; the class token does
  /// not turn. `trained` is the grid that positions are counted in.
  ///
  /// Source: EVA-02, arXiv 2303.11331.
  static func axial(
    grid: Int, trained: Int?, headWidth: Int, classToken: Bool, theta: Double = 10_000
  ) -> [Float] {
    let half = headWidth / 2
    let scale = Double(trained ?? grid) / Double(grid)
    let first = classToken ? 1 : 0
    return table(tokens: grid * grid + first, headWidth: headWidth) { token, channel in
      guard token >= first else { return 0 }
      let patch = token - first
      let place = channel < half ? patch / grid : patch % grid
      let pair = channel % half / 2
      return Double(place) * scale * pow(theta, -2 * Double(pair) / Double(half))
    }
  }

  private static func table(
    tokens: Int, headWidth: Int, angle: (Int, Int) -> Double
  ) -> [Float] {
    var cosines: [Float] = []
    var sines: [Float] = []
    for token in 0..<tokens {
      for channel in 0..<headWidth {
        let turn = angle(token, channel)
        cosines.append(Float(cos(turn)))
        sines.append(Float(sin(turn)))
      }
    }
    return cosines + sines
  }

  /// The cosine in double precision, rounded once.
  static func cosine(_ angle: Double) -> Float { Float(cos(angle)) }
}
