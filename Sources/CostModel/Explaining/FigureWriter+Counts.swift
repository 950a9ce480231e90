import Clusters
import Quantities
import Strategies
import Workloads

extension FigureWriter {
  /// What is given, or counted from the model.
  mutating func counts() {
    book.add(
      "accelerators", "", "accelerators of the run",
      scenario("cluster.accelerators", Double(cluster.accelerators)))
    book.add(
      "parameters", "", "parameters of the model",
      .counted("parameters of all towers", Double(estimate.parameters)))
    book.add(
      "trainable_parameters", "", "parameters that are trained, what the method adds included",
      .counted("parameters of the trained towers", Double(estimate.trainableParameters)))
    for (path, walks, meaning) in [
      ("step.trainable_parameters", stages.slowest, "of one rank, on the slowest stage"),
      ("memory.trainable_parameters", stages.fullest, "of one rank, on the fullest stage"),
    ] {
      let own = walks.program.towers.reduce(0) { $0 + $1.trained }
      book.add(
        path, "", "trained parameters " + meaning,
        own == estimate.trainableParameters
          ? figure("trainable_parameters") : .counted("parameters of the rank's part", Double(own)))
    }
    book.add(
      "forward_flops_per_sample", "FLOP", "forward of one sample, every patch kept",
      .counted("products and attention of one forward", estimate.forwardFlopsPerSample.value))
    let sizes = [
      ("micro_batch", strategy.microBatch, "samples per accelerator and micro-batch"),
      ("accumulation", strategy.accumulation, "micro-batches per optimizer step"),
      ("data_parallel", strategy.dataParallel, "data-parallel ranks"),
      ("tensor_parallel", strategy.tensorParallel, "tensor-parallel ranks"),
      ("pipeline_parallel", strategy.pipelineParallel, "pipeline stages"),
      ("virtual_pipeline", strategy.virtualPipeline, "model chunks per pipeline stage"),
      ("zero_stage", strategy.zeroStage, "ZeRO stage"),
    ]
    for (key, value, meaning) in sizes {
      book.add("strategy." + key, "", meaning, scenario("strategy." + key, Double(value)))
    }
    book.add(
      "global_batch", "", "samples per optimizer step",
      figure("strategy.micro_batch") * figure("strategy.accumulation")
        * figure("strategy.data_parallel"))
    book.add(
      "samples_seen", "", "samples of the run",
      scenario("workload.data.samples_seen", workload.samplesSeen.value))
    knobs()
  }

  /// Numbers of the calibration method.
  private mutating func knobs() {
    guard calibration.method != .none else { return }
    var knobs: [(key: String, path: String, value: Double)] = [
      ("attack_steps", "attack_steps", Double(calibration.attackSteps)),
      ("clean_share", "clean_share", calibration.cleanShare),
      ("phase_share", "phase_share", calibration.phaseShare),
      ("vulnerable_layers", "vulnerable_layers.at_most", Double(calibration.vulnerableLayers)),
      ("refresh_steps", "vulnerable_layers.refresh", Double(calibration.refreshSteps)),
      ("selected_depth", "selected_depth", calibration.selectedDepth),
      ("probe_samples", "probe_samples", Double(calibration.probeSamples)),
      ("sweep_points", "sweep.points", Double(calibration.sweepPoints)),
      ("sweep_pairs", "sweep.pairs", Double(calibration.sweepPairs)),
      ("sweep_attack_steps", "sweep.attack_steps", Double(calibration.sweepAttackSteps)),
    ]
    if let size = calibration.attackImageSize {
      knobs.append(("attack_image_size_px", "attack_resolution", Double(size)))
    }
    let method = calibration.method.rawValue
    for knob in knobs {
      book.add(
        "calibration.settings." + knob.key, "", "a knob of \(method)",
        scenario("calibration.\(method).\(knob.path)", knob.value))
    }
  }
}
