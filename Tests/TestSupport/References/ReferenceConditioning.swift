/// Conditioning on lambda, written out in double precision, forward only.
public enum ReferenceConditioning {
  /// `y = x g + b`, gain and bias mixed by each sample's lambda; `affine` is g0, b0, g1, b1.
  public static func mixed(
    _ x: [Double], affine: [Double], lambda: [Double], tokens: Int, width: Int
  ) -> [Double] {
    x.indices.map { index in
      let (share, c) = (lambda[index / (tokens * width)], index % width)
      let gain = (1 - share) * affine[c] + share * affine[2 * width + c]
      let bias = (1 - share) * affine[width + c] + share * affine[3 * width + c]
      return x[index] * gain + bias
    }
  }

  /// `y = x + lambda shift`, lambda by sample.
  public static func shifted(
    _ x: [Double], shift: [Double], lambda: [Double], tokens: Int, width: Int
  ) -> [Double] {
    x.indices.map { x[$0] + lambda[$0 / (tokens * width)] * shift[$0 % width] }
  }

  /// `y = x (1 + scale) + shift`, both by sample and column.
  public static func film(
    _ x: [Double], scale: [Double], shift: [Double], tokens: Int, width: Int
  ) -> [Double] {
    x.indices.map { index in
      let place = index / (tokens * width) * width + index % width
      return x[index] * (1 + scale[place]) + shift[place]
    }
  }
}
