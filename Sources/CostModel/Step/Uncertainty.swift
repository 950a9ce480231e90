import Clusters
import Quantities
import Strategies
import Workloads

/// How far the true seconds of each term may lie from the model's, and what follows for sums and
/// ratios: deviations of different terms are independent, those of one term are the same wherever
/// the term appears.
struct Uncertainty: Sendable {
  /// Factors by term, 90 %.
  var terms: [TermTimes.Term: Range90]
  /// Factor on the whole step, typical 1.
  var whole: Range90
  /// Whether `whole` is how far published steps of this kind lie from predicted ones.
  private(set) var isPublished = false
  /// Terms whose ranges widen the step's: all of them, or, where published steps speak for terms and
  /// whole together, those of a device of which no step was published.
  private(set) var widening = Set(TermTimes.Term.allCases)
  /// The kind of run whose published steps count.
  let kind: RunKind

  /// Ranges of a device, a network and a stack.
  init(workload: Workload, cluster: Cluster, strategy: Strategy, step: PricedStep) {
    let profile = cluster.profile
    kind = RunKind(
      strategy, workload: workload, cluster: cluster, isInputBound: step.times[.input] > 0)
    if let laws = profile.kernelLaws(for: strategy) {
      // Whole stretches that no fit has seen say how far sums of kernels lie from their laws.
      terms = [:]
      whole = laws.range
      return
    }
    let efficiency = profile.efficiency
    let software = strategy.software
    func relative<Value>(_ sourced: Sourced<Value>, _ number: (Value) -> Double, _ rest: Range90)
      -> Range90
    {
      let typical = number(sourced.value)
      guard typical > 0, let low = sourced.low.map(number), let high = sourced.high.map(number)
      else { return rest }
      return Range90(
        low: min(1, low / typical), typical: 1, high: max(1, high / typical))
    }
    // Fused attention is published from 512 tokens on; below, the factor is about two (tile
    // padding explains part of it).
    let attention: Range90
    if let keys = step.fewestAttentionKeys, !efficiency.attentionMeasured.contains(keys) {
      attention = Range90(low: 0.6, typical: 1, high: 2)
    } else {
      attention = Range90(low: 0.85, typical: 1, high: 1.2)
    }
    terms = [
      .products: efficiency.gemmRange,
      .attention: attention,
      .memoryBound: relative(
        software.elementwiseFactor, { $0 }, Range90(low: 0.8, typical: 1, high: 1.3)),
      .misalignedScores: relative(
        software.misalignedScores(on: profile.accelerator), { $0 },
        Range90(low: 0.7, typical: 1, high: 1.4)),
      .optimizer: Range90(low: 0.8, typical: 1, high: 1.5),
      .communication: Range90(low: 0.7, typical: 1, high: 2),
      .tensorCommunication: Range90(low: 0.7, typical: 1, high: 1.4),
      .stageMessages: Range90(low: 0.7, typical: 1, high: 2),
      .bubble: Range90(low: 0.8, typical: 1, high: 1.2),
      .launch: relative(
        efficiency.eagerOperator, \.value, Range90(low: 0.6, typical: 1, high: 1.6)),
      .input: Range90(low: 0.7, typical: 1, high: 1.3),
    ]
    let range = software.timeRange.value
    whole = Range90(
      low: range.low / range.typical, typical: 1, high: range.high / range.typical)
    let free = RunKind(strategy, workload: workload, cluster: cluster, isInputBound: false)
    guard efficiency.gemm.origin != .measured, let spreads = software.spreads,
      let range = spreads.range(kind, free: free, on: profile.accelerator)
    else { return }
    // No published step has an attack in it.
    let attacked = step.seconds > 0 ? step.attackSeconds / step.seconds : 0
    whole = Range90(
      low: range.low * (1 - Overheads.unvalidated * attacked), typical: 1,
      high: range.high * (1 + Overheads.unvalidated * attacked))
    isPublished = true
    let isFamiliar = spreads.knows(profile.accelerator) && !profile.datasheetOnly
    widening = isFamiliar ? [] : [.products, .attention, .memoryBound, .misalignedScores]
  }

  /// The range of a sum of terms, as factors on its typical value.
  func range(of times: TermTimes) -> Range90 {
    let total = times.total
    guard total > 0 else { return Range90(exactly: 1) }
    var below = (1 - whole.low) * (1 - whole.low)
    var above = (whole.high - 1) * (whole.high - 1)
    // In a fixed order: sums of floating-point numbers depend on it.
    for term in TermTimes.Term.allCases where widening.contains(term) {
      guard let range = terms[term] else { continue }
      let share = times[term] / total
      let typical = range.typical
      below += square(share * (1 - range.low / typical))
      above += square(share * (range.high / typical - 1))
    }
    return Range90(low: max(0.05, 1 - below.squareRoot()), typical: 1, high: 1 + above.squareRoot())
  }

  /// The range of `times` over `baseline`, both on this device and stack: what is unknown in both
  /// alike cancels.
  ///
  /// `attacks`: seconds of attack passes in both, which no measured pair supports.
  /// `unvalidated`: relative range of those seconds, the same in both.
  func ratio(
    of times: TermTimes, over baseline: TermTimes, attacks: (of: Double, over: Double),
    unvalidated: Double
  ) -> Range90 {
    let nominal = times.total / baseline.total
    var below = 0.0
    var above = 0.0
    for deviation in deviations(
      of: times, over: baseline, attacks: attacks, unvalidated: unvalidated)
    {
      below += square(deviation.below)
      above += square(deviation.above)
    }
    return Range90(
      low: max(0, nominal - below.squareRoot()), typical: nominal,
      high: nominal + above.squareRoot())
  }

  /// How far each term alone moves a ratio: what `ratio` adds up in squares.
  func deviations(
    of times: TermTimes, over baseline: TermTimes, attacks: (of: Double, over: Double),
    unvalidated: Double
  ) -> [(name: String, below: Double, above: Double)] {
    let nominal = times.total / baseline.total
    let slower =
      (times.total + unvalidated * attacks.of) / (baseline.total + unvalidated * attacks.over)
      - nominal
    var all = [(name: "attacks that nobody has validated", below: slower, above: slower)]
    // In a fixed order: sums of floating-point numbers depend on it.
    for term in TermTimes.Term.allCases {
      guard let range = terms[term] else { continue }
      let moved = [range.low, range.high].map { end in
        let scale = end / range.typical - 1
        return (times.total + scale * times[term]) / (baseline.total + scale * baseline[term])
          - nominal
      }
      all.append((term.rawValue, min(0, moved.min() ?? 0), max(0, moved.max() ?? 0)))
    }
    return all
  }

  private func square(_ x: Double) -> Double { x * x }
}
