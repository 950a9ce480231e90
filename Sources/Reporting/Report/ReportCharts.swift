import CostModel
import Planning
import Quantities
import Strategies
import Workloads

/// The charts of a report, from its values.
struct ReportCharts {
  let report: Report

  private var estimate: Estimate { report.estimate }

  var step: Chart {
    let (size, unit) = Range3.timeUnit(estimate.step.typical)
    func segment(_ name: String, _ time: Seconds) -> StackedBars.Segment {
      let share = estimate.step.typical > .zero ? time / estimate.step.typical : 0
      return StackedBars.Segment(
        name: name.spaced, value: time.value,
        text: "\(Format.significant(time.value / size, digits: 3)) \(unit), "
          + Figures.percent(share, digits: 0))
    }
    let parts = estimate.breakdown.parts.filter { $0.time > .zero }
    let phases = estimate.phases.filter { $0.time > .zero }
    return Chart(
      id: "step-time", title: "One step of \(Range3(time: estimate.step).typicalText)",
      summary: "Typical time of a step by part: "
        + parts.map { "\($0.name.spaced) \($0.time.formatted())" }.joined(separator: ", ")
        + "; by phase: "
        + phases.map { "\($0.name.spaced) \($0.time.formatted())" }.joined(separator: ", ") + ".",
      body: StackedBars(
        bars: [
          .init(title: "by part", segments: parts.map { segment($0.name, $0.time) }),
          .init(title: "by phase", segments: phases.map { segment($0.name, $0.time) }),
        ], valueKey: "seconds"))
  }

  var memory: Chart {
    let memory = estimate.memory
    let conclusion =
      "\(Figures.gibibytes(memory.peak)) of \(Figures.gibibytes(memory.capacity)): "
      + memory.verdict.short
    return Chart(
      id: "memory", title: "Memory per device at its fullest instant",
      summary: "\(conclusion). "
        + memory.parts.filter { $0.bytes > .zero }
        .map { "\($0.name.spaced) \(Figures.gibibytes($0.bytes))" }.joined(separator: ", ") + ".",
      body: Waterfall(
        parts: memory.parts.filter { $0.bytes > .zero }
          .map { (name: $0.name.spaced, bytes: $0.bytes.value) },
        peak: memory.peak.value, peakLow: memory.peakInterval.low.value,
        peakHigh: memory.peakInterval.high.value, capacity: memory.capacity.value,
        margin: MemoryEstimate.margin, verdict: memory.verdict.rawValue, conclusion: conclusion))
  }

  var overhead: Chart {
    let sign = Validation.isMarked(estimate) ? " " + Validation.sign : ""
    let method = estimate.workload.calibration.method.rawValue
    return Chart(
      id: "overhead",
      title: "\(method) over each baseline"
        + (Validation.isMarked(estimate) ? " (\(Validation.notValidated))" : ""),
      summary: estimate.overheads.map {
        "against \($0.baseline): time \(Range3(ratio: $0.time).text), "
          + "memory \(Range3(ratio: $0.memory).text)"
      }.joined(separator: "; ") + ".",
      body: IntervalBars(
        groups: estimate.overheads.map { overhead in
          .init(
            title: "against " + overhead.baseline,
            bars: overhead.measures.map {
              .init(
                name: $0.name, low: $0.ratio.low, typical: $0.ratio.typical, high: $0.ratio.high,
                text: Range3(ratio: $0.ratio).text + sign)
            })
        }, reference: (value: 1, name: "baseline = 1"), key: ("ratio", "")))
  }

  /// Time against memory of every plan that fits; nil where none does.
  var plans: Chart? {
    guard let plan = report.plan, !plan.plans.isEmpty || !plan.points.isEmpty else { return nil }
    func mark(_ name: String, _ estimate: Estimate, _ onFront: Bool) -> Scatter.Mark {
      Scatter.Mark(
        name: name, x: estimate.step.typical.value,
        y: estimate.memory.peak.value / UnitSize.gibibyte, onFront: onFront)
    }
    // Ten names are as many as a chart can hold; the rest stand in the table.
    var marks = plan.plans.prefix(10).enumerated().map {
      mark("\($0.offset + 1)", $0.element, plan.pareto.contains($0.offset))
    }
    if let fixed = plan.fixed { marks.append(mark("fixed", fixed, false)) }
    // A few plans that are many times slower would squeeze all others into one column.
    let slowest = marks.map(\.x).max().map { 2 * $0 } ?? .infinity
    let shown = plan.points.filter { $0.step.value <= slowest }
    let hidden = plan.points.count - shown.count
    return Chart(
      id: "plans", title: "Plans that fit: step time against memory",
      summary: "\(Figures.count(plan.points.count)) plans fit; numbers are ranks, the line joins "
        + "those that no other beats in both."
        + (hidden > 0
          ? " \(Figures.count(hidden)) that take more than twice the slowest named one are left out."
          : ""),
      body: Scatter(
        horizontal: .init(title: "step, s", key: "step_s"),
        vertical: .init(title: "memory per device, GiB", key: "memory_gib"),
        cloud: shown.map { (x: $0.step.value, y: $0.peak.value / UnitSize.gibibyte) },
        marks: marks))
  }

  /// Wall times as bars, and time against money where every price is known.
  var comparison: [Chart] {
    let comparison = Comparison(report.comparison)
    let labelled = Array(zip(comparison.labels, comparison.estimates))
    let bars = labelled.map { label, estimate in
      IntervalBars.Bar(
        name: label + (estimate.memory.verdict == .doesNotFit ? " (does not fit)" : ""),
        low: estimate.wall.low.value / UnitSize.hour,
        typical: estimate.wall.typical.value / UnitSize.hour,
        high: estimate.wall.high.value / UnitSize.hour,
        text: Range3(time: estimate.wall, largest: comparison.longest.wall).text)
    }
    var charts = [
      Chart(
        id: "hardware", title: "Wall time by cluster",
        summary: bars.map { "\($0.name): \($0.text)" }.joined(separator: "; ") + ".",
        body: IntervalBars(
          groups: [.init(title: "", bars: bars)], reference: nil, key: ("wall", "_h")))
    ]
    let priced = comparison.estimates.allSatisfy { $0.cost != nil }
    let fitting = labelled.filter { $0.1.memory.verdict != .doesNotFit }
    guard fitting.count > 1 else { return charts }
    let marks = fitting.map { label, estimate in
      Scatter.Mark(
        name: label, x: estimate.wall.typical.value / UnitSize.day,
        y: priced
          ? (estimate.cost?.typical.value ?? 0) / 1000
          : estimate.memory.peak.value / UnitSize.gibibyte,
        onFront: false)
    }
    charts.append(
      Chart(
        id: "time-cost",
        title: priced ? "Time against cost" : "Time against memory: not every price is known",
        summary: marks.map(\.name).joined(separator: ", ")
          + "; the line joins those that no other beats in both.",
        body: Scatter(
          horizontal: .init(title: "wall time, days", key: "wall_days"),
          vertical: priced
            ? .init(title: "cost, 1000 USD", key: "cost_kusd")
            : .init(title: "memory per device, GiB", key: "memory_gib"), cloud: [],
          marks: Self.withFront(marks))))
    return charts
  }

  /// Marks the points that no other beats in both measures.
  private static func withFront(_ marks: [Scatter.Mark]) -> [Scatter.Mark] {
    marks.map { mark in
      var copy = mark
      copy.onFront = !marks.contains {
        $0.x <= mark.x && $0.y <= mark.y && ($0.x < mark.x || $0.y < mark.y)
      }
      return copy
    }
  }
}
