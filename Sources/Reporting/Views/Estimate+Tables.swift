import CostModel
import Quantities

/// The tables of one estimate. Each serves text, Markdown, HTML and CSV.
extension Estimate {
  /// Time, memory, money and energy: low, typical, high.
  var figuresTable: Table {
    let marks = Marks(self)
    func row(
      _ title: String, _ key: String, _ range: Range3, _ values: JSONValue, note: String = "",
      mark: String = ""
    ) -> [Table.Cell] {
      [
        Table.Cell(text: title, value: .string(key)),
        Table.Cell(text: range.low, value: values["low"] ?? .null),
        Table.Cell(
          // A column with marks keeps one place for them, so that the digits line up.
          text: range.typical + (mark.isEmpty && marks.any ? " " : mark),
          value: values["typical"] ?? .null),
        Table.Cell(text: range.high, value: values["high"] ?? .null),
        Table.Cell(text: range.unit + (note.isEmpty ? "" : ", " + note), value: .string(note)),
      ]
    }
    func unknown(_ title: String, _ key: String, _ why: String) -> [Table.Cell] {
      [
        Table.Cell(text: title, value: .string(key)), .empty, .unknown, .empty,
        .words(why),
      ]
    }
    var rows = [
      row("step", "step_seconds", Range3(time: step), .interval(step)),
      row(
        "rate per accelerator", "samples_per_second_per_accelerator",
        Range3(samplesPerSecondPerAccelerator, unit: "samples/s"),
        .interval(samplesPerSecondPerAccelerator),
        note: "MFU \(Figures.percent(modelFlopsUtilization)), "
          + "HFU \(Figures.percent(hardwareFlopsUtilization))"),
      row(
        "wall time", "wall_hours", Range3(time: wall), .interval(wall, in: UnitSize.hour),
        note: "\(Figures.rounded(steps)) steps", mark: marks.run),
      row(
        "memory per device", "memory_peak_bytes", Range3(memory: memory.peakInterval),
        .interval(memory.peakInterval),
        note: "of \(Figures.gibibytes(memory.capacity)): \(memory.verdict.words)"),
      row(
        "accelerator-hours", "accelerator_hours", Range3(hours: acceleratorHours),
        .interval(acceleratorHours),
        note: "\(Figures.rounded(billedAcceleratorHours.value)) billed as whole nodes"),
    ]
    if let cost {
      rows.append(
        row("cost", "cost_usd", Range3(money: cost), .interval(cost), mark: marks.cost))
    } else {
      rows.append(unknown("cost", "cost_usd", "no price in the profile or the scenario"))
    }
    if let energy {
      rows.append(
        row(
          "energy", "energy_kwh", Range3(energy: energy),
          .interval(energy, in: UnitSize.kilowattHour), mark: marks.energy))
    } else {
      rows.append(unknown("energy", "energy_kwh", "power draw not known"))
    }
    if let carbon {
      rows.append(
        row(
          "emissions", "carbon_kg", Range3(carbon: carbon),
          .interval(carbon, in: UnitSize.kilogram), mark: marks.carbon))
    } else {
      rows.append(unknown("emissions", "carbon_kg", "grid not known"))
    }
    return Table(
      columns: [
        .init("quantity", ""), .init("low", "low", .right), .init("typical", "typical", .right),
        .init("high", "high", .right), .init("note", "90 % range"),
      ], rows: rows)
  }

  /// Parts of the typical step, largest possible bar `barWidth` columns wide; 0 for none.
  func stepTable(barWidth: Int = 0) -> Table {
    Self.timeTable(
      breakdown.parts.filter { $0.time > .zero }, total: step.typical, key: "part",
      barWidth: barWidth)
  }

  /// Phases of the typical step.
  func phaseTable(barWidth: Int = 0) -> Table {
    Self.timeTable(
      phases.filter { $0.time > .zero }, total: step.typical, key: "phase", barWidth: barWidth)
  }

  private static func timeTable(
    _ parts: [(name: String, time: Seconds)], total: Seconds, key: String, barWidth: Int
  ) -> Table {
    let (size, unit) = Range3.timeUnit(total)
    // As many decimals in every row as give the total four digits.
    let whole = Format.fixed(total.value / size, digits: 0).count
    let digits = max(0, 4 - whole)
    var columns: [Table.Column] = [
      .init(key, key), .init("seconds", unit, .right), .init("share", "share", .right),
    ]
    if barWidth > 0 { columns.append(.init("bar", "")) }
    return Table(
      columns: columns,
      rows: parts.map {
        let share = total > .zero ? $0.time / total : 0
        var row: [Table.Cell] = [
          Table.Cell(text: $0.name.spaced, value: .string($0.name)),
          .number($0.time.value, Format.fixed($0.time.value / size, digits: digits)),
          .number(share, Figures.percent(share)),
        ]
        if barWidth > 0 { row.append(.words(TextBar.bar(share, width: barWidth))) }
        return row
      })
  }

  /// What is live at the peak instant, as a waterfall against the capacity.
  func memoryTable(barWidth: Int = 0) -> Table {
    var columns: [Table.Column] = [
      .init("part", "part"), .init("bytes", "GiB", .right),
      .init("share_of_capacity", "of capacity", .right),
    ]
    if barWidth > 0 { columns.append(.init("bar", "")) }
    let capacity = memory.capacity
    func row(_ name: String, _ bytes: Bytes, after start: Bytes) -> [Table.Cell] {
      let share = capacity > .zero ? bytes / capacity : 0
      var cells: [Table.Cell] = [
        Table.Cell(text: name.spaced, value: .string(name)),
        .number(bytes.value, Format.fixed(bytes.value / UnitSize.gibibyte, digits: 2)),
        .number(share, Figures.percent(share)),
      ]
      if barWidth > 0 {
        let scale = max(capacity, memory.peak)
        cells.append(
          .words(
            scale > .zero
              ? TextBar.step(from: start / scale, by: bytes / scale, width: barWidth) : ""))
      }
      return cells
    }
    var rows: [[Table.Cell]] = []
    var live = Bytes.zero
    for part in memory.parts where part.bytes > .zero {
      rows.append(row(part.name, part.bytes, after: live))
      live = live + part.bytes
    }
    rows.append(row("peak", memory.peak, after: .zero))
    rows.append(row("capacity", capacity, after: .zero))
    return Table(columns: columns, rows: rows)
  }

  /// Failures, checkpoints and the lines of a campaign.
  var runTable: Table {
    let mark = Marks(self).run
    var rows: [[Table.Cell]] = [
      [.words("goodput"), .number(run.goodput, Figures.percent(run.goodput) + mark)],
      [
        .words("failures expected"),
        .number(run.failures, Format.significant(run.failures, digits: 2) + mark),
      ],
    ]
    if run.checkpointBytes > .zero {
      rows.append([
        .words("checkpoint every"),
        .number(run.checkpointInterval.value, run.checkpointInterval.formatted()),
      ])
      rows.append([
        .words("checkpoint size"),
        .number(run.checkpointBytes.value, run.checkpointBytes.formatted()),
      ])
    }
    rows.append([.words("spare nodes"), .integer(run.spareNodes)])
    if run.sweep > .zero {
      rows.append([
        .words("sweep over lambda, once"), .number(run.sweep.value, run.sweep.formatted()),
      ])
    }
    for line in run.campaign {
      rows.append([
        .words("campaign: " + line.name),
        .number(line.hours.value, Figures.rounded(line.hours.value) + " accelerator-hours"),
      ])
    }
    return Table(
      columns: [.init("quantity", ""), .init("value", "", .right)], rows: rows)
  }

  /// Inputs with their origin; assumed ones carry `*`.
  var assumptionsTable: Table {
    Table(
      columns: [
        .init("key", "input"), .init("value", "value"), .init("origin", "origin"),
        .init("source", "source"),
      ],
      rows: assumptions.map {
        [
          .words($0.key),
          Table.Cell(
            text: $0.value + ($0.origin == .assumed ? " *" : ""), value: .string($0.value)),
          .words($0.origin.rawValue), .words($0.source),
        ]
      })
  }

  /// Assumed inputs over all inputs.
  var assumedCount: (assumed: Int, all: Int) {
    (assumptions.count { $0.origin == .assumed }, assumptions.count)
  }
}

extension MemoryEstimate.Verdict {
  /// The verdict as words.
  var words: String {
    switch self {
    case .fits: "fits"
    case .tight: "tight (less than 8 % free)"
    case .doesNotFit: "does not fit"
    }
  }

  var role: Style.Role {
    switch self {
    case .fits: .good
    case .tight: .warning
    case .doesNotFit: .bad
    }
  }
}

extension String {
  /// A JSON name as words: `exposed_communication` reads `exposed communication`.
  var spaced: String { String(map { $0 == "_" ? " " : $0 }) }
}

/// Bars of block characters.
enum TextBar {
  private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

  /// A bar from the left, in eighths of a column; at least a sliver for what is not 0.
  static func bar(_ share: Double, width: Int) -> String {
    guard share.isFinite, share > 0 else { return "" }
    let units = max(1, Int((min(share, 1) * Double(width) * 8).rounded()))
    return String(repeating: "█", count: units / 8) + eighths[units % 8]
  }

  /// A step of a waterfall: empty up to `start`, then filled, in whole columns.
  static func step(from start: Double, by share: Double, width: Int) -> String {
    let first = min(width - 1, Int((start * Double(width)).rounded(.down)))
    let end = Int(((start + share) * Double(width)).rounded())
    let length = max(0, min(width, end) - first)
    return String(repeating: " ", count: first)
      + (length == 0 ? "▏" : String(repeating: "█", count: length))
  }
}
