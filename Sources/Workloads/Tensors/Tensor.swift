/// The storage type of a tensor's elements.
public enum ElementType: UInt8, Sendable, Hashable, CaseIterable {
  /// 32-bit IEEE float.
  case float32
  /// 16-bit IEEE float.
  case float16
  /// 16-bit float with fp32's exponent.
  case bfloat16
  /// 64-bit integer, as token ids.
  case int64
  /// One byte: a mask.
  case bool

  /// Bytes of one element.
  public var bytes: Int {
    switch self {
    case .float32: 4
    case .float16, .bfloat16: 2
    case .int64: 8
    case .bool: 1
    }
  }
}

/// What a tensor is for; decides who owns its memory.
public enum TensorRole: Sendable, Hashable {
  /// Made and freed within a step.
  case activation
  /// Weights, in the type that kernels read. Memory belongs to the tower's state.
  case parameter
  /// The gradient of a weight. Memory belongs to the tower's state.
  case parameterGradient
  /// Read-only input or table: tokens, rotary angles, masks.
  case constant
}

/// A tensor within one graph.
public struct TensorID: Sendable, Hashable {
  /// Position in the graph's tensor list.
  public let index: Int
  init(_ index: Int) { self.index = index }
}

/// Name, size and type of one tensor.
public struct Tensor: Sendable, Hashable {
  /// For example `qkv`, `qkv.weight`, `d qkv`.
  public var name: String
  /// Number of elements.
  public var elements: Int
  /// Storage type.
  public var type: ElementType
  /// What it is for.
  public var role: TensorRole
  /// Where its elements lie, if they are columns of another tensor.
  public var view: View?

  /// Ends the name of a weight that is another segment's embedding.
  public static let tiedSuffix: String = " (tied)"

  /// Columns of another tensor's rows.
  public struct View: Sendable, Hashable {
    /// The tensor that owns the memory.
    public var of: TensorID
    /// The first column.
    public var first: Int
    /// Columns of the view.
    public var columns: Int
    /// Columns of the owner's rows.
    public var width: Int
  }

  /// Size in bytes.
  public var bytes: Int { elements * type.bytes }
}
