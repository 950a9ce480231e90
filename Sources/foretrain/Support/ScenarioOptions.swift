import ArgumentParser
import Clusters
import Planning
import Reporting
import Scenarios

/// Where data lies.
struct DataOptions: ParsableArguments {
  @Option(help: "A folder with models/, hardware-profiles/, software-stacks/, scenarios/.")
  var data: String?

  /// The loader over all folders.
  func loader() throws -> ScenarioLoader {
    ScenarioLoader(data: try DataFolders(data: data))
  }
}

/// A scenario, or the short form without a file.
struct ScenarioOptions: ParsableArguments {
  @Argument(help: "A scenario file or its id; without it, the flags describe the run.")
  var scenario: String?

  @OptionGroup var folders: DataOptions

  @Option(help: "A model of the zoo, an open_clip config (.json) or a model file (.yaml).")
  var model: String?
  @Option(help: "A hardware profile, see `foretrain list hardware`.")
  var hardware: String?
  @Option(name: [.long, .customLong("gpus")], help: "Accelerators of the run.")
  var accelerators: Int?
  @Option(help: "Samples per accelerator and micro-batch.")
  var microBatch: Int?
  @Option(help: "Samples per optimizer step.")
  var globalBatch: Int?
  @Option(help: "Samples of the whole run, for example 9e9.")
  var samplesSeen: Double?
  @Option(help: "Epochs, with --dataset-size.")
  var epochs: Double?
  @Option(help: "Samples of one epoch.")
  var datasetSize: Double?
  @Option(help: "A tower without gradients, for example image; may be repeated.")
  var frozen: [String] = []
  @Option(help: "Rank of adapters that are trained instead of the towers' own parameters.")
  var lora: Int?
  @Option(help: "fp32, tf32, amp-fp16, amp-bf16 or pure-bf16.")
  var precision: String?
  @Option(help: "For example 1.80USD/accelerator-hour.")
  var price: String?
  @Option(help: "Longest wall time, for example 14d.")
  var deadline: String?
  @Option(help: "Most money, for example 20000USD.")
  var budget: String?
  @Option(help: "Calibration method, see `foretrain list methods`.")
  var calibration: String?
  @Option(help: "A software stack, see `foretrain list stacks`.")
  var software: String?
  @Option(help: "flash or unfused, or by tower: image=flash,text=unfused.")
  var attention: String?
  @Option(help: "ZeRO stage, 0 to 3.")
  var zero: Int?
  @Option(help: "none, selective or full, or by tower: image=full,text=none.")
  var recomputation: String?
  @Option(help: "Share of image patches dropped.")
  var patchDropout: Double?
  @Option(
    parsing: .singleValue,
    help: "Any setting of the file by its path, for example calibration.lsa-itc.attack_steps=1.")
  var set: [String] = []
  @Option(help: "Write the scenario, flags included, to FILE.")
  var save: String?

  func validate() throws {
    if let save, save.isEmpty { throw ValidationError("--save names no file") }
  }

  /// The flags as overrides.
  var overrides: ScenarioOverrides {
    var overrides = ScenarioOverrides()
    overrides.model = model
    overrides.hardware = hardware
    overrides.accelerators = accelerators
    overrides.microBatch = microBatch
    overrides.globalBatch = globalBatch
    overrides.samplesSeen = samplesSeen
    overrides.epochs = epochs
    overrides.datasetSize = datasetSize
    overrides.frozen = frozen
    overrides.lora = lora
    overrides.precision = precision
    overrides.price = price
    overrides.deadline = deadline
    overrides.budget = budget
    overrides.calibration = calibration
    overrides.software = software
    overrides.attention = attention
    overrides.zero = zero
    overrides.recomputation = recomputation
    overrides.patchDropout = patchDropout
    overrides.set = set
    return overrides
  }

  /// The scenario with everything that the command needs around it.
  ///
  /// `unmeasured` stands in for this machine's profile where nobody has measured it.
  func load(
    output: OutputOptions, unmeasured: HardwareProfile? = nil
  ) throws -> LoadedScenario {
    var loader = try folders.loader()
    loader.unmeasured = unmeasured
    let scenario = try loader.load(scenario, overrides: overrides)
    let text = try loader.text(of: scenario)
    if let save {
      try AtomicWriter.write(text, to: save)
      output.note("wrote \(save)")
    }
    return LoadedScenario(
      scenario: scenario, loader: loader,
      provenance: Provenance(
        version: Tool.version, scenarioHash: Fingerprint.of(text),
        profileHash: Fingerprint.of(HardwareProfileWriter.text(of: scenario.cluster.profile)),
        fitHash: try Fingerprint.ofConstants(loader), stamp: output.invocation))
  }
}

/// A scenario that was read, and what it was read with.
struct LoadedScenario {
  var scenario: Scenario
  var loader: ScenarioLoader
  var provenance: Provenance
}
