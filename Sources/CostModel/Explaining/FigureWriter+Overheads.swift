import Clusters
import Quantities
import Strategies
import Workloads

extension FigureWriter {
  /// The calibration method against each baseline that the estimate shows.
  mutating func overheads() {
    guard !estimate.overheads.isEmpty else { return }
    let shown = Set(estimate.overheads.map(\.baseline))
    let all = Overheads(
      pricer: pricer, strategy: strategy, calibration: calibration, uncertainty: uncertainty)
    let share = calibration.phaseShare
    let plain = pricer.priced(strategy, calibration: .none)
    let times = share * priced.times + (1 - share) * plain.times
    let method = book.add(
      "overhead.method_seconds", "s", "mean step of the method's run",
      share < 1
        ? figure("run.mixed_step_seconds") : figure("step_seconds.typical"))
    for baseline in all.baselines where shown.contains(baseline.name) {
      var total = TermTimes.zero
      var attacks = 0.0
      var peak = Bytes.zero
      var runs: [Expression] = []
      for (index, run) in baseline.runs.enumerated() {
        let other = pricer.priced(strategy, calibration: run.settings)
        total += run.count * other.times
        attacks += run.count * other.attackSeconds
        peak = max(peak, other.memory.peak)
        let step = Expression.counted(
          "step \(index + 1) of \(baseline.name), \(run.settings.method.rawValue)", other.seconds)
        runs.append(run.count == 1 ? step : .constant(run.count) * step)
      }
      let path = "calibration.overhead.\(baseline.name)"
      let time = book.add(
        path + ".time.typical", "", "mean step over that of: " + baseline.meaning,
        method / .sum(runs))
      let deviations = uncertainty.deviations(
        of: times, over: total, attacks: (of: share * priced.attackSeconds, over: attacks),
        unvalidated: Overheads.unvalidated)
      ends(path + ".time", time, deviations)
      memory(path, peak)
      hours(path)
    }
  }

  /// Low and high of a ratio: what both runs share cancels, the rest is independent by term.
  private mutating func ends(
    _ path: String, _ typical: Expression,
    _ deviations: [(name: String, below: Double, above: Double)]
  ) {
    for isLow in [true, false] {
      let parts = deviations.map { deviation in
        Expression.counted(
          "change of the ratio through \(deviation.name)",
          isLow ? deviation.below : deviation.above)
      }.filter { $0.value != 0 }
      let spread = Expression.root(.sum(parts.map { $0 * $0 }))
      book.add(
        path + (isLow ? ".low" : ".high"), "", "the ratio, \(isLow ? 5 : 95) % quantile",
        isLow ? .maximum([0, typical - spread]) : typical + spread)
    }
  }

  private mutating func memory(_ path: String, _ baseline: Bytes) {
    let peak = figure("memory.peak_bytes")
    let ratio = book.add(
      path + ".memory", "", "peak over the baseline's fullest run",
      peak / .counted("peak of the baseline", baseline.value))
    book.add(path + ".memory_range.typical", "", "the same", ratio)
    let excess = Expression.maximum([ratio - 1, 1 - ratio])
    book.add(
      path + ".memory_range.low", "", "common deviations cancel, a share of the difference stays",
      ratio - excess * (1 - figure("memory.peak_interval_bytes.low") / peak))
    book.add(
      path + ".memory_range.high", "", "common deviations cancel, a share of the difference stays",
      ratio + excess * (figure("memory.peak_interval_bytes.high") / peak - 1))
  }

  private mutating func hours(_ path: String) {
    book.add(
      path + ".cost", "", "accelerator-hours over the baseline's: as time",
      figure(path + ".time.typical"))
    for name in ["low", "typical", "high"] {
      book.add(
        path + ".cost_range.\(name)", "", "as time", figure(path + ".time.\(name)"))
    }
  }
}
