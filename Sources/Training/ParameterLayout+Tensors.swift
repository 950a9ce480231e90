public import TrainingCore

extension ParameterLayout {
  /// The trained parameters as an optimizer groups them.
  ///
  /// - Returns: One tensor each with its role, and the layer behind the last block of the deepest
  ///   tower; shallower towers count from the top, so that layer decay meets heads alike.
  public var optimizerTensors: (tensors: [ParameterTensor], layers: Int) {
    var depths: [String: Int] = [:]
    for entry in entries {
      depths[entry.tower] = max(depths[entry.tower] ?? 0, (entry.layer ?? -1) + 1)
    }
    let top = (depths.values.max() ?? 0) + 1
    let tensors = entries.filter(\.isTrained).map { entry in
      let below = top - 1 - (depths[entry.tower] ?? 0)
      let layer: Int
      if let own = entry.layer {
        layer = below + own + 1
      } else {
        layer = entry.name.contains(".embedding.") ? below : top
      }
      return ParameterTensor(
        range: entry.offset..<entry.offset + entry.count, role: Self.role(of: entry), layer: layer)
    }
    return (tensors, top)
  }

  private static func role(of entry: Entry) -> ParameterRole {
    let name = entry.name
    // What conditions on lambda takes no weight decay, whatever its form.
    let isTold = name.hasSuffix("robust_class_token") || name.hasSuffix("robust_shift")
    if isTold || name.contains("_film_") { return .conditioning }
    switch entry.kind {
    case .matrix: return .matrix
    case .bias: return name == "loss.logit_bias" ? .logitScale : .bias
    case .affine(_, let sets, _): return sets > 1 ? .conditioning : .gain
    case .layerScale: return .gain
    case .logitScale: return .logitScale
    case .table:
      if name.hasSuffix("class_token") { return .classToken }
      return name.hasSuffix("positions") ? .positions : .matrix
    }
  }
}
