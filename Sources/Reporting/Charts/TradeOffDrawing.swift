/// Clean against attacked accuracy of one kind of run.
public struct TradeOffSeries: Sendable {
  /// Accuracies for one value of lambda, in percent, with their range over seeds.
  public struct Point: Sendable {
    /// What stands beside it, for example `lambda 0.4`.
    public var label: String
    /// Clean accuracy.
    public var x: Double
    /// Its lowest and highest value.
    public var xRange: ClosedRange<Double>
    /// Attacked accuracy.
    public var y: Double
    /// Its lowest and highest value.
    public var yRange: ClosedRange<Double>

    /// A point.
    public init(
      label: String, x: Double, xRange: ClosedRange<Double>, y: Double, yRange: ClosedRange<Double>
    ) {
      self.label = label
      self.x = x
      self.xRange = xRange
      self.y = y
      self.yRange = yRange
    }
  }

  /// For the legend.
  public var name: String
  /// Whether one model has all points: they are joined.
  public var isJoined: Bool
  /// In the order of lambda.
  public var points: [Point]

  /// A series.
  public init(name: String, isJoined: Bool, points: [Point]) {
    self.name = name
    self.isJoined = isJoined
    self.points = points
  }
}

/// The picture of a clean-against-robust study.
public struct TradeOffDrawing: Sendable {
  private let chart: Chart

  /// A picture of the series.
  public init(title: String, summary: String, series: [TradeOffSeries]) {
    chart = Chart(
      id: "tradeoff", title: title, summary: summary,
      body: Curves(
        horizontal: .init(title: "clean accuracy, %", key: "clean_percent"),
        vertical: .init(title: "accuracy under attack, %", key: "attacked_percent"),
        series: series))
  }

  /// A file of its own, with light and dark colours.
  public var svg: String { chart.file }
  /// What is drawn.
  public var csv: String { chart.body.data.csv }
}
