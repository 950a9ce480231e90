import Measurement
import Quantities
import Reporting
import Training

/// What a run was like, as `foretrain train` answers.
struct TrainResult {
  /// Steps of this invocation.
  var steps: [StepSummary] = []
  /// Pairs of one step.
  var batch = 0
  /// Whether all kernels that were looked at are those of the program.
  var kernelsMatch = true
  /// Bytes that the allocator counted at the fullest instant.
  var countedPeak = 0
  /// What the memory model said before.
  var predictedPeak = 0
  /// What the process took beside the arena before the steps that count: libraries, batches made ahead;
  /// nil where the system does not say.
  var processBytes: Int?
  /// The process's resident peak over the steps; nil where the system does not say.
  var residentPeak: Int?
  /// The matrix library.
  var gemm = ""
  /// Where the time went, where it was asked for.
  var profile: StepProfile?
  /// Accuracy by lambda, where it was asked for.
  var sweep: TradeOffCurve?

  /// Seconds, loss and FLOP of one step (see `StepProgram.modelFlops`).
  struct StepSummary {
    var seconds: Double
    var loss: Double
    var flops: Double
  }

  /// The first steps map memory and fill caches.
  static let warmup = 2

  /// The steps after warm-up; all where there are no others.
  private var timed: ArraySlice<StepSummary> {
    steps.count > Self.warmup ? steps.dropFirst(Self.warmup) : steps[...]
  }

  /// Their seconds, in growing order.
  private var seconds: [Double] { timed.map(\.seconds).sorted() }

  /// FLOP per second, the median over steps: plain ones and those of a method do other work.
  private var flopsPerSecond: Double? {
    let rates = timed.map { $0.flops / $0.seconds }.sorted()
    return rates.isEmpty ? nil : SampleStatistics.quantile(0.5, ofSorted: rates)
  }

  /// A quantile of the step time; nil where no step has run.
  func quantile(_ share: Double) -> Double? {
    seconds.isEmpty ? nil : SampleStatistics.quantile(share, ofSorted: seconds)
  }

  /// The prediction of the resident peak: the arena's, and the process around it.
  private var predictedResident: Int? { processBytes.map { predictedPeak + $0 } }

  private func rate(of count: Double) -> Double? { quantile(0.5).map { count / $0 } }
}

extension TrainResult: Answer {
  /// The object of `--format json`.
  var value: JSONValue {
    var members: [JSONValue.Member] = figures
    if let profile { members.append(.init("profile", profile.json)) }
    if let sweep { members.append(.init("sweep", sweep.json)) }
    return .object(members)
  }

  private var figures: [JSONValue.Member] {
    let value: JSONValue = [
      "steps": .integer(steps.count),
      "step_seconds": [
        "median": .optional(quantile(0.5)), "p10": .optional(quantile(0.1)),
        "p90": .optional(quantile(0.9)),
      ],
      "samples_per_second": .optional(rate(of: Double(batch))),
      "loss": [
        "first": .optional(steps.first?.loss), "last": .optional(steps.last?.loss),
      ],
      "flops_per_second": .optional(flopsPerSecond),
      "kernels_match": .bool(kernelsMatch),
      "memory": [
        "counted_peak_bytes": .integer(countedPeak),
        "predicted_peak_bytes": .integer(predictedPeak),
        "resident_peak_bytes": .optional(residentPeak),
        "predicted_resident_bytes": .optional(predictedResident),
      ],
      "gemm": .string(gemm),
    ]
    guard case .object(let members) = value else { return [] }
    return members
  }

  func json(provenance: Provenance) -> String { value.text }

  func text(style: Style) -> String {
    var text = table.text(style: style)
    if let profile { text += "\n" + profile.table.text(style: style) + profile.sentence + "\n" }
    if let sweep { text += "\n" + sweep.table.text(style: style) }
    return text
  }

  var markdown: String {
    ([table] + [profile?.table, sweep?.table].compactMap(\.self)).map(\.markdown)
      .joined(separator: "\n")
  }

  var csv: String { table.csv }

  private var table: Table {
    func time(_ share: Double) -> String { quantile(share).map { "\(Seconds($0))" } ?? "unknown" }
    func number(_ value: Double?, _ text: (Double) -> String) -> Table.Cell {
      value.map { .number($0, text($0)) } ?? .unknown
    }
    func bytes(_ value: Int?) -> Table.Cell {
      number(value.map(Double.init)) { "\(Bytes($0))" }
    }
    return Table(
      columns: [.init("figure", "Figure"), .init("value", "Value")],
      rows: [
        [.words("steps"), .integer(steps.count)],
        [.words("step, median"), number(quantile(0.5)) { "\(Seconds($0))" }],
        [.words("step, 10 % to 90 %"), .words("\(time(0.1)) to \(time(0.9))")],
        [
          .words("samples per second"),
          number(rate(of: Double(batch))) { Format.significant($0, digits: 4) },
        ],
        [.words("loss, first step"), number(steps.first?.loss) { "\($0)" }],
        [.words("loss, last step"), number(steps.last?.loss) { "\($0)" }],
        [.words("model FLOP per second"), number(flopsPerSecond) { "\(FlopsPerSecond($0))" }],
        [
          .words("kernels"),
          .words(kernelsMatch ? "those of the program, one by one" : "not those of the program"),
        ],
        [.words("memory peak, counted"), bytes(countedPeak)],
        [.words("memory peak, predicted"), bytes(predictedPeak)],
        [.words("memory peak, resident"), bytes(residentPeak)],
        [.words("memory peak, resident, predicted"), bytes(predictedResident)],
        [.words("matrix library"), .words(gemm)],
      ])
  }
}

/// A scenario that this machine has no room for.
struct TooLarge: Answer {
  /// Why, for people.
  var reason: String
  var predictedPeak: Bytes
  var available: Bytes
  var predictedStep: Seconds?

  func text(style: Style) -> String { "" }
  var markdown: String { "" }
  var csv: String { "" }

  func json(provenance: Provenance) -> String {
    let value: JSONValue = [
      "reason": .string(reason),
      "memory": [
        "predicted_peak_bytes": .number(predictedPeak.value),
        "available_bytes": .number(available.value),
      ],
      "predicted_step_seconds": .optional(predictedStep?.value),
    ]
    return value.text
  }
}
