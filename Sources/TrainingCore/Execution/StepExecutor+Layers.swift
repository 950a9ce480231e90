import Workloads

/// LSA: comparison measures of layers, the regulariser's gradients.
extension StepExecutor {
  /// The pass whose layers are compared.
  func comparedPass(_ branch: Pass.Branch) -> Int? {
    let image = program.towers.first { $0.name == "image" }
    // A teacher's features are the bridge's, where there is one.
    let isBridge =
      image?.trainable == false || program.passes.contains { $0.role == .distillation }
    return pass(isBridge && featureRole == .bridge ? .bridge : .image, branch)
  }

  /// The attacked samples of a micro-batch.
  private var attackedSamples: Int {
    comparedPass(.attacked).map { program.passes[$0].samples } ?? 0
  }

  /// A layer's output of the attacked samples.
  private func attackedOutput(_ layer: Int) -> Floats {
    guard let pass = comparedPass(.attacked),
      let region = state.retained[pass]?[layer] ?? state.layerOutputs[pass]?[layer]
    else { preconditionFailure("layer \(layer) has no attacked output") }
    return arena.floats(region)
  }

  /// The clean output of the same samples: a copy where its branch has gone, else its own.
  private func cleanOutput(_ layer: Int, count: Int) -> Floats {
    if let tap = state.buffers[.tap(layer: layer)] { return arena.floats(tap) }
    guard let pass = comparedPass(.clean), let region = state.layerOutputs[pass]?[layer] else {
      preconditionFailure("layer \(layer) has no clean output")
    }
    return arena.floats(region).part(0, count)
  }

  func layerMeasure(_ layer: Int) {
    let attacked = attackedOutput(layer)
    let samples = attackedSamples
    let sums = (
      distances: Floats([Float](repeating: 0, count: samples)),
      norms: Floats([Float](repeating: 0, count: samples))
    )
    core.comparisonNorms(
      cleanOutput(layer, count: attacked.count), attacked, samples: samples,
      elements: attacked.count / samples, into: sums.distances, squaredNorms: sums.norms)
    state.measures[layer] = sums
    let measures = Self.measures(sums.distances, sums.norms)
    result.comparison[layer, default: 0] +=
      measures.reduce(0) { $0 + Double($1) } / Double(samples * program.accumulation)
    accountRegulariser(measures, layer: layer)
  }

  /// Relative distances below this are rounding: the same image in batches of two sizes goes through
  /// products of two sizes, whose sums differ in their last bits (fp32: 6e-8 each, a few of them).
  static let resolution: Float = 2e-6

  /// `CM = sqrt(d / n)`; 0 where a layer's output is 0 or differs by rounding alone.
  static func measures(_ distances: Floats, _ norms: Floats) -> [Float] {
    (0..<distances.count).map {
      let measure = norms[$0] > 0 ? (distances[$0] / norms[$0]).squareRoot() : 0
      return measure > resolution ? measure : 0
    }
  }

  func layerGradient(_ layer: Int, isDetached: Bool) {
    guard let pass = comparedPass(.attacked), let gradient = state.gradients[pass] else {
      preconditionFailure("no gradient of the attacked layer \(layer)")
    }
    if arena.isReal, let sums = state.measures[layer] {
      let attacked = attackedOutput(layer)
      let weights = zip(
        regulariserWeights(samples: attackedSamples, layer: layer),
        Self.measures(sums.distances, sums.norms)
      ).map { $1 > 0 ? $0 : 0 }
      core.comparisonBackward(
        Floats(weights),
        clean: cleanOutput(layer, count: attacked.count), attacked: attacked,
        squaredDistances: sums.distances, squaredNorms: sums.norms, samples: attackedSamples,
        elements: attacked.count / attackedSamples, into: arena.floats(gradient.region),
        cleanGradient: isDetached ? nil : floats(.tapGradient(layer: layer)))
    }
    if let region = state.retained[pass]?.removeValue(forKey: layer) { arena.release(region) }
  }

  func tapGradient(_ layer: Int, starts: Bool) {
    guard let pass = comparedPass(.clean), let tap = state.buffers[.tapGradient(layer: layer)]
    else { preconditionFailure("no gradient of the clean layer \(layer)") }
    if starts {
      let region = arena.allocate(tap.count)
      if arena.isReal { core.copy(arena.floats(tap), into: arena.floats(region)) }
      state.gradients[pass] = StepState.Value(region: region, isOwned: true)
      return
    }
    guard arena.isReal, let gradient = state.gradients[pass] else { return }
    let part = arena.floats(gradient.region).part(0, tap.count)
    core.add(part, arena.floats(tap), into: part)
  }

  /// Copies what a clean block has made, before its branch is freed.
  func tap(_ layer: Int) {
    let copy = floats(.tap(layer: layer))
    guard let pass = comparedPass(.clean), let region = state.layerOutputs[pass]?[layer] else {
      preconditionFailure("no clean output of layer \(layer)")
    }
    core.copy(arena.floats(region).part(0, copy.count), into: copy)
  }

  /// Compares all layers behind the attacked site of both live branches.
  func layerComparison(_ layers: Int) {
    let end = 1 + (comparedPass(.attacked).flatMap { state.lastLayers[$0] } ?? layers - 1)
    for layer in end - layers..<end {
      let attacked = attackedOutput(layer)
      compare(
        layer, cleanOutput(layer, count: attacked.count), attacked, samples: attackedSamples)
    }
  }

  /// Compares the halves of the layer that a comparison has reached; behind the last layer nobody
  /// wants its output.
  func compareHalves() {
    guard let pass = comparedPass(.comparison), let stream = state.streams[pass],
      let layer = state.layerOutputs[pass]?.first(where: { $0.value == stream.region })?.key
    else { preconditionFailure("no layer to compare") }
    if arena.isReal {
      // Clean samples make up the first half.
      let both = arena.floats(stream.region)
      let half = both.count / 2
      compare(
        layer, both.part(0, half), both.part(half, half),
        samples: program.passes[pass].samples / 2)
    }
    state.layerOutputs[pass]?[layer] = nil
    if layer == state.lastLayers[pass] {
      state.streams[pass] = nil
      if stream.isOwned { arena.release(stream.region) }
    }
  }

  private func compare(_ layer: Int, _ clean: Floats, _ attacked: Floats, samples: Int) {
    let zeros = [Float](repeating: 0, count: samples)
    let (distances, norms) = (Floats(zeros), Floats(zeros))
    core.comparisonNorms(
      clean, attacked, samples: samples, elements: attacked.count / samples, into: distances,
      squaredNorms: norms)
    result.layers[layer, default: []] += Self.measures(distances, norms)
  }
}
