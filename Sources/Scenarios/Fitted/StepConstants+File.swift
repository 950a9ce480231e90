import Clusters
import Quantities

extension StepConstants {
  /// What `schema` must say.
  public static let schema = "foretrain/step-constants/1"
  /// The file in a data folder.
  public static let file = "fitted/step-constants.yaml"

  /// Reads a file of constants.
  ///
  /// - Throws: `FileErrors` with everything that is wrong.
  public static func read(_ file: SourceFile) throws(FileErrors) -> StepConstants {
    try Reader.read(file) { root in
      root.schema(schema, noun: "a file of step constants")
      var constants = StepConstants()
      constants.basis = root.text("basis")
      constants.series = root.list("series", of: .text)
      constants.architectures = root.list(
        "architectures", of: .enumeration(of: Architecture.self))
      constants.devices =
        root.optional("devices", .dictionary(of: Architecture.self, to: .factors)) ?? [:]
      let stacks = root.optional("stacks", .entries(of: .stack)) ?? []
      constants.stacks = Dictionary(stacks.map { ($0.key, $0.value) }) { first, _ in first }
      let spreads = root.optional("spreads", .entries(of: .spread)) ?? []
      constants.spreads = Dictionary(spreads.map { ($0.key, $0.value) }) { first, _ in first }
      let memory = root.optional("memory_spreads", .entries(of: .spread)) ?? []
      constants.memory = Dictionary(memory.map { ($0.key, $0.value) }) { first, _ in first }
      constants.memorySeries =
        root.has("memory_series") ? root.list("memory_series", of: .text) : []
      return constants
    }
  }

  /// The file's text; same constants, same bytes.
  public var text: String {
    var lines = [
      "# Written by `foretrain refit published`: do not edit. Factors on the seconds that the cost model counts,",
      "# true over predicted time (90 %) by kind of run, from leaving a run or a whole series out, and",
      "# true over predicted peak memory by reading.",
      "schema: \(Self.schema)", "basis: \"\(basis)\"",
      "series: [\(series.joined(separator: ", "))]",
      "architectures: [\(architectures.map(\.rawValue).joined(separator: ", "))]", "devices:",
    ]
    for (architecture, factors) in devices.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      lines.append("  \(architecture.rawValue): {\(Self.text(factors))}")
    }
    lines.append("stacks:")
    for (id, stack) in stacks.sorted(by: { $0.key < $1.key }) {
      lines.append(
        "  \(id): {whole: \(Self.text(stack.whole)), \(Self.text(stack.kernels))}")
    }
    lines.append("spreads:")
    lines += Self.lines(spreads)
    lines.append("memory_series: [\(memorySeries.joined(separator: ", "))]")
    lines.append("memory_spreads:")
    lines += Self.lines(memory)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func lines(_ spreads: [String: Spread]) -> [String] {
    spreads.sorted { $0.key < $1.key }.map { kind, spread in
      "  \(kind): {low: \(text(spread.low)), high: \(text(spread.high)), "
        + "unseen_low: \(text(spread.unseenLow)), "
        + "unseen_high: \(text(spread.unseenHigh)), runs: \(spread.runs)}"
    }
  }

  private static func text(_ value: Double) -> String { Format.fixed(value, digits: 4) }

  private static func text(_ factors: TermFactors) -> String {
    "products: \(text(factors.products)), narrow_attention: \(text(factors.narrowAttention)), "
      + "wide_attention: \(text(factors.wideAttention)), "
      + "memory_bound: \(text(factors.memoryBound)), "
      + "misaligned_scores: \(text(factors.misalignedScores))"
  }
}

extension Section {
  fileprivate func termFactors() -> TermFactors {
    TermFactors(
      products: required("products", .positiveNumber),
      narrowAttention: required("narrow_attention", .positiveNumber),
      wideAttention: required("wide_attention", .positiveNumber),
      memoryBound: required("memory_bound", .positiveNumber),
      misalignedScores: required("misaligned_scores", .positiveNumber))
  }
}

extension Reading where Value == TermFactors {
  fileprivate static var factors: Reading { .section(standIn: .one) { $0.termFactors() } }
}

extension Reading where Value == StepConstants.Stack {
  fileprivate static var stack: Reading {
    .section(standIn: StepConstants.Stack(kernels: .one, whole: 1)) {
      StepConstants.Stack(
        kernels: $0.termFactors(), whole: $0.required("whole", .positiveNumber))
    }
  }
}

extension Reading where Value == StepConstants.Spread {
  fileprivate static var spread: Reading {
    .section(
      standIn: StepConstants.Spread(low: 1, high: 1, unseenLow: 1, unseenHigh: 1, runs: 1)
    ) {
      StepConstants.Spread(
        low: $0.required("low", .positiveNumber), high: $0.required("high", .positiveNumber),
        unseenLow: $0.required("unseen_low", .positiveNumber),
        unseenHigh: $0.required("unseen_high", .positiveNumber),
        runs: $0.required("runs", .countFromZero))
    }
  }
}
