import Quantities
import Reporting
import TrainingCore

/// Where the time of a run's steps went.
struct StepProfile {
  /// One kind of work.
  struct Row {
    var kind: String
    /// Seconds of a step, on average.
    var seconds: Double
    var calls: Double
    var flops: Double
    var bytes: Double
  }

  let rows: [Row]
  /// Seconds of a step, on average, the time between kernels included.
  let stepSeconds: Double
  /// FLOP per second of all matrix products, with what is fused to them.
  let productRate: Double?
  /// FLOP per second that the matrix library alone reaches on the same products.
  let libraryRate: Double?

  /// The kinds of `profile`, dearest first; runs every product once more to time the library alone.
  init?(_ profile: KernelProfile, core: ComputeCore) {
    guard profile.steps > 0 else { return nil }
    let steps = Double(profile.steps)
    stepSeconds = profile.stepSeconds / steps
    var rows = profile.kinds.sorted { $0.key < $1.key }.map { kind, entry in
      Row(
        kind: kind, seconds: entry.seconds / steps, calls: Double(entry.calls) / steps,
        flops: entry.flops / steps, bytes: entry.bytes / steps)
    }
    rows.sort { $0.seconds > $1.seconds }
    rows.append(
      Row(
        kind: "between kernels", seconds: max(0, profile.stepSeconds - profile.accounted) / steps,
        calls: 0, flops: 0, bytes: 0))
    self.rows = rows
    let products = profile.products.sorted { "\($0.key)" < "\($1.key)" }
    let flops = products.reduce(0) { $0 + $1.value.flops }
    let seconds = products.reduce(0) { $0 + $1.value.seconds }
    productRate = seconds > 0 ? flops / seconds : nil
    let alone = core.librarySeconds(of: profile.products.mapValues(\.calls))
    libraryRate = alone > 0 ? flops / alone : nil
  }

  /// For people.
  var table: Table {
    Table(
      columns: [
        .init("kind", "Where the time goes"), .init("seconds_per_step", "Per step", .right),
        .init("share", "Share", .right), .init("calls_per_step", "Calls", .right),
        .init("rate", "Rate", .right),
      ],
      rows: rows.map { row in
        [
          .words(row.kind), .number(row.seconds, "\(Seconds(row.seconds))"),
          .number(
            row.seconds / stepSeconds,
            Format.fixed(100 * row.seconds / stepSeconds, digits: 1) + " %"),
          row.calls > 0 ? .number(row.calls, Format.significant(row.calls)) : .empty,
          rate(row),
        ]
      })
  }

  private func rate(_ row: Row) -> Table.Cell {
    guard row.seconds > 0 else { return .empty }
    if row.flops > 0 {
      return .number(row.flops / row.seconds, "\(FlopsPerSecond(row.flops / row.seconds))")
    }
    guard row.bytes > 0 else { return .empty }
    return .number(row.bytes / row.seconds, "\(BytesPerSecond(row.bytes / row.seconds))")
  }

  /// What the products reach beside the library alone.
  var sentence: String {
    guard let productRate, let libraryRate else { return "no matrix products" }
    return "products, with what is fused to them: \(FlopsPerSecond(productRate)); "
      + "the matrix library alone on the same sizes: \(FlopsPerSecond(libraryRate))"
  }

  /// The key `profile` of `--format json`.
  var json: JSONValue {
    [
      "step_seconds_mean": .number(stepSeconds),
      "kinds": .array(
        rows.map {
          [
            "kind": .string($0.kind), "seconds": .number($0.seconds), "calls": .number($0.calls),
            "flops": .number($0.flops), "bytes": .number($0.bytes),
          ]
        }),
      "product_flops_per_second": .optional(productRate),
      "library_flops_per_second": .optional(libraryRate),
    ]
  }
}
