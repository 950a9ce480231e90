import Clusters
public import Planning
import Quantities
import Scenarios
import Strategies

/// The files that hold a refit: each names its base and says only what changed, with its source.
public struct RefitFiles {
  /// The runs' scenario: profile and stack as they are.
  public let scenario: Scenario
  /// Factors by term.
  public let factors: [RefitTerm: Double]
  /// One sentence on the runs, for the citation.
  public let runs: String
  /// What ids of refit files end in.
  public let suffix: String

  /// Files of factors.
  public init(scenario: Scenario, factors: [RefitTerm: Double], runs: String, suffix: String) {
    self.scenario = scenario
    self.factors = factors
    self.runs = runs
    self.suffix = suffix
  }

  /// One file.
  public struct File: Sendable, Hashable {
    /// `hardware-profiles` or `software-stacks`.
    public var folder: String
    /// Its id.
    public var id: String
    /// Its text.
    public var text: String
  }

  /// The files that are needed: none where every factor is 1.
  public var all: [File] { [hardware, software].compactMap(\.self) }

  private func moved(_ isOfSoftware: Bool) -> [RefitTerm] {
    RefitTerm.allCases.filter { $0.isOfSoftware == isOfSoftware && factors[$0] != nil }
  }

  private func refit(_ terms: [RefitTerm]) -> Scenario {
    terms.reduce(scenario) { $1.applied(factors[$1] ?? 1, to: $0) }
  }

  private func head(_ schema: String, _ id: String, _ base: String, _ title: String) -> String {
    "# Refit to measured runs. Only what changed stands here; everything else is the base's.\n"
      + "schema: foretrain/\(schema)/1\nid: \(id)\ntitle: \(ExactText.quoted(title + ", refit to own runs"))\n"
      + "base: \(base)\n"
  }

  private func tail(_ terms: [RefitTerm]) -> String {
    let changes = terms.map {
      "\($0.rawValue) x \(Format.significant(factors[$0] ?? 1, digits: 4))"
    }.joined(separator: ", ")
    return "sources:\n  refit: \(ExactText.quoted("\(runs): \(changes)"))\n"
  }

  private let voucher = "origin: measured, source: refit"

  // MARK: Hardware

  private var hardware: File? {
    let terms = moved(false)
    guard !terms.isEmpty else { return nil }
    let base = scenario.cluster.profile
    let profile = refit(terms).cluster.profile
    let id = base.id + suffix
    var text = head("hardware-profile", id, base.id, base.title)
    if terms.contains(.context) {
      text += "accelerator:\n  memory_context: \(value(profile.accelerator.memoryContext))\n"
    }
    let efficiency = efficiency(profile, terms)
    if !efficiency.isEmpty { text += "efficiency:\n" + efficiency }
    if terms.contains(.communication) {
      text += "node:\n  fabric:\n    bus_bandwidth: \(value(profile.node.busBandwidth))\n"
      if !profile.node.allReduce.isEmpty {
        text += "    all_reduce:\n      origin: measured\n      source: refit\n      points:\n"
        for point in profile.node.allReduce {
          text += "        - {size: \(point.size.value) B, time: \(point.time.value) s}\n"
        }
      }
      text += "network:\n  bus_bandwidth: \(value(profile.network.busBandwidth))\n"
    }
    return File(folder: "hardware-profiles", id: id, text: text + tail(terms))
  }

  private func efficiency(_ profile: HardwareProfile, _ terms: [RefitTerm]) -> String {
    var text = ""
    if terms.contains(.products) {
      text += "  gemm:\n    origin: measured\n    source: refit\n"
      text += gemm(profile.efficiency.gemm.value)
    }
    if terms.contains(.attention) {
      text += "  attention:\n    origin: measured\n    source: refit\n    curves:\n"
      for curve in profile.efficiency.attention {
        text += "      - {head_width: \(curve.headWidth), plateau: \(curve.plateau.value) FLOP/s, "
        text += "half: \(curve.half)}\n"
      }
    }
    if terms.contains(.memoryBound) {
      let shares = profile.efficiency.memoryBound
      text += "  memory_bound:\n"
      for (key, share) in [
        ("elementwise", shares.elementwise), ("normalization", shares.normalization),
        ("softmax", shares.softmax),
      ] { text += "    \(key): \(number(share))\n" }
    }
    if terms.contains(.launch) {
      text += "  launch:\n    eager_operator: \(value(profile.efficiency.eagerOperator))\n"
    }
    return text
  }

  private func gemm(_ curve: GEMMCurve) -> String {
    switch curve {
    case .tileWave(let wave):
      "    launch: \(wave.launch.value) s\n    tile_overhead: \(wave.tileOverhead.value) s\n"
        + "    split_k_overhead: \(wave.splitKOverhead.value) s\n"
        + "    split_k_traffic: \(wave.splitKTraffic)\n    memory_floor: \(wave.memoryFloor)\n"
        + "    tiles:\n"
        + wave.tiles.map { "      - {m: \($0.m), n: \($0.n), efficiency: \($0.efficiency)}\n" }
        .joined()
    case .plateau(let plateau):
      "    efficiency: \(plateau.efficiency)\n    launch: \(plateau.launch.value) s\n"
        + "    memory_floor: \(plateau.memoryFloor)\n"
    case .linear(let law):
      "    launch: \(law.launch.value) s\n    seconds_per_flop: \(law.perFlop)\n"
        + "    seconds_per_byte: \(law.perByte)\n    seconds_per_output: \(law.perOutput)\n"
    }
  }

  // MARK: Software

  private var software: File? {
    let terms = moved(true)
    guard !terms.isEmpty else { return nil }
    let base = scenario.strategy.software
    let stack = refit(terms).strategy.software
    let id = base.id + suffix
    var text = head("software-stack", id, base.id, base.title)
    if terms.contains(.allocator) {
      text += "memory:\n  allocator_loss: \(number(stack.allocatorLoss))\n"
    }
    var factors = ""
    if terms.contains(.misalignedScores) {
      let architecture = scenario.cluster.profile.accelerator.architecture
      if let own = stack.misalignedScoresByArchitecture[architecture] {
        factors += "  misaligned_scores_on:\n    \(architecture.rawValue): \(number(own))\n"
      } else {
        factors += "  misaligned_scores: \(number(stack.misalignedScoresFactor))\n"
      }
    }
    if terms.contains(.input), let limit = stack.inputRateLimit {
      factors += "  input_rate_limit: \(value(limit))\n"
    }
    if !factors.isEmpty { text += "factors:\n" + factors }
    if terms.contains(.stack) {
      let range = stack.timeRange.value
      text += "ranges:\n  time: {low: \(range.low), typical: \(range.typical), "
      text += "high: \(range.high), \(voucher)}\n"
    }
    return File(folder: "software-stacks", id: id, text: text + tail(terms))
  }

  // MARK: Values

  private func value<Unit>(_ sourced: Sourced<Quantity<Unit>>) -> String {
    fields(sourced) { "\($0.value) \(Unit.symbol)" }
  }

  private func number(_ sourced: Sourced<Double>) -> String { fields(sourced) { "\($0)" } }

  private func fields<Value>(_ sourced: Sourced<Value>, _ text: (Value) -> String) -> String {
    "{value: \(text(sourced.value))"
      + (sourced.low.map { ", low: \(text($0))" } ?? "")
      + (sourced.high.map { ", high: \(text($0))" } ?? "") + ", \(voucher)}"
  }
}
