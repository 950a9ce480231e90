public import Workloads

/// What a segment's kernels read besides tensors, in double precision: token ids, lambdas, labels,
/// what is dropped at random.
public struct DoubleChoices: Sendable {
  /// Token ids, one after the other.
  public var tokens: [Int32] = []
  /// Tokens of each sample that are text and not padding.
  public var lengths: [Int] = []
  /// Row of each sample's end token among all rows.
  public var endRows: [Int32] = []
  /// Rows that patch dropout keeps among all rows.
  public var keptRows: [Int32] = []
  /// Cosines of rotary positions `[positions, headWidth]`, then the sines.
  public var rotary: [Double] = []
  /// Position of every row in the table of angles; nil: its token's number.
  public var rotaryPositions: [Int32]?
  /// Lambda of each sample.
  public var lambda: [Double] = []
  /// lambda as a code, `[samples, width]`.
  public var lambdaCode: [Double] = []
  /// Factor of each sample in a residual branch, by the kernel's label; 1 where none is given.
  public var dropPath: [String: [Double]] = [:]
  /// Labels of a cross-entropy.
  public var labels: @Sendable (CrossEntropy) -> [Int32] = { _ in [] }

  /// Nothing chosen.
  public init() {}
}
