/// What a kernel computes, beyond its size: enough to run it.
///
/// The cost model looks at operations and tensors alone; the training core runs functions. Operands
/// stand in `Kernel.reads` and `Kernel.writes` in the order given with each case.
public enum KernelFunction: Sendable, Hashable {
  /// Priced only: casts, copies and other kernels of software stacks that are not run here.
  case priced

  // MARK: Products

  /// `y = x W + b`: reads x, W, then the bias and the residual where there are any; writes y,
  /// and the activation of y behind it where the epilogue has one.
  case linear(bias: [Range<Int>], epilogue: ProductEpilogue)
  /// `y = x E^T + b` with a table E `[n, k]` that is an embedding too; operands as in `linear`.
  case tiedLinear(bias: [Range<Int>])
  /// `dx = dy E`: reads dy, E; writes dx.
  case tiedInputGradient
  /// `dE = dy^T x`: reads dy, x; writes dE.
  case tiedWeightGradient
  /// `dx = dy W^T`: reads dy, W, then what the epilogue adds or the values before an activation;
  /// writes dx, and the activation once more where the epilogue says so.
  case linearInputGradient(ProductEpilogue)
  /// `dW = x^T dy`: reads dy, x; writes dW.
  case linearWeightGradient
  /// `db = column sums of dy`, rows of `width`: reads dy; writes db.
  case biasGradient([Range<Int>], width: Int)
  /// `y[m, n] = a[m, k] b[n, k]^T` of two activations: reads a, b; writes y.
  case product
  /// `da = dy b`: reads dy, b; writes da.
  case productLeftGradient
  /// `db = dy^T a`: reads dy, a; writes db.
  case productRightGradient

  // MARK: Attention

  /// One kernel: reads q, k, v; writes the result and its row statistics.
  case attention(AttentionCall)
  /// Its gradient: reads dy, q, k, v, y, statistics; writes dq, dk, dv.
  case attentionGradient(AttentionCall)
  /// One of the kernels of unfused attention.
  case attentionPart(AttentionCall, AttentionPart)

  // MARK: Rows

  /// Normalisation: reads x and the scales where there are any; writes y.
  case norm(NormKind, affine: Bool)
  /// Its gradient: reads dy, the scales, x, then a gradient that is added; writes dx, d scales.
  case normGradient(NormKind, affine: Bool, adding: Bool)
  /// A function of equal or selected elements: reads inputs, parameters; writes y.
  case pointwise(PointwiseFunction)
  /// Its gradient: reads dy, parameters, what is kept; writes the gradients of the inputs listed
  /// by position, then of all parameters where `parameters` says so.
  case pointwiseGradient(PointwiseFunction, inputs: [Int], parameters: Bool)
  /// `y = a + b`: reads a, b; writes y, which may be one of them.
  case sum
  /// Rows of a table: reads the rows; writes y.
  case lookup(width: Int)
  /// Its gradient: reads dy and the rows; writes the rows.
  case lookupGradient(width: Int)
}

/// What follows a matrix product while its result is still in a cache.
public enum ProductEpilogue: Sendable, Hashable {
  /// Nothing.
  case none
  /// Another tensor is added: the residual, or a gradient that is there already.
  case adding
  /// An activation, or its gradient.
  case activation(MLPKind)
  /// The gradient of an activation, and its values again for the weights' gradient.
  case activationAgain(MLPKind)
}

/// Attention with everything that decides its result.
public struct AttentionCall: Sendable, Hashable {
  /// Sizes.
  public var shape: AttentionShape
  /// Heads of keys and values.
  public var keyValueHeads: Int
  /// Which keys a query sees.
  public var mask: Mask

  /// A call.
  public init(shape: AttentionShape, keyValueHeads: Int, mask: Mask) {
    self.shape = shape
    self.keyValueHeads = keyValueHeads
    self.mask = mask
  }

  /// Which keys a query sees.
  ///
  /// Key `j` is visible to query `i` where `j < prefixKeys`, or where it lies in the sample's text
  /// and, under a causal mask, `j - prefixKeys <= i`.
  public struct Mask: Sendable, Hashable {
    /// Whether a text position sees only itself and what stands before.
    public var isCausal: Bool
    /// Keys before the text that everyone sees.
    public var prefixKeys: Int
    /// Whether keys behind the end of a sample's text are hidden.
    public var isPadded: Bool

    /// A mask.
    public init(isCausal: Bool, prefixKeys: Int = 0, isPadded: Bool = false) {
      self.isCausal = isCausal
      self.prefixKeys = prefixKeys
      self.isPadded = isPadded
    }

    /// Every key.
    public static let none = Mask(isCausal: false)
  }
}

/// The kernels of unfused attention.
public enum AttentionPart: Sendable, Hashable {
  /// `S = q k^T`: reads q, k.
  case scores
  /// `P = softmax(scale S + mask)`: reads S.
  case softmax
  /// `y = P v`: reads P, v.
  case values
  /// `dP = dy v^T`: reads dy, v.
  case probabilityGradient
  /// `dv = P^T dy`: reads dy, P.
  case valueGradient
  /// `dS` of the softmax: reads dP, P.
  case softmaxGradient
  /// `dq = dS k`: reads dS, k.
  case queryGradient
  /// `dk = dS^T q`: reads dS, q.
  case keyGradient
}
