public import CostModel
public import Quantities
import Strategies
import Workloads

/// Several estimates of one workload side by side.
public struct Comparison: Sendable {
  /// The estimates in the order in which they were asked for.
  public var estimates: [Estimate]
  /// What tells the estimates apart, one per estimate: a profile, or the value that was varied.
  public var labels: [String]
  /// Prices at which the cheaper choice changes.
  public var breakEven: [BreakEven]
  /// Hardware that was asked for and has no plan.
  public var failed: [Failed]

  /// Hardware without a plan, and why.
  public struct Failed: Sendable, Hashable {
    /// The profile's id.
    public var hardware: String
    /// Accelerators.
    public var accelerators: Int
    /// The binding constraint.
    public var reason: String

    /// Hardware without a plan.
    public init(hardware: String, accelerators: Int, reason: String) {
      self.hardware = hardware
      self.accelerators = accelerators
      self.reason = reason
    }
  }

  /// The price at which one profile costs as much as another.
  public struct BreakEven: Sendable, Hashable {
    /// The profile whose price is meant.
    public var hardware: String
    /// The profile that it is compared with, at its own price.
    public var against: String
    /// The price below which `hardware` is the cheaper choice; nil where `against` has no price.
    public var price: USDollarsPerAcceleratorHour?
    /// That price over the price of `against`.
    public var ratio: Double

    /// A break-even price.
    public init(
      hardware: String, against: String, price: USDollarsPerAcceleratorHour?, ratio: Double
    ) {
      self.hardware = hardware
      self.against = against
      self.price = price
      self.ratio = ratio
    }
  }

  /// A comparison; labels default to `profile x count`.
  ///
  /// - Precondition: as many labels as estimates, where given.
  public init(
    _ estimates: [Estimate], labels: [String]? = nil, breakEven: [BreakEven] = [],
    failed: [Failed] = []
  ) {
    self.estimates = estimates
    self.failed = failed
    self.labels = labels ?? estimates.map { "\($0.accelerators) x \($0.hardware)" }
    self.breakEven = breakEven
    precondition(self.labels.count == estimates.count, "every estimate needs one label")
  }

  /// The longest typical step and run: one unit for all rows.
  var longest: (step: Seconds?, wall: Seconds?) {
    (estimates.map(\.step.typical).max(), estimates.map(\.wall.typical).max())
  }

  /// What may be best.
  enum Measure: String, CaseIterable {
    case time, cost, energy

    /// Low, typical and high; nil where unknown.
    func range(of estimate: Estimate) -> Range90? {
      switch self {
      case .time: estimate.wall.numbers
      case .cost: estimate.cost?.numbers
      case .energy: estimate.energy?.numbers
      }
    }
  }

  /// Position of the estimate with the least typical value among those that fit; nil where a value
  /// that would decide is not known.
  func best(_ measure: Measure) -> Int? {
    let fitting = estimates.indices.filter { estimates[$0].memory.verdict != .doesNotFit }
    let values = fitting.map { ($0, measure.range(of: estimates[$0])?.typical) }
    guard values.allSatisfy({ $0.1 != nil }) else { return nil }
    return values.min { ($0.1 ?? 0) < ($1.1 ?? 0) }?.0
  }

  /// Whether the best one's whole interval lies below every other that fits.
  func isSettled(_ measure: Measure) -> Bool {
    guard let best = best(measure), let winner = measure.range(of: estimates[best]) else {
      return false
    }
    return estimates.indices.allSatisfy {
      guard $0 != best, estimates[$0].memory.verdict != .doesNotFit else { return true }
      return (measure.range(of: estimates[$0])?.low ?? 0) > winner.high
    }
  }
}

extension Interval {
  /// The three values without their unit.
  var numbers: Range90 {
    Range90(low: low.value, typical: typical.value, high: high.value)
  }
}

/// A comparison as text, Markdown, CSV or JSON: what `foretrain compare` prints.
public struct CompareView: Sendable {
  private let comparison: Comparison

  /// A view of a comparison.
  public init(_ comparison: Comparison) { self.comparison = comparison }

  /// For a terminal.
  public func text(style: Style = .plain) -> String {
    var output = ""
    if let first = comparison.estimates.first {
      output += style.paint(first.scenario.singleLine, .heading) + "\n  "
      output += subject(first).singleLine + "\n\n"
    }
    output += table(withSubject: false).text(style: style) + "\n"
    for (label, estimate) in zip(comparison.labels, comparison.estimates) {
      output += "\(label.singleLine): \(choice(estimate).singleLine)\n"
    }
    output += "\n"
    return output + verdicts.map { $0.singleLine + "\n" }.joined()
  }

  /// For a pull request or a page.
  public var markdown: String {
    var output = ""
    if let first = comparison.estimates.first {
      output += "## \(Markdown.escaped(first.scenario))\n\n\(Markdown.escaped(subject(first)))\n\n"
    }
    return output + table(withSubject: true).markdown + "\n"
      + verdicts.map { "- \(Markdown.escaped($0))\n" }.joined()
  }

  /// One row per estimate.
  public var csv: String { table(withSubject: true).csv }

  /// The `compare` object of the JSON contract.
  public func json(provenance: Provenance) -> String {
    comparison.json(provenance: provenance).text
  }

  private func subject(_ estimate: Estimate) -> String {
    "\(estimate.model), global batch \(Figures.count(estimate.globalBatch)), "
      + "\(Figures.large(estimate.samplesSeen))\(Marks(estimate).samples) samples seen, "
      + "calibration \(Subject(estimate: estimate).calibration)"
  }

  /// What a label stands for.
  private func choice(_ estimate: Estimate) -> String {
    "\(estimate.acceleratorName) (\(Figures.gibibytes(estimate.memory.capacity)) each), "
      + "\(estimate.strategy.precision.rawValue), \(Subject(estimate: estimate).plan)"
  }

  /// One row per estimate; the best of each measure says so.
  func table(withSubject: Bool) -> Table {
    func best(_ measure: Comparison.Measure, _ position: Int) -> String {
      comparison.best(measure) == position ? " (best)" : ""
    }
    let longest = comparison.longest
    var columns: [Table.Column] = [
      .init("choice", "choice"), .init("step_s", "step", .right),
      .init("wall_h", "wall time", .right), .init("memory_peak_bytes", "memory"),
      .init("accelerator_hours", "accelerator-hours", .right),
      .init("cost_usd", "cost", .right), .init("energy_kwh", "energy", .right),
    ]
    if withSubject { columns.append(.init("subject", "card and plan")) }
    return Table(
      columns: columns,
      rows: zip(comparison.labels, comparison.estimates).enumerated().map { position, pair in
        let (label, estimate) = pair
        let marks = Marks(estimate)
        let row: [Table.Cell] = [
          .words(label),
          .number(
            estimate.step.typical.value, Range3(time: estimate.step, largest: longest.step).text),
          .number(
            estimate.wall.typical.value / UnitSize.hour,
            Range3(time: estimate.wall, largest: longest.wall).text + marks.run
              + best(.time, position)),
          .number(
            estimate.memory.peak.value,
            "\(Figures.gibibytes(estimate.memory.peak)), \(estimate.memory.verdict.short)"),
          .number(
            estimate.acceleratorHours.typical.value,
            Range3(hours: estimate.acceleratorHours).numbers),
          estimate.cost.map {
            .number(
              $0.typical.value, Range3(money: $0).text + marks.cost + best(.cost, position))
          } ?? .unknown,
          estimate.energy.map {
            .number(
              $0.typical.value / UnitSize.kilowattHour,
              Range3(energy: $0).text + marks.energy + best(.energy, position))
          } ?? .unknown,
        ]
        return withSubject ? row + [.words(choice(estimate))] : row
      })
  }

  /// Which choice is best, whether that is settled, and where the choice flips.
  var verdicts: [String] {
    var lines: [String] = []
    for measure in Comparison.Measure.allCases {
      guard let best = comparison.best(measure) else {
        lines.append("Best by \(measure.rawValue): unknown, not every choice has a figure.")
        continue
      }
      let settled =
        comparison.estimates.count < 2 || comparison.isSettled(measure)
        ? "" : " The ranking is not settled: the intervals overlap."
      lines.append("Best by \(measure.rawValue): \(comparison.labels[best]).\(settled)")
    }
    for point in comparison.breakEven {
      let price =
        point.price.map { Format.significant($0.value, digits: 3) + " USD/accelerator-hour" }
        ?? "unknown"
      lines.append(
        "\(point.hardware) is cheaper than \(point.against) below \(price) "
          + "(\(Figures.ratio(point.ratio)) its price).")
    }
    return lines
  }
}
