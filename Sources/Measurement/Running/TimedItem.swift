import Quantities

/// An item while it is being measured: how many calls make a sample, and whether it is done.
struct TimedItem {
  let item: BenchItem
  let calls: Int
  private(set) var isDone = false
  private(set) var secondsPerCall: Double
  private var samples: [BenchSample] = []

  init(_ item: BenchItem, estimate: Seconds, sampleTime: Seconds) {
    self.item = item
    secondsPerCall = max(estimate.value, 1e-9)
    calls = max(1, min(100_000, Int((sampleTime.value / secondsPerCall).rounded(.up))))
  }

  /// Whether it has no sample yet.
  var isUnseen: Bool { samples.isEmpty }

  /// Expected time of one sample.
  var cost: Seconds { Seconds(secondsPerCall * Double(calls)) }

  /// Takes note of a sample, and is done once the samples that count agree.
  ///
  /// Judged by this item's own references alone: the session's judgement comes at the end.
  mutating func note(_ sample: BenchSample, _ options: BenchOptions, _ judge: DriftJudge) {
    samples.append(sample)
    // One call timed alone reads high; the running mean of samples is what the next one will cost.
    secondsPerCall = samples.reduce(0) { $0 + $1.seconds } / Double(samples.count)
    guard samples.count >= options.fewestSamples,
      let verdict = judge.judge(samples).first, verdict.corrected == 0,
      verdict.seconds.count >= options.fewestSamples,
      let statistics = SampleStatistics(verdict.seconds)
    else { return }
    isDone = statistics.relativeHalfInterval <= options.tightness
  }
}
