/// What one run of a study came to: clean and attacked accuracy for every lambda it was told.
public struct TradeOffCurve: Sendable, Hashable, Codable {
  /// The run's name.
  public var name: String
  /// The seed of weights, data, lambdas and attacks.
  public var seed: UInt64
  /// Points in the order of lambda.
  public var points: [SweepPoint]

  /// A curve.
  public init(name: String, seed: UInt64, points: [SweepPoint]) {
    self.name = name
    self.seed = seed
    self.points = points
  }
}

/// Points of one run and lambda over several seeds.
public struct TradeOffSummary: Sendable, Hashable {
  /// Mean and extremes of an accuracy.
  public struct Spread: Sendable, Hashable {
    /// The mean over seeds.
    public var mean: Double
    /// The lowest value.
    public var low: Double
    /// The highest value.
    public var high: Double

    init(_ values: [Double]) {
      mean = values.reduce(0, +) / Double(max(1, values.count))
      low = values.min() ?? .nan
      high = values.max() ?? .nan
    }
  }

  /// The run's name.
  public var name: String
  /// What the model was told, or trained with.
  public var lambda: Float
  /// Share of clean images whose class is found.
  public var clean: Spread
  /// The same under attack.
  public var attacked: Spread
  /// Seeds behind it.
  public var seeds: Int

  /// Summaries of all runs and values of lambda, in the order in which they first appear.
  public static func of(_ curves: [TradeOffCurve]) -> [TradeOffSummary] {
    var order: [String] = []
    for curve in curves where !order.contains(curve.name) { order.append(curve.name) }
    return order.flatMap { name -> [TradeOffSummary] in
      let points = curves.filter { $0.name == name }.flatMap(\.points)
      return Set(points.map(\.lambda)).sorted().map { lambda in
        let own = points.filter { $0.lambda == lambda }
        return TradeOffSummary(
          name: name, lambda: lambda, clean: Spread(own.map(\.clean)),
          attacked: Spread(own.map(\.attacked)), seeds: own.count)
      }
    }
  }
}
