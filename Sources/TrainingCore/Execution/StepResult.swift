public import Workloads

/// What one step found: losses by term, and how layers answer to the attack.
public struct StepResult: Sendable {
  /// The loss that was differentiated.
  public var loss = 0.0
  /// Its terms, weighted, by name.
  public var terms: [String: Double] = [:]
  /// Mean comparison measure of every regularised layer.
  public var comparison: [Int: Double] = [:]
  /// Comparison measures of all layers, where the step compared them: `[layer][sample]`.
  public var layers: [Int: [Float]] = [:]
  /// Features of a branch before the loss, where a caller asked for them.
  public var features: [Pass.Branch: [Float]] = [:]
  /// The same of the texts.
  public var textFeatures: [Float] = []
  /// Losses of attacked images at every attack step, summed.
  public var attackLosses: [Double] = []

  /// Nothing yet.
  public init() {}
}
