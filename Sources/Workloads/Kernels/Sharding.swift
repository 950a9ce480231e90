/// How the ranks of a tensor-parallel group share a layer.
///
/// Matrices are cut by columns before a non-linearity and by rows behind it, so that a layer needs
/// one all-reduce per branch and direction (Shoeybi et al., arXiv 1909.08053, section 3). With
/// sequence parallelism each rank keeps `1/tensor` of the tokens between the branches, and the
/// all-reduces become an all-gather and a reduce-scatter of the same bytes (Korthikanti et al.,
/// arXiv 2205.05198, section 4.2).
public struct Sharding: Sendable, Hashable {
  /// Ranks that share every layer, t.
  public var tensor: Int
  /// Whether the residual stream is cut along its tokens.
  public var sequence: Bool

  /// A sharding over `tensor` ranks.
  public init(tensor: Int, sequence: Bool = false) {
    self.tensor = tensor
    self.sequence = sequence && tensor > 1
  }

  /// Every rank has whole layers.
  public static let none = Sharding(tensor: 1)

  /// The share of `count` units that one rank has, rounded up.
  func share(_ count: Int) -> Int { (count + tensor - 1) / tensor }

  /// Rows of the residual stream on one rank, of `rows` in all.
  func streamRows(_ rows: Int) -> Int { sequence ? share(rows) : rows }
}

/// A collective among the ranks that share a layer, part of the layer's own kernels.
public struct LayerCollective: Sendable, Hashable {
  /// Which one.
  public var kind: Collective.Kind
  /// Bytes of the whole result on one rank (nccl-tests convention).
  public var bytes: Int
  /// Whether the kernel behind it does not need its result, so that a stack may run both at once.
  public var precedesIndependentWork: Bool

  /// A collective.
  public init(kind: Collective.Kind, bytes: Int, precedesIndependentWork: Bool = false) {
    self.kind = kind
    self.bytes = bytes
    self.precedesIndependentWork = precedesIndependentWork
  }
}
