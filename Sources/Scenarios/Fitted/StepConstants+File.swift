import Clusters
import Quantities
import Strategies

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
      constants.spreads =
        root.optional("spreads", .dictionary(of: RunKind.self, to: .stepSpread)) ?? [:]
      constants.unknownSoftware =
        root.optional("unknown_software", .ends) ?? constants.unknownSoftware
      constants.unknownDevice = root.optional("unknown_device", .ends) ?? constants.unknownDevice
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
        "  \(id): {whole: \(Self.text(stack.whole)), \(Self.text(stack.kernels)), runs: \(stack.runs)}"
      )
    }
    lines.append("spreads:")
    for (kind, spread) in spreads.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      lines.append(
        "  \(kind.rawValue): {low: \(Self.text(spread.seen.low)), high: \(Self.text(spread.seen.high)), "
          + "unseen_low: \(Self.text(spread.unseen.low)), "
          + "unseen_high: \(Self.text(spread.unseen.high)), runs: \(spread.runs)}")
    }
    for (key, ends) in [
      ("unknown_software", unknownSoftware), ("unknown_device", unknownDevice),
    ] {
      lines.append("\(key): {low: \(Self.text(ends.low)), high: \(Self.text(ends.high))}")
    }
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
    .section(standIn: StepConstants.Stack(kernels: .one, whole: 1, runs: 0)) {
      StepConstants.Stack(
        kernels: $0.termFactors(), whole: $0.required("whole", .positiveNumber),
        runs: $0.required("runs", .countFromZero))
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

extension Section {
  /// A low and a high end around 1.
  fileprivate func ends(_ low: String, _ high: String) -> Range90 {
    let below = Reading<Double>.positiveNumber.checked("at most 1", standIn: 1) { $0 <= 1 }
    let above = Reading<Double>.positiveNumber.checked("at least 1", standIn: 1) { $0 >= 1 }
    return Range90(low: required(low, below), typical: 1, high: required(high, above))
  }
}

extension Reading where Value == Range90 {
  fileprivate static var ends: Reading {
    .section(standIn: Range90(exactly: 1)) { $0.ends("low", "high") }
  }
}

extension Reading where Value == StepSpreads.Spread {
  fileprivate static var stepSpread: Reading {
    let one = Range90(exactly: 1)
    return .section(standIn: StepSpreads.Spread(seen: one, unseen: one, runs: 0)) {
      StepSpreads.Spread(
        seen: $0.ends("low", "high"), unseen: $0.ends("unseen_low", "unseen_high"),
        runs: $0.required("runs", .countFromZero))
    }
  }
}
