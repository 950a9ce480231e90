import Quantities
import Workloads

/// One bar on the way from ideal kernels to the step.
public struct WaterfallBar: Sendable {
  /// Its id, for example `product_efficiency`.
  public var id: String
  /// What it adds, for people.
  public var title: String
  /// Seconds that it adds to the step.
  public var seconds: Double
  /// 5 % quantile of those seconds, all other bars as they are.
  public var low: Double
  /// 95 % quantile.
  public var high: Double
  /// How it was added up.
  public var expression: Expression
}

/// From products at the device's peak to the step, bar by bar; they sum to the step.
///
/// Kernels of plain training come first, so that what the calibration method adds is a bar of its
/// own. What multiplies all of it (the stack's range, the slowest rank) follows the kernels.
struct WaterfallWriter {
  let trace: StepTrace
  /// The same strategy without calibration method; the same trace for plain training.
  let plain: StepTrace
  let uncertainty: Uncertainty

  /// All bars in order, zeros included.
  func bars() -> [WaterfallBar] {
    func isOnce(_ line: StepTrace.Line) -> Bool { line.role != .recomputation }
    func scores(_ line: StepTrace.Line) -> Bool { line.term == .attention || line.isOnScores }
    // Collectives among ranks that share layers wait with all other collectives.
    func isKernel(_ line: StepTrace.Line) -> Bool { line.term != .tensorCommunication }
    let products = plain.lines.filter { isOnce($0) && $0.idealSeconds > 0 && !scores($0) }
    let attention = plain.lines.filter { isOnce($0) && scores($0) }
    let moving = plain.lines.filter {
      isOnce($0) && isKernel($0) && !scores($0) && $0.idealSeconds == 0
    }
    let again = plain.lines.filter { !isOnce($0) && isKernel($0) }
    let ideal = products.reduce(0) { $0 + $1.calls * $1.idealSeconds }
    func times(_ lines: [StepTrace.Line], _ sign: Double = 1) -> TermTimes {
      lines.filter(isKernel).reduce(.zero) { $0 + TermTimes($1.term, sign * $1.total) }
    }
    let method = times(trace.lines) + times(plain.lines, -1)
    var bars = [
      bar("ideal_products", "matrix products at the device's peak", .zero, ideal),
      bar("product_efficiency", "what products take beyond that", times(products), -ideal),
      bar("attention", "attention: fused, or kernels on scores", times(attention)),
      bar("memory_bound", "kernels that move bytes", times(moving)),
      bar("recomputation", "kernels that run again", times(again)),
      bar("calibration", "kernels that the calibration method adds", method),
    ]
    let kernels = times(trace.lines).total
    let total = trace.total
    bars.append(
      WaterfallBar(
        id: "software", title: "what the stack and the slowest rank add to kernels",
        seconds: (trace.factor - 1) * kernels,
        low: (trace.factor - 1) * kernels - (1 - uncertainty.whole.low) * total,
        high: (trace.factor - 1) * kernels + (uncertainty.whole.high - 1) * total,
        expression: (.figure("step.factor", trace.factor) - 1)
          * .counted("kernel seconds", kernels)))
    func waits(_ id: String, _ title: String, _ terms: StepTrace.Term...) -> WaterfallBar {
      bar(
        id, title,
        terms.reduce(.zero) { $0 + TermTimes($1, trace.seconds[$1] ?? 0) })
    }
    bars += [
      waits("optimizer", "the parameter update", .optimizer),
      waits(
        "communication", "collectives and messages that nothing hides", .communication,
        .tensorCommunication, .stageMessages),
      waits("bubble", "idle time of a pipeline", .bubble),
      waits("launch", "waiting for the host", .launch),
      waits("input", "waiting for input", .input),
    ]
    return bars
  }

  /// A bar of seconds by term, plus seconds that are exact.
  private func bar(
    _ id: String, _ title: String, _ times: TermTimes, _ exact: Double = 0
  ) -> WaterfallBar {
    var below = 0.0
    var above = 0.0
    // In a fixed order: sums of floating-point numbers depend on it.
    for term in TermTimes.Term.allCases {
      guard let range = uncertainty.terms[term] else { continue }
      let ends = [range.low, range.high].map { ($0 / range.typical - 1) * times[term] }
      below += min(0, ends.min() ?? 0) * min(0, ends.min() ?? 0)
      above += max(0, ends.max() ?? 0) * max(0, ends.max() ?? 0)
    }
    let seconds = times.total + exact
    let parts = TermTimes.Term.allCases.filter { times[$0] != 0 }.map {
      Expression.counted("seconds of \($0.rawValue)", times[$0])
    }
    let sum = parts + (exact == 0 ? [] : [.counted("seconds at the peak", exact)])
    return WaterfallBar(
      id: id, title: title, seconds: seconds, low: seconds - below.squareRoot(),
      high: seconds + above.squareRoot(), expression: sum.isEmpty ? 0 : .sum(sum))
  }
}
