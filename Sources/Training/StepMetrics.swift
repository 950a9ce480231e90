/// What one step of a run was like.
public struct StepMetrics: Sendable, Hashable {
  /// The step's number, counted from 1.
  public var step: Int
  /// Seconds from asking for the batch to the end of the update.
  public var seconds: Double
  /// The loss that was differentiated.
  public var loss: Double
  /// Its terms, weighted, by name.
  public var terms: [String: Double]
  /// The gradient's Euclidean norm, before clipping.
  public var gradientNorm: Double
  /// The learning rate.
  public var learningRate: Float
  /// gamma of the layer regulariser, as the step used it.
  public var gamma: Float
  /// Mean comparison measure by layer, of those that the step compared.
  public var comparison: [Int: Double]
  /// Layers that were regularised, counted from 0.
  public var selection: [Int]
  /// What the loss was multiplied by; nil where fp16 is not emulated.
  public var lossScale: Double?
  /// Whether a gradient was too large for fp16, so that nothing was updated.
  public var isSkipped: Bool
  /// Where the kernels that ran differ from the program's; nil where they agree or nobody looked.
  public var difference: String?
  /// Whether kernels were compared in this step.
  public var isChecked: Bool
  /// FLOP of the step's program, see `StepProgram.modelFlops`.
  public var flops: Double

  /// Metrics of a step that has found nothing yet.
  public init(step: Int) {
    self.step = step
    seconds = 0
    loss = 0
    terms = [:]
    gradientNorm = 0
    learningRate = 0
    gamma = 0
    comparison = [:]
    selection = []
    lossScale = nil
    isSkipped = false
    difference = nil
    isChecked = false
    flops = 0
  }
}
