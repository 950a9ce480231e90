import Clusters
import Quantities
import Strategies
import Workloads

extension FigureWriter {
  /// Steps, wall time, failures, checkpoints, sweep.
  mutating func run() {
    let steps = book.add(
      "steps", "", "optimizer steps, those that loss scaling skips included",
      .roundedUp(figure("samples_seen") / figure("global_batch"))
        * (1 + .constant(strategy.precision.skippedStepShare)))
    goodput()
    let mixed = book.add(
      "run.mixed_step_seconds", "s", "mean step of the run: with the method and without",
      mixedStep(figure("step_seconds.typical")))
    let typical = book.add(
      "wall_hours.typical", "h", "wall time of the run",
      steps * mixed / figure("run.goodput") / 3600)
    for name in ["low", "high"] {
      book.add(
        "wall_hours.\(name)", "h", "wall time of the run, \(name): as uncertain as the step",
        typical * figure("step_seconds.\(name)") / figure("step_seconds.typical"))
    }
    book.add(
      "run.failures", "", "failures that stop the run, expected",
      figure("run.failures_per_second") * 3600 * typical)
    book.add(
      "run.spare_nodes", "", "nodes kept in reserve",
      scenario("cluster.site.spare_nodes", Double(settings.spareNodes)))
    sweep()
  }

  private func mixedStep(_ own: Expression) -> Expression {
    guard calibration.phaseShare < 1, calibration.method != .none else { return own }
    let share = scenario(
      "calibration.\(calibration.method.rawValue).phase_share", calibration.phaseShare)
    let plain = pricer.priced(strategy, calibration: .none).seconds
    return share * own + (1 - share) * .counted("step of plain training", plain)
  }

  /// `Goodput` as expressions.
  private mutating func goodput() {
    let site = profile.site
    let nodes = Double(cluster.nodes)
    let rate = book.add(
      "run.failures_per_second", "1/s", "failures of all nodes",
      hardware("site.failures_per_1000_node_days", site.failuresPer1000NodeDays) / 1000
        * .counted("nodes", nodes) / 86_400)
    let bytes = book.add(
      "run.checkpoint_bytes", "B", "weights and moments in fp32",
      figure("trainable_parameters") * 4
        * (1 + .constant(Double(workload.optimizer.fullMoments))))
    let writers = Expression.counted("nodes that write", strategy.zeroStage >= 1 ? nodes : 1)
    let write = book.add(
      "run.checkpoint_write_seconds", "s", "writing one checkpoint",
      bytes / (hardware("site.checkpoint_bandwidth", site.checkpointBandwidth) * writers))
    let chosen = settings.checkpointInterval.map {
      scenario("campaign.checkpoint_interval", $0.value)
    }
    let evaluation = 1 - scenario("campaign.evaluation", settings.evaluation)
    guard rate.value > 0 else {
      let interval = book.add(
        "run.checkpoint_interval_seconds", "s", "time between checkpoints; nothing fails",
        chosen ?? 86_400)
      book.add(
        "run.goodput", "", "share of wall time that advances the training",
        1 / (1 + write / interval) * evaluation)
      return
    }
    let between = 1 / rate
    let interval = book.add(
      "run.checkpoint_interval_seconds", "s",
      "time between checkpoints (Young 1974, unless the scenario says)",
      .maximum([write, chosen ?? .root(2 * write * between)]))
    book.add(
      "run.goodput", "", "share of wall time that advances the training",
      1 / (1 + write / interval + (interval / 2 + hardware("site.restart", site.restart)) / between)
        * evaluation)
  }

  private mutating func sweep() {
    let method = calibration.method.rawValue
    guard estimate.run.sweep > .zero else {
      book.add("run.sweep_seconds", "s", "no sweep over lambda follows", .constant(0))
      return
    }
    func knob(_ key: String, _ value: Int) -> Expression {
      scenario("calibration.\(method).\(key)", Double(value))
    }
    book.add(
      "run.sweep_seconds", "s", "clean and attacked evaluation at every lambda, at training's rate",
      knob("sweep.points", calibration.sweepPoints) * knob("sweep.pairs", calibration.sweepPairs)
        * (2 + 2 * knob("sweep.attack_steps", calibration.sweepAttackSteps))
        * figure("forward_flops_per_sample")
        / (.counted("FLOP of the step", priced.hardwareFlops)
          / figure("step_breakdown_seconds.compute"))
        / accelerators)
  }
}
