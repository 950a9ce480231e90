/// LSA's rule for the most vulnerable layers.
public enum VulnerableLayers {
  /// Layers whose mean comparison measure lies more than `eta` standard deviations above the mean
  /// over all layers and samples, the largest first, at most `limit`; returned in layer order.
  ///
  /// Source: Khalooei et al., arXiv 2202.02626; the limit is ours.
  ///
  /// - Parameters:
  ///   - measures: Comparison measures by layer, one per sample.
  ///   - eta: Deviations above the mean.
  ///   - limit: Layers at most.
  /// - Returns: Positions of layers, ascending.
  public static func select(_ measures: [Int: [Float]], eta: Float, limit: Int) -> [Int] {
    let all = measures.values.flatMap { $0 }.map(Double.init)
    guard !all.isEmpty, limit > 0 else { return [] }
    let mean = all.reduce(0, +) / Double(all.count)
    let variance = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(all.count)
    let threshold = Double(eta) * variance.squareRoot()
    let means = measures.map { layer, values in
      (layer, values.reduce(0) { $0 + Double($1) } / Double(max(1, values.count)))
    }
    return
      means.filter { $0.1 - mean > threshold }
      .sorted { ($0.1, -$0.0) > ($1.1, -$1.0) }
      .prefix(limit).map(\.0).sorted()
  }
}
