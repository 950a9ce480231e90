import TestSupport
import TrainingCore
import Workloads

/// Values for a segment, the gradients that central differences give, and the core's against them.
struct SegmentComparison {
  let test: SegmentCase
  let choices: DoubleChoices
  let inputs: [[Double]]
  let parameters: [String: [Double]]
  /// Random weights of every output's elements.
  let weights: [[Double]]
  let outputs: [[Double]]
  /// Slopes of `sum(weights outputs)` for every input and every parameter.
  let inputSlopes: [[Double]]
  let parameterSlopes: [String: [Double]]
  /// Parameters that are not frozen.
  let trained: Set<String>

  init(_ test: SegmentCase, seed: UInt64 = 3) {
    var random = SeededGenerator(seed: seed)
    func values(_ count: Int, around center: Double = 0) -> [Double] {
      random.floats(count, in: -0.9...0.9).map { Double($0) + center }
    }
    let segment = DoubleSegment(test.spec, test.shape)
    self.test = test
    trained = segment.trained
    choices = test.choices(&random)
    inputs = segment.inputs.map { values($0) }
    parameters = segment.parameters.sorted { $0.key < $1.key }.reduce(into: [:]) {
      // Gains about 1.5 keep every normalisation's output away from 0.
      let isScale = $1.key.hasSuffix(".affine") || $1.key.hasSuffix("layer scale")
      $0[$1.key] = values($1.value, around: isScale ? 1.5 : 0)
    }
    let (choices, inputs, parameters) = (choices, inputs, parameters)
    let outputs = segment(inputs, parameters: parameters, choices: choices)
    let weights = outputs.map { values($0.count) }
    func objective(_ inputs: [[Double]], _ parameters: [String: [Double]]) -> Double {
      zip(segment(inputs, parameters: parameters, choices: choices), weights).reduce(0) {
        $0 + zip($1.0, $1.1).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    self.outputs = outputs
    self.weights = weights
    inputSlopes = inputs.indices.map { position in
      CentralDifference.gradient(at: inputs[position]) { moved in
        var all = inputs
        all[position] = moved
        return objective(all, parameters)
      }
    }
    parameterSlopes = parameters.reduce(into: [:]) { slopes, parameter in
      slopes[parameter.key] = CentralDifference.gradient(at: parameter.value) { moved in
        var all = parameters
        all[parameter.key] = moved
        return objective(inputs, all)
      }
    }
  }

  /// What the core finds.
  func run(
    _ attention: AttentionKernel, need: GradientNeed, keep: Keep, core: ComputeCore
  ) throws -> SegmentRun.Gradients {
    let run = try SegmentRun(
      StepProgram.Segment(spec: test.spec, shape: test.shape, style: .core(attention), tower: 0),
      need: need, keep: keep, core: core)
    func floats(_ values: [Double]) -> [Float] { values.map { Float($0) } }
    return run(
      inputs: inputs.map(floats), parameters: parameters.mapValues(floats),
      outputGradients: weights.map(floats), data: PassData(choices))
  }

  /// The largest difference of any gradient, relative to its tensor's largest entry, with the
  /// tensor's name; what is missing or too much is infinitely wrong.
  ///
  /// A tensor whose gradient is zero in exact arithmetic, such as the keys' bias, is measured by a
  /// thousandth of the largest entry of all.
  func worst(_ found: SegmentRun.Gradients, need: GradientNeed) -> (tensor: String, error: Double) {
    let slopes = inputSlopes + Array(parameterSlopes.values)
    let floor = 1e-3 * (slopes.flatMap { $0 }.map(abs).max() ?? 1)
    var worst = (tensor: "", error: 0.0)
    func compare(_ name: String, _ values: [Float]?, _ slopes: [Double]?) {
      let error: Double
      if let values, let slopes, values.count == slopes.count {
        let scale = max(slopes.map(abs).max() ?? 0, floor)
        error = zip(values, slopes).map { abs(Double($0) - $1) / scale }
          .reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
      } else {
        error = (values == nil) == (slopes == nil) ? 0 : .infinity
      }
      if error > worst.error { worst = (name, error) }
    }
    for (position, slopes) in inputSlopes.enumerated() {
      let isWanted = (position == 0 ? need.input : need.cross) && !test.fixed.contains(position)
      compare("input \(position)", found.inputs[position], isWanted ? slopes : nil)
    }
    for (name, slopes) in parameterSlopes {
      compare(
        name, found.parameters[name], need.weights && trained.contains(name) ? slopes : nil)
    }
    return worst
  }

  /// The largest difference of any output, relative to the output's largest entry.
  func worstOutput(_ found: [[Float]]) -> Double {
    zip(found, outputs).flatMap { found, expected -> [Double] in
      let scale = max(1, expected.map(abs).max() ?? 1)
      return zip(found, expected).map { abs(Double($0) - $1) / scale }
    }.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
  }
}
