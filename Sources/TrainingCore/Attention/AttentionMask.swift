internal import CKernels
internal import Workloads

/// Which keys a query sees; always the first ones.
///
/// Query i sees key j where `j < prefixKeys`, or not `causal`, or `j - prefixKeys <= i`; and where
/// `j < validKeys` of its sample. A query that sees none gives zeros.
public struct AttentionMask: Sendable, Hashable {
  /// Whether a query sees no later token than itself.
  public var causal: Bool
  /// Keys before the queries' own tokens, which every query sees.
  public var prefixKeys: Int
  /// Keys that count, for each sample; nil: all.
  public var validKeys: [Int32]?

  /// A mask.
  ///
  /// - Precondition: no negative prefix.
  public init(causal: Bool, prefixKeys: Int = 0, validKeys: [Int32]? = nil) {
    precondition(prefixKeys >= 0, "\(prefixKeys) keys before the queries")
    self.causal = causal
    self.prefixKeys = prefixKeys
    self.validKeys = validKeys
  }

  /// Keys of one sample that count.
  func valid(_ sample: Int, of keys: Int) -> Int {
    validKeys.map { min(Int($0[sample]), keys) } ?? keys
  }

  func check(samples: Int) {
    guard let validKeys else { return }
    precondition(
      validKeys.count == samples && validKeys.allSatisfy { $0 >= 0 },
      "valid keys \(validKeys) of \(samples) samples")
  }
}

/// Where heads lie in the operands of one attention, and how they are shared out.
struct AttentionLayout: Sendable {
  let shape: AttentionShape
  let keyValueHeads: Int

  init(_ shape: AttentionShape, keyValueHeads: Int) {
    precondition(
      shape.samples >= 1 && shape.queries >= 1 && shape.keys >= 1 && shape.headWidth >= 1
        && keyValueHeads >= 1 && shape.heads.isMultiple(of: keyValueHeads) && shape.heads >= 1,
      "\(shape) with \(keyValueHeads) key and value heads")
    self.shape = shape
    self.keyValueHeads = keyValueHeads
  }

  /// Query heads that share a key and value head.
  var group: Int { shape.heads / keyValueHeads }
  /// Pairs of a sample and a key and value head: what workers share out.
  var units: Int { shape.samples * keyValueHeads }

  func checkQueries(_ matrix: FloatMatrix) {
    precondition(
      matrix.rows == shape.samples * shape.queries
        && matrix.columns == shape.heads * shape.headWidth,
      "\(matrix.rows) x \(matrix.columns) as queries of \(shape)")
  }

  func checkKeys(_ matrix: FloatMatrix) {
    precondition(
      matrix.rows == shape.samples * shape.keys
        && matrix.columns == keyValueHeads * shape.headWidth,
      "\(matrix.rows) x \(matrix.columns) as \(keyValueHeads) key heads of \(shape)")
  }

  func checkScores(_ scores: Floats) {
    precondition(scores.count == shape.scores, "\(scores.count) scores of \(shape)")
  }

  /// The first element of a unit's queries, in an operand with that distance between rows.
  func queryStart(_ unit: Int, stride: Int) -> Int {
    let (sample, head) = unit.quotientAndRemainder(dividingBy: keyValueHeads)
    return sample * shape.queries * stride + head * group * shape.headWidth
  }

  /// The first element of a unit's keys.
  func keyStart(_ unit: Int, stride: Int) -> Int {
    let (sample, head) = unit.quotientAndRemainder(dividingBy: keyValueHeads)
    return sample * shape.keys * stride + head * shape.headWidth
  }

  /// The first of the unit's rows in `[sample, head, query]`.
  func rowStart(_ unit: Int) -> Int { unit * group * shape.queries }

  /// Sizes and mask of a unit for the kernels; strides are left dense.
  func kernelShape(_ unit: Int, scale: Float, mask: AttentionMask) -> ck_attention_shape {
    ck_attention_shape(
      queries: shape.queries, keys: shape.keys, width: shape.headWidth, group: group,
      q_stride: shape.headWidth, k_stride: shape.headWidth, v_stride: shape.headWidth,
      out_stride: shape.headWidth, scale: scale, causal: mask.causal, prefix: mask.prefixKeys,
      valid: mask.valid(unit / keyValueHeads, of: shape.keys))
  }
}
