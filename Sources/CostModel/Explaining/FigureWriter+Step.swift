import Clusters
import Quantities
import Strategies
import Workloads

extension FigureWriter {
  /// The step, its parts, its interval, and rates.
  mutating func step() {
    let kernels = [StepTrace.Term.products, .attention, .memoryBound, .misalignedScores]
      .compactMap { book["terms.\($0.rawValue)"]?.reference }
    let factor = figure("step.factor")
    func part(_ name: String, _ meaning: String, _ expression: Expression) -> Expression {
      book.add("step_breakdown_seconds." + name, "s", meaning, expression)
    }
    var parts = [
      part("compute", "kernels of forward, backward and recomputation", .sum(kernels)),
      part(
        "exposed_communication", "collectives that nothing hides",
        .sum(
          [factor * waits("waits for collectives", .communication)]
            + (book["terms.tensor_communication"].map { [$0.reference] } ?? [])
            + (priced.times[.stageMessages] > 0
              ? [factor * waits("messages between stages", .stageMessages)] : []))),
      part(
        "pipeline_bubble", "idle time of a pipeline",
        factor * waits("idle seconds of the schedule", .bubble)),
      part("optimizer", "the parameter update", factor * update),
    ]
    let launch = part(
      "launch", "waiting for the host to issue kernels",
      factor * .sum(trace.phases.indices.map(launch)))
    let busy = Expression.sum(parts + [launch])
    parts += [part("input_stall", "waiting for input", inputStall(busy)), launch]
    book.add("step_seconds.typical", "s", "one optimizer step", .sum(parts))
    interval()
    rates()
  }

  private mutating func rates() {
    let local = ownSamples
    for (own, other) in [("low", "high"), ("typical", "typical"), ("high", "low")] {
      book.add(
        "samples_per_second_per_accelerator." + own, "samples/s", "speed, \(own)",
        local / figure("step_seconds." + other))
    }
    let format = strategy.precision.matrixFormat
    let peak = profile.accelerator.peak[format]
    for (path, meaning, flops) in [
      ("mfu", "model FLOP over time and peak", priced.modelFlops),
      ("hfu", "executed FLOP over time and peak", priced.hardwareFlops),
    ] {
      guard let peak, priced.seconds > 0 else {
        book.add(path, "", meaning, .constant(0))
        continue
      }
      book.add(
        path, "", meaning,
        .counted("FLOP of the step", flops) / figure("step_seconds.typical")
          / hardware("accelerator.peak.\(format.rawValue)", peak))
    }
  }

  // MARK: Parts

  /// Seconds that a walk found, without the factor.
  func waits(_ name: String, _ term: TermTimes.Term) -> Expression {
    .counted(name, priced.times[term] / trace.factor)
  }

  /// `UpdateTime` as an expression.
  private var update: Expression {
    let gradient = Double(software.gradientBytes(strategy.precision))
    let ranks = figure("strategy.data_parallel")
    func shared(from stage: Int) -> Expression {
      let trained = figure("step.trainable_parameters")
      return strategy.zeroStage >= stage ? trained / ranks : trained
    }
    let state = Double(software.momentBytes(strategy.precision))
    let isMaster = software.keepsMaster(strategy.precision)
    var bytes =
      shared(from: 1)
      * .counted(
        "bytes per parameter",
        Double(workload.optimizer.statePasses) * state + gradient + (isMaster ? 2 : 0))
    if strategy.precision == .ampFP16 { bytes = bytes + 2 * .constant(gradient) * shared(from: 2) }
    if let laws = KernelLawTime(profile, strategy),
      let update = laws.expression(family: workload.optimizer.rawValue, bytes: bytes.value)
    {
      let norm = (.constant(gradient) * shared(from: 1)).value
      return update + (laws.expression(family: "gradient norm", bytes: norm) ?? 0)
    }
    let efficiency = profile.efficiency
    return .maximum([
      bytes
        / (hardware("efficiency.memory_bound.optimizer", efficiency.memoryBound.optimizer)
          * hardware("accelerator.memory_bandwidth", profile.accelerator.memoryBandwidth)),
      hardware("efficiency.launch.kernel", efficiency.kernelLaunch),
    ])
  }

  /// Seconds in which the host issues a phase's kernels, beyond the kernels' own.
  func launch(_ position: Int) -> Expression {
    let lines = trace.lines.filter { $0.position == position }
    guard software.isEager, !lines.isEmpty else { return 0 }
    let kernels = lines.reduce(0) { $0 + $1.calls * $1.kernels }
    let name = trace.phases[position].name.rawValue
    var issued =
      Expression.counted("kernels of \(name)", kernels)
      * hardware("efficiency.launch.eager_operator", profile.efficiency.eagerOperator)
    if software.hostFactor.value != 1 {
      issued = issued * .input("software:factors.host", software.hostFactor.value)
    }
    guard !software.blocksOnLaunch else { return issued }
    let device = Expression.sum(groups(ofPhase: position))
    let (low, high) = (Expression.minimum([issued, device]), Expression.maximum([issued, device]))
    let ratio = low / high
    return .maximum([0, issued - device])
      + .constant(TimeWalk.balancedWait) * low * ratio * ratio * ratio
  }

  /// Samples per step and accelerator: ranks that share layers or stages work on the same ones.
  private var ownSamples: Expression {
    let local = figure("strategy.micro_batch") * figure("strategy.accumulation")
    let sharing = strategy.tensorParallel * strategy.pipelineParallel
    return sharing > 1
      ? local / .counted("accelerators that work on the same samples", Double(sharing)) : local
  }

  private func inputStall(_ busy: Expression) -> Expression {
    let limits = [
      workload.inputRateLimit.map { ("scenario:workload.data.input_rate_limit", $0.value.value) },
      software.inputRateLimit.map { ("software:factors.input_rate_limit", $0.value.value) },
    ].compactMap(\.self).filter { $0.1 > 0 }
    guard !limits.isEmpty else { return 0 }
    let rate = Expression.minimum(limits.map { .input($0.0, $0.1) })
    return .maximum([0, ownSamples / rate - busy])
  }

  // MARK: Interval

  private mutating func interval() {
    for isLow in [true, false] {
      let name = isLow ? "low" : "high"
      let spread = book.add(
        "interval.step.\(name)", "", "relative distance from the typical step, terms independent",
        .root(.sum(([whole(isLow: isLow)] + shares(isLow: isLow)).map { $0 * $0 })))
      let typical = figure("step_seconds.typical")
      book.add(
        "step_seconds.\(name)", "s", "one optimizer step, \(isLow ? 5 : 95) % quantile",
        typical * (isLow ? .maximum([0.05, 1 - spread]) : 1 + spread))
    }
  }

  private func whole(isLow: Bool) -> Expression {
    if let laws = profile.kernelLaws(for: strategy) {
      let path = "hardware:efficiency.kernels.range."
      return isLow
        ? 1 - .input(path + "low", laws.range.low) : .input(path + "high", laws.range.high) - 1
    }
    if uncertainty.isPublished {
      let path = "fitted:spreads.\(uncertainty.kind.rawValue)."
      return isLow
        ? 1 - .input(path + "low", uncertainty.whole.low)
        : .input(path + "high", uncertainty.whole.high) - 1
    }
    let range = software.timeRange.value
    let typical = Expression.input("software:ranges.time.typical", range.typical)
    return isLow
      ? 1 - .input("software:ranges.time.low", range.low) / typical
      : .input("software:ranges.time.high", range.high) / typical - 1
  }

  private func shares(isLow: Bool) -> [Expression] {
    StepTrace.Term.allCases.compactMap { term in
      guard uncertainty.widening.contains(term), let range = uncertainty.terms[term],
        priced.times[term] > 0,
        priced.seconds > 0
      else { return nil }
      let share =
        .counted("seconds of \(term.rawValue)", priced.times[term])
        / figure("step_seconds.typical")
      let end = end(of: term, isLow: isLow, range)
      return isLow ? share * (1 - end) : share * (end - 1)
    }
  }

  /// The end of a term's range: from a file where one gives it, else the model's own.
  private func end(of term: StepTrace.Term, isLow: Bool, _ range: Range90) -> Expression {
    let name = isLow ? "low" : "high"
    func ratio(_ path: String, _ end: Double?, _ value: Double) -> Expression? {
      guard let end, value > 0 else { return nil }
      let ratio = Expression.input("\(path).\(name)", end) / .input(path, value)
      return isLow ? .minimum([1, ratio]) : .maximum([1, ratio])
    }
    let own = Expression.constant((isLow ? range.low : range.high) / range.typical)
    func stack(_ path: String, _ factor: Sourced<Double>) -> Expression {
      guard factor.low != nil, factor.high != nil else { return own }
      return ratio(path, isLow ? factor.low : factor.high, factor.value) ?? own
    }
    switch term {
    case .products:
      let range = profile.efficiency.gemmRange
      return .input("hardware:efficiency.gemm.range.\(name)", isLow ? range.low : range.high)
        / .input("hardware:efficiency.gemm.range.typical", range.typical)
    case .memoryBound: return stack("software:factors.elementwise", software.elementwiseFactor)
    case .misalignedScores:
      let device = profile.accelerator
      return stack(software.misalignedPath(on: device), software.misalignedScores(on: device))
    case .launch:
      let eager = profile.efficiency.eagerOperator
      guard let low = eager.low, let high = eager.high else { return own }
      return ratio(
        "hardware:efficiency.launch.eager_operator", (isLow ? low : high).value,
        eager.value.value) ?? own
    case .attention, .optimizer, .communication, .input, .tensorCommunication, .stageMessages,
      .bubble:
      return own
    }
  }
}
