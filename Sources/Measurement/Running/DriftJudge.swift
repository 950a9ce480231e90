/// Decides which samples count, from the reference timings around them.
///
/// Chains of kernels are divided by how much slower than its median the reference block ran around
/// them: what they take is said for the machine as it mostly was. Where one was timed while the block
/// was within `steadiness` of its median, its other timings do not count: kernels slow down by other
/// factors than the block, and the more so the further it is from its median.
///
/// For kernels by themselves the undisturbed speed of the machine is the 5 % quantile of the
/// reference's times: on a machine that is busy most of the time, only a few are undisturbed. A
/// sample taken while the reference was slower than that by more than `tolerance` is rejected. Where
/// too few samples of an item remain, its rejected ones come back divided by the slow-down of the
/// reference, up to `correctable`, and are counted as corrected.
public struct DriftJudge: Sendable, Hashable {
  /// Slow-down of the reference that is accepted.
  public var tolerance: Double
  /// Slow-down factor up to which samples may be corrected.
  public var correctable: Double
  /// Accepted samples below which an item's rejected samples are corrected instead.
  public var fewest: Int
  /// Distance of the reference block from its median within which a chain is timed as the machine
  /// mostly was.
  public var steadiness: Double

  /// A judge.
  public init(
    tolerance: Double = 0.15, correctable: Double = 3, fewest: Int = 3, steadiness: Double = 0.08
  ) {
    self.tolerance = tolerance
    self.steadiness = steadiness
    self.correctable = correctable
    self.fewest = fewest
  }

  /// The samples of one item after judgement.
  public struct Verdict: Sendable, Hashable {
    /// What was timed.
    public var item: BenchItem
    /// Seconds per call of the samples that count, corrected ones included.
    public var seconds: [Double]
    /// Samples that count only after correction.
    public var corrected: Int
    /// Samples that do not count.
    public var rejected: Int
  }

  /// Judges a session's samples; one verdict per item, in order of first appearance.
  public func judge(_ samples: [BenchSample]) -> [Verdict] {
    let baseline = baselines(samples)
    var order: [BenchItem] = []
    var groups: [BenchItem: [BenchSample]] = [:]
    for sample in samples {
      if groups[sample.item] == nil { order.append(sample.item) }
      groups[sample.item, default: []].append(sample)
    }
    return order.map { item in
      let own = groups[item] ?? []
      let normal = baseline[ReferenceClass(of: item.kernel)] ?? 0
      return verdict(item, own.map { ($0.seconds, normal > 0 ? $0.reference / normal : 1) })
    }
  }

  /// Whether the reference block was close to its median.
  public func isSteady(_ drift: Double) -> Bool { abs(drift - 1) <= steadiness }

  private func verdict(
    _ item: BenchItem, _ timings: [(seconds: Double, drift: Double)]
  ) -> Verdict {
    if ReferenceClass(of: item.kernel) == .block {
      let steady = timings.filter { isSteady($0.drift) }
      let usable =
        steady.isEmpty ? timings.filter { $0.drift > 0 && $0.drift <= correctable } : steady
      return Verdict(
        item: item, seconds: usable.map { $0.seconds / $0.drift },
        corrected: steady.isEmpty ? usable.count : 0, rejected: timings.count - usable.count)
    }
    let accepted = timings.filter { $0.drift <= 1 + tolerance }
    guard accepted.count < fewest else {
      return Verdict(
        item: item, seconds: accepted.map(\.seconds), corrected: 0,
        rejected: timings.count - accepted.count)
    }
    let usable = timings.filter { $0.drift <= max(correctable, 1 + tolerance) }
    return Verdict(
      item: item,
      seconds: usable.map { $0.drift > 1 + tolerance ? $0.seconds / $0.drift : $0.seconds },
      corrected: usable.count - accepted.count, rejected: timings.count - usable.count)
  }

  /// The 75 % quantile of the references' times over their 5 % quantile, the larger of the classes.
  static func disturbance(of samples: [BenchSample]) -> Double {
    references(samples).values.reduce(1) { worst, times in
      let low = SampleStatistics.quantile(0.05, ofSorted: times)
      return low > 0 ? max(worst, SampleStatistics.quantile(0.75, ofSorted: times) / low) : worst
    }
  }

  /// Seconds of the references on the undisturbed machine; of the block, as it mostly was.
  public func baselines(_ samples: [BenchSample]) -> [ReferenceClass: Double] {
    let times = Self.references(samples)
    return Dictionary(
      uniqueKeysWithValues: times.map { reference, times in
        let share = reference == .block ? 0.5 : 0.05
        return (reference, SampleStatistics.quantile(share, ofSorted: times))
      })
  }

  /// Reference times by class, in growing order.
  private static func references(_ samples: [BenchSample]) -> [ReferenceClass: [Double]] {
    var times: [ReferenceClass: [Double]] = [:]
    for sample in samples {
      times[ReferenceClass(of: sample.item.kernel), default: []] += [
        sample.referenceBefore, sample.referenceAfter,
      ]
    }
    return times.mapValues { $0.sorted() }
  }
}
