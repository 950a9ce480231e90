import CostModel
import Quantities
import Strategies
import Workloads

extension Estimate {
  /// The calibration method against each baseline, with low, typical and high in one cell.
  func overheadTable(withMeaning: Bool) -> Table {
    let sign = Validation.isMarked(self) ? " " + Validation.sign : ""
    func cell(_ range: Range90) -> Table.Cell {
      .number(range.typical, Range3(ratio: range).text + sign)
    }
    var columns: [Table.Column] = [
      .init("baseline", "against"), .init("time_ratio", "time", .right),
      .init("memory_ratio", "memory", .right),
      .init("accelerator_hours_ratio", "accelerator-hours", .right),
      .init("significant", "more than 10 %?"),
    ]
    if withMeaning { columns.append(.init("meaning", "the baseline")) }
    return Table(
      columns: columns,
      rows: overheads.map {
        let row: [Table.Cell] = [
          .words($0.baseline), cell($0.time), cell($0.memory), cell($0.acceleratorHours),
          .words($0.significance),
        ]
        return withMeaning ? row + [.words($0.meaning)] : row
      })
  }

  /// What the sign behind overheads means; empty where none is marked.
  var overheadNote: String {
    guard Validation.isMarked(self) else { return "" }
    return "  \(Validation.sign) \(Validation.notValidated): no published attack run of this kind "
      + "on GPUs has been matched.\n"
  }

  /// The same, one row per baseline and measure, for programs.
  var overheadData: Table {
    Table(
      columns: [
        .init("method", "method"), .init("baseline", "baseline"), .init("measure", "measure"),
        .init("ratio_low", "low", .right), .init("ratio_typical", "typical", .right),
        .init("ratio_high", "high", .right), .init("validation", "validation"),
      ],
      rows: overheads.flatMap { overhead in
        overhead.measures.map { measure in
          [
            .words(workload.calibration.method.rawValue), .words(overhead.baseline),
            .words(measure.name),
            .number(measure.ratio.low, Figures.ratio(measure.ratio.low)),
            .number(measure.ratio.typical, Figures.ratio(measure.ratio.typical)),
            .number(measure.ratio.high, Figures.ratio(measure.ratio.high)),
            .words(Validation.isMarked(self) ? Validation.notValidated : ""),
          ]
        }
      })
  }
}

extension Overhead {
  /// Ratios by name.
  var measures: [(name: String, ratio: Range90)] {
    [("time", time), ("memory", memory), ("accelerator-hours", acceleratorHours)]
  }

  /// More than this share of time or memory counts as significant (decided beforehand).
  static let significantShare = 0.10

  /// Whether time or memory grow by more than 10 %, read off the whole interval.
  var significance: String {
    let limit = 1 + Self.significantShare
    func word(_ ratio: Range90, _ name: String) -> String {
      if ratio.low > limit { return "\(name) yes" }
      return ratio.high > limit ? "\(name) not settled" : "\(name) no"
    }
    return word(time, "time") + ", " + word(memory, "memory")
  }
}

/// Calibration methods side by side: the rows that the README opens with.
struct MethodsTable {
  /// Baselines first, then the method in question.
  let estimates: [Estimate]

  var table: Table {
    Table(
      columns: [
        .init("method", "method"), .init("step_s", "step", .right),
        .init("wall_h", "wall time", .right), .init("memory_peak_bytes", "memory per device"),
        .init("accelerator_hours", "accelerator-hours", .right), .init("cost_usd", "cost", .right),
        .init("carbon_kg", "emissions", .right), .init("plan", "plan"),
      ],
      rows: estimates.map(row))
  }

  private func row(_ estimate: Estimate) -> [Table.Cell] {
    let longest = Comparison(estimates).longest
    let marks = Marks(estimate)
    let memory = Range3(memory: estimate.memory.peakInterval)
    return [
      .words(estimate.workload.calibration.method.rawValue),
      .number(estimate.step.typical.value, Range3(time: estimate.step, largest: longest.step).text),
      .number(
        estimate.wall.typical.value / UnitSize.hour,
        Range3(time: estimate.wall, largest: longest.wall).text + marks.run),
      .number(
        estimate.memory.peak.value,
        "\(memory.typical) of \(Figures.gibibytes(estimate.memory.capacity)), "
          + estimate.memory.verdict.short),
      .number(
        estimate.acceleratorHours.typical.value, Range3(hours: estimate.acceleratorHours).numbers),
      estimate.cost.map { .number($0.typical.value, Range3(money: $0).text + marks.cost) }
        ?? .unknown,
      estimate.carbon.map {
        .number(
          $0.typical.value / UnitSize.kilogram, Range3(carbon: $0).typicalText + marks.carbon)
      } ?? .unknown,
      .words(Subject(estimate: estimate).plan),
    ]
  }
}

extension MemoryEstimate.Verdict {
  /// One or three words, for tables.
  var short: String { rawValue.spaced }
}

extension Range3 {
  /// Without the unit: the column names it.
  var numbers: String { "\(low) .. \(typical) .. \(high)" }
}
