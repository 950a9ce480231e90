public import Clusters
import LinearProgramming
public import Quantities
public import Workloads

/// The laws of the core's kernels, family by family, and how well they predict what they never saw.
public struct KernelFit: Sendable, Hashable, Codable {
  /// One family.
  public struct Family: Sendable, Hashable, Codable {
    /// What is computed.
    public var name: String
    /// Seconds for each count, above 0.
    public var constants: [KernelCount: Double]
    /// Kernels that the fit learned from.
    public var learned: Int
    /// Median of `|predicted / measured - 1|` on them.
    public var fitError: Double
    /// Kernels that it has not seen.
    public var heldOut: Int
    /// The same on those; nil where there are none.
    public var heldOutError: Double?
    /// Range of measured over predicted on those, 90 %.
    public var low: Double
    /// The upper end.
    public var high: Double
    /// The law's seconds had other kernels of the kind been timed, over the law's own: 5 %.
    public var resampledLow: Double
    /// The same, 95 %.
    public var resampledHigh: Double
    /// Smallest and largest size that was measured.
    public var smallest: Double
    /// The largest.
    public var largest: Double
    /// Some of the measured kernels: size and seconds.
    public var points: [[Double]]
  }

  /// Families by name.
  public var families: [Family]
  /// Workers that kernels were spread over.
  public var workers: Int
  /// Measured over predicted seconds of whole chains that no fit has seen: 5 %, 50 %, 95 % of their
  /// time, because a step too consists of its long chains.
  public var chainLow: Double
  /// The median.
  public var chainMiddle: Double
  /// The upper end.
  public var chainHigh: Double
  /// Chains that were held out.
  public var chains: Int

  /// Kernels that a law of several constants needs at least.
  public static let fewest: Int = 4
  /// Undisturbed kernels, or chains, from which on disturbed ones are left out.
  static let fewestSteady: Int = 12

  /// Fits every family of which enough kernels were timed; nil where no chain was.
  ///
  /// - Throws: `BenchError.fit` where the solver finds no answer.
  init?(_ table: BenchTable, samples: [BenchSample], workers: Int) throws(BenchError) {
    var rows: [String: [(work: KernelWork, row: BenchTable.Row)]] = [:]
    for row in table.rows {
      guard let work = row.item.kernel.work(workers: workers) else { continue }
      rows[work.family, default: []].append((work, row))
    }
    guard rows["host"] != nil else { return nil }
    self.workers = workers
    var families: [Family] = []
    for name in rows.keys.sorted() {
      guard let own = rows[name] else { continue }
      if let family = try Self.family(name, own) { families.append(family) }
    }
    self.families = families
    let ratios = Self.chainRatios(samples, laws: families)
    chains = ratios.count
    let middle = SampleStatistics.quantile(0.5, of: ratios) ?? 1
    var low = SampleStatistics.quantile(0.05, of: ratios) ?? middle
    var high = SampleStatistics.quantile(0.95, of: ratios) ?? middle
    // A handful of chains, or one that outweighs the others, has no 5 % quantile.
    if Self.effectiveCount(ratios.map(\.weight)) < Self.fewestChains {
      low = min(low, Self.assumedSpread.lowerBound * middle)
      high = max(high, Self.assumedSpread.upperBound * middle)
    }
    (chainLow, chainMiddle, chainHigh) = (low, middle, high)
  }

  /// Chains, counted by their weight, that an interval needs: 5 % are one of twenty.
  private static let fewestChains = 20.0
  /// Measured over predicted where too few chains say more: an assumption.
  private static let assumedSpread = 0.8...1.25

  /// `(sum w)^2 / sum w^2` (Kish): so many equal weights would say as much.
  private static func effectiveCount(_ weights: [Double]) -> Double {
    let sum = weights.reduce(0, +)
    return sum > 0 ? sum * sum / weights.reduce(0) { $0 + $1 * $1 } : 0
  }

  // MARK: One family

  private static func family(
    _ name: String, _ rows: [(work: KernelWork, row: BenchTable.Row)]
  ) throws(BenchError) -> Family? {
    let all = rows.filter { $0.row.item.role == .fit }
    // What was only timed while the machine was disturbed counts where there is little else.
    let steady = all.filter { $0.row.corrected == 0 }
    let learned = spread(steady.count >= Self.fewestSteady ? steady : all)
    let heldOut = rows.filter { $0.row.item.role == .heldOut }
    guard !learned.isEmpty else { return nil }
    var counts = KernelCount.allCases.filter { isKnown($0, from: learned.map(\.work)) }
    // Few kernels fix no more than a rate, where there is one.
    let rates = counts.filter(KernelCount.rates.contains)
    if learned.count < fewest, !rates.isEmpty { counts = rates }
    let middle = SampleStatistics.quantile(
      0.5, ofSorted: learned.map(\.row.seconds.median).sorted())
    var question = LeastAbsoluteDeviation(
      name, counts.map { .init($0.rawValue.filter { $0.isLetter || $0.isNumber }) })
    question.observations = (learned + heldOut).map { work, row in
      .init(
        counts.map { work.counts[$0] ?? 0 }, target: row.seconds.median,
        weight: row.item.role == .fit ? say(row.seconds.median / middle) : 0)
    }
    let fit: Fit
    do {
      fit = try question.fit(using: GLPKSolver())
    } catch {
      throw .fit("\(name): \(error)")
    }
    var constants: [KernelCount: Double] = [:]
    for (count, value) in zip(counts, fit.coefficients) where value > 0 { constants[count] = value }
    let residuals = fit.residuals.suffix(heldOut.count)
    let judged = residuals.isEmpty ? fit.residuals[...] : residuals
    let ratios = judged.map { 1 / max(1 + $0, 1e-3) }.sorted()
    let errors = residuals.map { abs($0) }.sorted()
    let sizes = rows.map(\.work.size)
    let resampled = Bootstrap.range(of: question, fit: fit, seed: UInt64(learned.count))
    return Family(
      name: name, constants: constants, learned: learned.count,
      fitError: fit.medianAbsoluteResidual, heldOut: heldOut.count,
      heldOutError: errors.isEmpty ? nil : SampleStatistics.quantile(0.5, ofSorted: errors),
      low: min(1, SampleStatistics.quantile(0.05, ofSorted: ratios)),
      high: max(1, SampleStatistics.quantile(0.95, ofSorted: ratios)),
      resampledLow: min(1, resampled?.low ?? 1), resampledHigh: max(1, resampled?.high ?? 1),
      smallest: sizes.min() ?? 0, largest: sizes.max() ?? 0, points: points(rows))
  }

  /// Whether kernels fix the constant of a count.
  ///
  /// One for bytes beyond a cache takes some that have a good part of their bytes there: a few bytes
  /// more than fit would say anything of the others.
  private static func isKnown(_ count: KernelCount, from works: [KernelWork]) -> Bool {
    guard [.byteBeyondL2, .byteBeyondL3].contains(count) else {
      return works.contains { $0.counts[count] != nil }
    }
    return works.count { ($0.counts[count] ?? 0) >= 0.3 * $0.bytes } >= fewest
  }

  /// Kernels that a law learns from at most: the linear program grows with their square.
  private static let most = 160

  /// So many kernels, spread evenly over the sizes.
  private static func spread(
    _ rows: [(work: KernelWork, row: BenchTable.Row)]
  ) -> [(work: KernelWork, row: BenchTable.Row)] {
    guard rows.count > most else { return rows }
    let sorted = rows.sorted { ($0.work.size, $0.work.shape) < ($1.work.size, $1.work.shape) }
    return (0..<most).map { sorted[$0 * (sorted.count - 1) / (most - 1)] }
  }

  /// The say of a kernel in the fit: long ones decide what a step takes.
  private static func say(_ ratio: Double) -> Double { min(5, max(0.2, ratio.squareRoot())) }

  /// At most a dozen measured kernels, spread over the sizes.
  private static func points(
    _ rows: [(work: KernelWork, row: BenchTable.Row)]
  ) -> [[Double]] {
    let sorted = rows.map { [$0.work.size, $0.row.seconds.median] }
      .sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
    guard sorted.count > 12 else { return sorted }
    return (0..<12).map { sorted[$0 * (sorted.count - 1) / 11] }
  }

  // MARK: Whole chains

  /// Measured over predicted seconds of each held-out chain, with the seconds measured.
  ///
  /// The kernels of a chain were timed at one visit, which began at one instant.
  private static func chainRatios(_ samples: [BenchSample], laws: [Family]) -> [(
    value: Double, weight: Double
  )] {
    let judge = DriftJudge()
    let normal = judge.baselines(samples)
    var constants: [String: [KernelCount: Double]] = [:]
    for law in laws { constants[law.name] = law.constants }
    var chains: [Double: Chain] = [:]
    for sample in samples where sample.item.role == .heldOut {
      guard case .inChain(let work) = sample.item.kernel, let law = constants[work.family]
      else { continue }
      let usual = normal[ReferenceClass(of: sample.item.kernel)] ?? 0
      let drift = usual > 0 && sample.reference > 0 ? sample.reference / usual : 1
      let calls = Double(sample.calls)
      chains[sample.start, default: Chain(drift: drift)].measured += calls * sample.seconds / drift
      chains[sample.start]?.predicted += calls * work.seconds(law)
    }
    let usable = chains.filter {
      $0.value.predicted > 0 && $0.value.measured > 2e-4
        && $0.value.drift <= 1 + judge.tolerance
    }
    let steady = usable.filter { judge.isSteady($0.value.drift) }
    return (steady.count >= fewestSteady ? steady : usable)
      .sorted { $0.key < $1.key }
      .map { ($0.value.measured / $0.value.predicted, $0.value.measured) }
  }

  /// One visit of a chain: seconds as the machine mostly was, and by the laws.
  private struct Chain {
    var measured = 0.0
    var predicted = 0.0
    var drift: Double
  }

  // MARK: Profile

  /// What sums of kernels take over the sum of their laws; 1 where too few chains say so.
  ///
  /// A law of least absolute deviation is a kernel's median, and a step is a sum: what now and then
  /// takes longer counts in the sum alone. Held-out chains know by how much.
  public var sumFactor: Double { chains >= Self.fewest ? chainMiddle : 1 }

  /// The laws as a profile holds them, `sumFactor` in every constant.
  public func laws(origin: Sourced<Bool>) -> KernelLaws {
    KernelLaws(
      laws: families.map { family in
        KernelLaw(
          family: family.name,
          terms: KernelCount.allCases.compactMap { count in
            family.constants[count].map {
              KernelLaw.Term(count: count.rawValue, seconds: $0 * sumFactor)
            }
          },
          measured: family.smallest...max(family.smallest, family.largest),
          range: Range90(
            low: family.low * family.resampledLow, typical: 1,
            high: family.high * family.resampledHigh),
          points: family.points.map { KernelLaw.Point(size: $0[0], seconds: $0[1]) })
      }, workers: workers, origin: origin,
      range: Range90(
        low: min(1, chainLow / sumFactor), typical: 1, high: max(1, chainHigh / sumFactor)))
  }
}
