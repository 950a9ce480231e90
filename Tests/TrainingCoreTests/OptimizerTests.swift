import TestSupport
import Testing
import TrainingCore
import Workloads

/// A matrix of the first block, its bias, a gain, a hole of 3 elements, a matrix of the head.
private let tensors = [
  ParameterTensor(range: 0..<40, role: .matrix, layer: 1),
  ParameterTensor(range: 40..<47, role: .bias, layer: 1),
  ParameterTensor(range: 47..<50, role: .gain, layer: 1),
  ParameterTensor(range: 53..<90, role: .matrix, layer: 3),
]
private let count = 95

@Suite("Optimizers over a parameter arena")
struct OptimizerTests {
  private let groups = ParameterGroups(tensors, weightDecay: 0.2, layerDecay: 0.5, layers: 3)
  /// Ten steps of size 0.01, each rounded in fp32, and constants rounded once.
  private let rounding = 1e-5

  /// Random parameters and the gradients of ten steps.
  private func problem(_ count: Int, seed: UInt64) -> (start: [Float], gradients: [[Float]]) {
    var generator = SeededGenerator(seed: seed)
    return (generator.floats(count), (0..<10).map { _ in generator.floats(count) })
  }

  @Test("groups: rates by layer, decay for matrices alone, neighbours joined")
  func layout() {
    #expect(groups.tensors.map(\.learningRateFactor) == [0.25, 0.25, 0.25, 1])
    #expect(groups.tensors.map(\.weightDecay) == [0.2, 0, 0, 0.2])
    #expect(groups.stretches.map(\.range) == [0..<40, 40..<50, 53..<90])
    #expect(groups.count == 87 && groups.end == 90)
    #expect(ParameterRole.allCases.filter(\.decays) == [.matrix])
    let alike = ParameterGroups(
      [
        ParameterTensor(range: 4..<9, role: .matrix, layer: 2),
        ParameterTensor(range: 0..<4, role: .matrix, layer: 7),
      ], weightDecay: 0.1)
    #expect(alike.stretches == [ParameterGroup(range: 0..<9, weightDecay: 0.1)])
    #expect(alike.tensors.count == 2)
  }

  @Test("overlapping groups stop the program")
  func overlap() async {
    await #expect(processExitsWith: .failure) {
      _ = ParameterGroups([
        ParameterGroup(range: 0..<4, weightDecay: 0), ParameterGroup(range: 3..<5, weightDecay: 0),
      ])
    }
  }

  @Test("AdamW over groups follows its paper for ten steps, each group its own")
  func adamW() {
    let (start, gradients) = problem(count, seed: 101)
    for traced in TracedCore.both {
      let parameters = Floats(start)
      let moments = (FloatBuffer(count: count).all, FloatBuffer(count: count).all)
      for (index, gradient) in gradients.enumerated() {
        traced.core.adamW(
          parameters, moment1: moments.0, moment2: moments.1, gradient: Floats(gradient),
          step: AdamWStep(number: index + 1, learningRate: 0.01), groups: groups)
        traced.expect(.optimizer, reads: 4 * 87, writes: 3 * 87)
      }
      for group in groups.tensors {
        var reference = ReferenceOptimizer(start[group.range].map(Double.init))
        for gradient in gradients {
          reference.adamW(
            gradient: gradient[group.range].map(Double.init),
            rate: 0.01 * Double(group.learningRateFactor), decay: Double(group.weightDecay))
        }
        let part = { (all: Floats) in all.part(group.range.lowerBound, group.range.count) }
        #expect(worstError(part(parameters), reference.parameters) < rounding)
        #expect(worstError(part(moments.0), reference.moment1) < rounding)
        #expect(worstError(part(moments.1), reference.moment2) < rounding)
      }
      for hole in [50, 51, 52, 90, 94] { #expect(parameters[hole] == start[hole]) }
    }
  }

  @Test("one group over all is the plain AdamW step, bit for bit, for any number of workers")
  func oneGroup() {
    let many = 50_001
    let (start, gradients) = problem(many, seed: 102)
    let step = AdamWStep(number: 3, learningRate: 0.01)
    let all = ParameterGroups([ParameterGroup(range: 0..<many, weightDecay: step.weightDecay)])
    func run(_ core: ComputeCore, _ groups: ParameterGroups?) -> [Floats] {
      let state = [Floats(start), Floats(gradients[1]), Floats(gradients[2].map(abs))]
      if let groups {
        core.adamW(
          state[0], moment1: state[1], moment2: state[2], gradient: Floats(gradients[0]),
          step: step, groups: groups)
      } else {
        core.adamW(
          state[0], moment1: state[1], moment2: state[2], gradient: Floats(gradients[0]),
          step: step)
      }
      return state
    }
    let grouped = sameForAllWorkers("groups") { run($0, all) }
    #expect(grouped == run(cores[0], nil).map(\.values))
  }

  @Test(
    "LAMB follows its paper for ten steps, each tensor with its trust ratio",
    arguments: [nil, 0.5...2 as ClosedRange<Float>], [true, false])
  func lamb(bounds: ClosedRange<Float>?, adaptsWithoutDecay: Bool) {
    let (start, gradients) = problem(count, seed: 103)
    for traced in TracedCore.both {
      let parameters = Floats(start)
      let moments = (FloatBuffer(count: count).all, FloatBuffer(count: count).all)
      for (index, gradient) in gradients.enumerated() {
        traced.core.lamb(
          parameters, moment1: moments.0, moment2: moments.1, gradient: Floats(gradient),
          step: LAMBStep(
            number: index + 1, learningRate: 0.01, ratioBounds: bounds,
            adaptsWithoutDecay: adaptsWithoutDecay), groups: groups)
        // Moments and norms read 4 and write 2, the update reads 3 and writes 1.
        traced.expect(.optimizer, reads: 7 * 87, writes: 3 * 87)
      }
      for group in groups.tensors {
        var reference = ReferenceOptimizer(start[group.range].map(Double.init))
        for gradient in gradients {
          reference.lamb(
            gradient: gradient[group.range].map(Double.init),
            rate: 0.01 * Double(group.learningRateFactor), decay: Double(group.weightDecay),
            bounds: bounds.map { Double($0.lowerBound)...Double($0.upperBound) },
            adaptive: adaptsWithoutDecay || group.weightDecay > 0)
        }
        let part = { (all: Floats) in all.part(group.range.lowerBound, group.range.count) }
        #expect(worstError(part(parameters), reference.parameters) < rounding)
        #expect(worstError(part(moments.1), reference.moment2) < rounding)
      }
      for hole in [50, 51, 52, 90, 94] { #expect(parameters[hole] == start[hole]) }
    }
  }

  @Test("LAMB moves parameters of zeros by a plain step, and large tensors alike on all workers")
  func lambEdges() {
    let zeros = FloatBuffer(count: 4).all
    let moments = (FloatBuffer(count: 4).all, FloatBuffer(count: 4).all)
    let all = ParameterGroups([ParameterGroup(range: 0..<4, weightDecay: 0)])
    cores[0].lamb(
      zeros, moment1: moments.0, moment2: moments.1, gradient: Floats([1, -2, 3, 0]),
      step: LAMBStep(number: 1, learningRate: 0.5), groups: all)
    // Adam's first step is the sign of the gradient.
    #expect(worstError(zeros, [-0.5, 0.5, -0.5, 0]) < 1e-5)

    let many = 70_000
    let (start, gradients) = problem(many, seed: 104)
    let two = ParameterGroups([
      ParameterGroup(range: 0..<40_001, weightDecay: 0.1),
      ParameterGroup(range: 40_001..<many, weightDecay: 0),
    ])
    let results = sameForAllWorkers("LAMB") { core in
      let state = [Floats(start), FloatBuffer(count: many).all, FloatBuffer(count: many).all]
      core.lamb(
        state[0], moment1: state[1], moment2: state[2], gradient: Floats(gradients[0]),
        step: LAMBStep(number: 1, learningRate: 0.01), groups: two)
      return state
    }
    var reference = ReferenceOptimizer(start.prefix(40_001).map(Double.init))
    reference.lamb(
      gradient: gradients[0].prefix(40_001).map(Double.init), rate: 0.01, decay: Double(Float(0.1)))
    #expect(worstError(Floats(Array(results[0].prefix(40_001))), reference.parameters) < 1e-6)
  }

  @Test("the global norm is exact to six digits and the same for any number of workers")
  func norm() {
    var generator = SeededGenerator(seed: 105)
    let gradient = Floats.random(100_003, using: &generator)
    let wanted = gradient.doubles.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let norms = [1, 2, 3].map { count in
      ComputeCore(backend: OpenBLASBackend(), workers: Workers(count: count))
        .gradientNorm(gradient)
    }
    #expect(Set(norms).count == 1)
    // Sums in double precision.
    #expect(abs(norms[0] / wanted - 1) < 1e-12)
  }

  @Test("clipping scales down to the largest norm and leaves smaller gradients as they are")
  func clipping() {
    for traced in TracedCore.both {
      let norm = traced.core.gradientNorm(Floats([3, 0, -4]))
      traced.expect(.optimizer, reads: 3, writes: 0)
      #expect(norm == 5)
      #expect(ComputeCore.clipFactor(norm: norm, maxNorm: 6) == 1)
      #expect(abs(ComputeCore.clipFactor(norm: norm, maxNorm: 1) - 0.2) < 1e-6)
    }
  }

  @Test("an update with a factor has the bits of one whose gradients were multiplied before")
  func clippedUpdates() {
    let count = 1003
    let (start, gradients) = problem(count, seed: 106)
    let groups = ParameterGroups([ParameterGroup(range: 0..<count, weightDecay: 0.2)])
    let factor: Float = 0.37
    func run(isLAMB: Bool, _ gradient: [Float], _ factor: Float) -> [[Float]] {
      let state = [Floats(start), Floats(gradients[1]), Floats(gradients[2].map(abs))]
      if isLAMB {
        var step = LAMBStep(number: 3, learningRate: 0.01)
        step.gradientFactor = factor
        cores[0].lamb(
          state[0], moment1: state[1], moment2: state[2], gradient: Floats(gradient), step: step,
          groups: groups)
      } else {
        var step = AdamWStep(number: 3, learningRate: 0.01)
        step.gradientFactor = factor
        cores[0].adamW(
          state[0], moment1: state[1], moment2: state[2], gradient: Floats(gradient), step: step,
          groups: groups)
      }
      return state.map(\.values)
    }
    for isLAMB in [false, true] {
      let clipped = run(isLAMB: isLAMB, gradients[0], factor)
      #expect(clipped == run(isLAMB: isLAMB, gradients[0].map { $0 * factor }, 1))
      #expect(clipped != run(isLAMB: isLAMB, gradients[0], 1))
    }
  }
}
