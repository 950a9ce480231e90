public import Workloads

/// What a pass reads besides tensors of the program: token ids, lambdas, labels, random choices.
///
/// All passes of a sample share its random choices: clean, attacked and compared versions drop the
/// same patches and branches, or their distance would not be zero without an attack.
public struct PassData {
  /// Micro-batches whose features stand one after the other.
  public var groups = 1
  /// Token ids, one after the other.
  public var tokens: [Int32] = []
  /// Tokens of each sample that are text and not padding.
  public var lengths: [Int32] = []
  /// Row of each sample's end token among all rows.
  public var endRows: [Int32] = []
  /// Rows that patch dropout keeps among all rows, sample after sample.
  public var keptRows: [Int32] = []
  /// Position of every row in the table of rotary angles; nil: its token's number.
  public var rotaryPositions: [Int32]?
  /// Lambda of each sample.
  public var lambda: Floats?
  /// lambda as a code for FiLM, `[samples, width]`.
  public var lambdaCode: Floats?
  /// Factor of each sample in a residual branch, by block and branch.
  public var dropPath: (Int, String) -> Floats? = { _, _ in nil }
  /// Labels of a cross-entropy.
  public var labels: (CrossEntropy) -> [Int32] = { _ in [] }
  /// Cosines and sines of rotary positions for a head width and a number of tokens.
  public var rotaryTable: (_ headWidth: Int) -> Floats? = { _ in nil }

  /// Nothing but tensors.
  public init() {}
}
