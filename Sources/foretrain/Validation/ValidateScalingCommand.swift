import ArgumentParser
import Measurement
import Quantities
import Reporting
import Validation

/// `foretrain validate scaling`.
struct ValidateScalingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scaling",
    abstract: "Let one size grow at a time, and foretell the largest run from the smaller ones.",
    discussion: """
      Axes: width, depth, batch, attack-steps, threads. The largest run is foretold twice: from \
      kernels alone, and from the measured times of runs at most half as large.

        foretrain validate scaling
        foretrain validate scaling --axis width --axis batch --format json
      """)

  @Option(parsing: .singleValue, help: "Only this axis; may be repeated.")
  var axis: [AxisName] = []
  @Option(help: "Timed steps of a run.")
  var steps = 6
  @OptionGroup var folders: DataOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if steps < 3 { throw ValidationError("--steps: a median needs at least 3") }
  }

  func run() throws {
    let wanted = axis.isEmpty ? ScalingAxis.Kind.allCases : axis.map(\.kind)
    let axes = ScalingAxis.all(cores: MachineFingerprint.current().cores)
      .filter { wanted.contains($0.kind) }
    var session = try ValidationSession(data: folders, output: output, fresh: false)
    try session.exclude(axes.flatMap { $0.sizes.map(\.run) })
    var results: [ScalingAnswer.Axis] = []
    for axis in axes {
      var entries: [ValidationEntry] = []
      for size in axis.sizes {
        guard let threads = size.threads, threads != MachineFingerprint.current().cores else {
          entries += try session.validate([size.run], steps: steps)
          continue
        }
        // Other threads, other laws.
        var other = try ValidationSession(
          data: folders, output: output, fresh: false, threads: threads)
        try other.exclude([size.run])
        entries += try other.validate([size.run], steps: steps)
      }
      let fit = ScalingFit(
        powers: axis.powers, sizes: axis.sizes.map(\.value), measured: entries.map(\.seconds),
        predicted: entries.map(\.prediction.seconds))
      results.append(ScalingAnswer.Axis(kind: axis.kind, fit: fit, entries: entries))
    }
    try output.write(ScalingAnswer(axes: results), provenance: session.provenance)
  }
}

/// An axis on the command line.
struct AxisName: ExpressibleByArgument {
  var kind: ScalingAxis.Kind

  init?(argument: String) {
    guard let kind = ScalingAxis.Kind(rawValue: argument) else { return nil }
    self.kind = kind
  }

  static var allValueStrings: [String] { ScalingAxis.Kind.allCases.map(\.rawValue) }
}

/// What `foretrain validate scaling` says.
struct ScalingAnswer: Answer {
  /// One axis.
  struct Axis {
    var kind: ScalingAxis.Kind
    var fit: ScalingFit
    var entries: [ValidationEntry]
  }

  let axes: [Axis]

  func text(style: Style) -> String { sizes.text(style: style) + "\n\n" + laws.text(style: style) }
  var markdown: String { sizes.markdown + "\n" + laws.markdown }
  var csv: String { sizes.csv }

  func json(provenance: Provenance) -> String {
    JSONValue.object([
      .init("schema_version", .string(Schema.version)), .init("sizes", sizes.json),
      .init("axes", laws.json), .init("provenance", provenance.json),
    ]).text
  }

  private var sizes: Table {
    Table(
      columns: [
        .init("axis", "axis"), .init("size", "size", .right),
        .init("predicted_s", "predicted", .right), .init("measured_s", "measured", .right),
        .init("time_error", "error", .right),
      ],
      rows: axes.flatMap { axis in
        axis.entries.enumerated().map { place, entry in
          [
            .words(axis.kind.rawValue), .integer(Int(axis.fit.sizes[place])),
            .number(entry.prediction.seconds, "\(Seconds(entry.prediction.seconds))"),
            .number(entry.seconds, "\(Seconds(entry.seconds))"),
            .number(entry.timeError, RunsAnswer.percent(entry.timeError)),
          ]
        }
      })
  }

  private var laws: Table {
    func number(_ value: Double?, _ text: (Double) -> String) -> Table.Cell {
      value.map { .number($0, text($0)) } ?? .unknown
    }
    return Table(
      columns: [
        .init("axis", "axis"), .init("exponent", "exponent", .right),
        .init("analytic_exponent", "analytic", .right),
        .init("largest_s", "largest, measured", .right),
        .init("foretold_s", "from runs half as large", .right),
        .init("foretold_error", "error", .right),
        .init("predicted_error", "from kernels alone", .right),
      ],
      rows: axes.map { axis in
        [
          .words(axis.kind.rawValue),
          number(axis.fit.exponent) { Format.fixed($0, digits: 2) },
          number(axis.fit.analyticExponent) { Format.fixed($0, digits: 2) },
          number(axis.fit.measured.last) { "\(Seconds($0))" },
          number(axis.fit.foretold) { "\(Seconds($0))" },
          number(axis.fit.foretoldError) { RunsAnswer.percent($0) },
          number(axis.entries.last?.timeError) { RunsAnswer.percent($0) },
        ]
      })
  }
}
