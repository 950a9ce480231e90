private import CKernels
private import Glibc
private import Synchronization
private import Workloads

/// The constants of one LAMB step.
public struct LAMBStep: Sendable, Hashable {
  /// Learning rate of this step.
  public var learningRate: Float
  /// Decay of the first moment.
  public var beta1: Float
  /// Decay of the second moment.
  public var beta2: Float
  /// Added to the root of the second moment.
  public var epsilon: Float
  /// Bounds of the trust ratio `|p| / |u|`; nil: the ratio as it is.
  public var ratioBounds: ClosedRange<Float>?
  /// Whether tensors without weight decay have a trust ratio too, or a plain Adam step.
  public var adaptsWithoutDecay: Bool
  /// The step's number, from 1: corrects the moments' bias towards zero.
  public var number: Int
  /// Gradients are multiplied by it as they are read; 1 where nothing is clipped.
  public var gradientFactor: Float = 1

  /// The constants of step `number`.
  ///
  /// - Precondition: `number >= 1`.
  public init(
    number: Int, learningRate: Float, beta1: Float = 0.9, beta2: Float = 0.98,
    epsilon: Float = 1e-6, ratioBounds: ClosedRange<Float>? = nil, adaptsWithoutDecay: Bool = true
  ) {
    precondition(number >= 1, "LAMB steps count from 1, not \(number)")
    self.number = number
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.ratioBounds = ratioBounds
    self.adaptsWithoutDecay = adaptsWithoutDecay
  }

  fileprivate func constants(_ group: ParameterGroup) -> ck_lamb_step {
    func correction(_ beta: Float) -> Float { Float(1 / (1 - pow(Double(beta), Double(number)))) }
    return ck_lamb_step(
      beta1: beta1, beta2: beta2, epsilon: epsilon, weight_decay: group.weightDecay,
      correction1: correction(beta1), correction2: correction(beta2),
      gradient_factor: gradientFactor)
  }

  /// `|p| / |u|` inside its bounds; 1 where either norm is 0.
  fileprivate func ratio(_ group: ParameterGroup, parameter: Double, update: Double) -> Double {
    guard parameter > 0 && update > 0 && (adaptsWithoutDecay || group.weightDecay != 0) else {
      return 1
    }
    let ratio = (parameter / update).squareRoot()
    guard let bounds = ratioBounds else { return ratio }
    return min(max(ratio, Double(bounds.lowerBound)), Double(bounds.upperBound))
  }
}

extension ComputeCore {
  /// One LAMB step on an arena, every tensor of the groups with its own trust ratio.
  ///
  /// `m = b1 m + (1 - b1) g`, `v = b2 v + (1 - b2) g^2`, `u = m' / (sqrt(v') + epsilon) + decay p` with
  /// corrected moments, `p -= rate factor |p| / |u| u`. Two passes: moments and norms, then the
  /// update, computed again rather than stored; both are reported as one kernel. The norms have
  /// the same bits for any number of workers.
  ///
  /// - Precondition: equally long, at least as long as the groups reach.
  ///
  /// Source: You et al., arXiv 1904.00962, algorithm 2.
  public func lamb(
    _ parameters: Floats, moment1: Floats, moment2: Floats, gradient: Floats, step: LAMBStep,
    groups: ParameterGroups
  ) {
    checkArena(parameters, [moment1, moment2, gradient], groups)
    let chunks = TensorChunk.chunks(of: groups.tensors, length: Self.elementsOfChunk)
    let constants = groups.tensors.map(step.constants)
    let sums = Mutex([(parameter: Double, update: Double)](repeating: (0, 0), count: chunks.count))
    let workers = workers(forElements: groups.count)
    workers.forEachPart(of: chunks.count) { indices in
      for index in indices {
        let chunk = chunks[index]
        let start = chunk.range.lowerBound
        var (size, change) = (0.0, 0.0)
        unsafe withUnsafePointer(to: constants[chunk.tensor]) { constants in
          unsafe ck_lamb_moments(
            moment1.pointer + start, moment2.pointer + start, &size, &change,
            gradient.pointer + start, parameters.pointer + start, constants, chunk.range.count)
        }
        let found = (parameter: size, update: change)
        sums.withLock { $0[index] = found }
      }
    }
    var totals = [(parameter: Double, update: Double)](
      repeating: (0, 0), count: groups.tensors.count)
    for (chunk, sum) in zip(chunks, sums.withLock { $0 }) {
      totals[chunk.tensor].parameter += sum.parameter
      totals[chunk.tensor].update += sum.update
    }
    let rates = zip(groups.tensors, totals).map { group, total in
      Float(
        Double(step.learningRate) * Double(group.learningRateFactor)
          * step.ratio(group, parameter: total.parameter, update: total.update))
    }
    workers.forEachPart(of: chunks.count) { indices in
      for index in indices {
        let chunk = chunks[index]
        let start = chunk.range.lowerBound
        unsafe withUnsafePointer(to: constants[chunk.tensor]) { constants in
          unsafe ck_lamb_apply(
            parameters.pointer + start, moment1.pointer + start, moment2.pointer + start,
            constants, rates[chunk.tensor], chunk.range.count)
        }
      }
    }
    // Moments and norms: 4 in, 2 out. Update: 3 in, 1 out.
    record(.optimizer, reads: 7 * groups.count, writes: 3 * groups.count)
  }
}

/// A part of one tensor, of fixed length but for the last.
private struct TensorChunk: Sendable {
  var tensor: Int
  var range: Range<Int>

  static func chunks(of tensors: [ParameterGroup], length: Int) -> [TensorChunk] {
    tensors.enumerated().flatMap { index, tensor in
      stride(from: tensor.range.lowerBound, to: tensor.range.upperBound, by: length).map { start in
        TensorChunk(
          tensor: index, range: start..<min(start + length, tensor.range.upperBound))
      }
    }
  }
}
