private import CKernels
private import Workloads

extension ComputeCore {
  /// `out = in`.
  ///
  /// - Precondition: equally long, not overlapping.
  public func copy(_ input: Floats, into out: Floats) {
    precondition(out.count == input.count, "copy of \(input.count) into \(out.count) elements")
    workers(forElements: out.count).forEachPart(of: out.count, step: 16) { part in
      unsafe ck_copy(
        out.pointer + part.lowerBound, input.pointer + part.lowerBound, part.count)
    }
    record(.elementwise, reads: input.count, writes: out.count)
  }

  /// `out = left + right`; `out` may be `left`.
  ///
  /// - Precondition: equally long.
  public func add(_ left: Floats, _ right: Floats, into out: Floats) {
    precondition(
      left.count == out.count && right.count == out.count,
      "sum of \(left.count) and \(right.count) into \(out.count) elements")
    workers(forElements: out.count).forEachPart(of: out.count, step: 16) { part in
      let start = part.lowerBound
      unsafe ck_add(out.pointer + start, left.pointer + start, right.pointer + start, part.count)
    }
    record(.elementwise, reads: left.count + right.count, writes: out.count)
  }

  /// `out = gelu(in)`, exact form.
  ///
  /// - Precondition: equally long, not overlapping.
  public func gelu(_ input: Floats, into out: Floats) {
    precondition(out.count == input.count, "gelu of \(input.count) into \(out.count) elements")
    workers(forElements: out.count).forEachPart(of: out.count, step: 16) { part in
      unsafe ck_gelu(
        out.pointer + part.lowerBound, input.pointer + part.lowerBound, part.count)
    }
    record(.elementwise, reads: input.count, writes: out.count)
  }

  /// `inputGradient = outGradient gelu'(input)`.
  ///
  /// - Precondition: equally long, not overlapping.
  public func geluBackward(
    _ outGradient: Floats, input: Floats, into inputGradient: Floats
  ) {
    precondition(
      outGradient.count == input.count && inputGradient.count == input.count,
      "gelu gradients of \(outGradient.count), \(input.count), \(inputGradient.count) elements")
    workers(forElements: input.count).forEachPart(of: input.count, step: 16) { part in
      let start = part.lowerBound
      unsafe ck_gelu_backward(
        inputGradient.pointer + start, outGradient.pointer + start, input.pointer + start,
        part.count)
    }
    record(
      .elementwise, reads: outGradient.count + input.count, writes: inputGradient.count)
  }

  /// One AdamW step on parameters and both moments, in place; formula in `ck_adamw`.
  ///
  /// - Precondition: equally long.
  public func adamW(
    _ parameters: Floats, moment1: Floats, moment2: Floats, gradient: Floats, step: AdamWStep
  ) {
    let count = parameters.count
    precondition(
      moment1.count == count && moment2.count == count && gradient.count == count,
      "an update of \(count) parameters with other counts of moments or gradients")
    let constants = step.constants
    workers(forElements: count).forEachPart(of: count, step: 16) { part in
      let start = part.lowerBound
      unsafe withUnsafePointer(to: constants) { constants in
        unsafe ck_adamw(
          parameters.pointer + start, moment1.pointer + start, moment2.pointer + start,
          gradient.pointer + start, constants, part.count)
      }
    }
    record(.optimizer, reads: 4 * count, writes: 3 * count)
  }
}

/// The constants of one AdamW step.
public struct AdamWStep: Sendable, Hashable {
  /// Learning rate of this step.
  public var learningRate: Float
  /// Decay of the first moment.
  public var beta1: Float
  /// Decay of the second moment.
  public var beta2: Float
  /// Added to the root of the second moment.
  public var epsilon: Float
  /// Decoupled weight decay.
  public var weightDecay: Float
  /// The step's number, from 1: corrects the moments' bias towards zero.
  public var number: Int
  /// Gradients are multiplied by it as they are read; 1 where nothing is clipped.
  public var gradientFactor: Float = 1

  /// The constants of step `number`.
  ///
  /// - Precondition: `number >= 1`.
  public init(
    number: Int, learningRate: Float, beta1: Float = 0.9, beta2: Float = 0.98,
    epsilon: Float = 1e-6, weightDecay: Float = 0.2
  ) {
    precondition(number >= 1, "AdamW steps count from 1, not \(number)")
    self.number = number
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  fileprivate var constants: ck_adamw_step {
    ck_adamw_step(
      learning_rate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      weight_decay: weightDecay, correction1: 1 / (1 - Self.power(beta1, number)),
      correction2: 1 / (1 - Self.power(beta2, number)), gradient_factor: gradientFactor)
  }

  /// `base^exponent` in double precision: the loop is exact enough, and needs no library.
  private static func power(_ base: Float, _ exponent: Int) -> Float {
    var result = 1.0
    var factor = Double(base)
    var remaining = exponent
    while remaining > 0 {
      if remaining & 1 == 1 { result *= factor }
      factor *= factor
      remaining >>= 1
    }
    return Float(result)
  }
}
