/// Numbers of a run that the step program does not fix: strengths, not work.
public struct ExecutionSettings: Sendable, Hashable {
  /// Seed of everything random in a step.
  public var seed: UInt64 = 1
  /// Largest perturbation of an input, in the units of the input.
  public var epsilon: Float = 4.0 / 255
  /// Length of one attack step.
  public var alpha: Float = 2.0 / 255
  /// Lowest value of a pixel by channel; nil: unbounded, as features are.
  public var lowest: [Float]?
  /// Highest value of a pixel by channel.
  public var highest: [Float]?
  /// Rate of stochastic depth.
  public var dropPathRate: Float = 0.1
  /// Weight of the layer regulariser at the start.
  public var gamma: Float = 1
  /// Factors on gamma by layer; 1 where none is given.
  public var layerGammas: [Int: Float] = [:]
  /// kappa: what share of the contrastive loss the regulariser should have.
  public var kappa: Float = 0.1
  /// k: how fast gamma follows.
  public var gammaRate: Float = 0.01
  /// eta: deviations above the mean from which a layer counts as vulnerable.
  public var eta: Float = 1
  /// m: layers that are regularised at most.
  public var vulnerableLayers = 4
  /// Weight of an anchor's or a teacher's distance.
  public var distanceWeight: Float = 1
  /// Token that begins a caption where a text has its class token (BLIP-2); nil: the same.
  public var captionToken: Int32?
  /// Grid that a rotary image tower was trained on, per side; nil: its own.
  public var rotaryGrid: Int?
  /// Whether lambda weighs the losses; methods without lambda train on attacked images alone.
  public var weighsByLambda = true

  /// The defaults of Documentation/lsa-itc.md.
  public init() {}
}
