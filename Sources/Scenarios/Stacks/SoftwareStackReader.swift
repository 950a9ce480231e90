import Clusters
import Quantities
public import Strategies
import Workloads

/// Reads files of `software-stacks/`.
public enum SoftwareStackReader {
  /// What `schema` must say.
  public static let schema = "foretrain/software-stack/1"

  /// Reads a stack file from disk.
  ///
  /// - Throws: `MissingFile`, or `FileErrors` with everything that is wrong.
  public static func read(path: String) throws -> SoftwareStack {
    try Reader.read(path: path, stack)
  }

  /// Reads a stack from text.
  ///
  /// - Parameters:
  ///   - file: The text.
  ///   - expectedID: The id that the file must have, where it was found by its name.
  ///   - allowsUnusedSources: For stacks of which another file has replaced values.
  /// - Returns: A stack in which every value has an origin.
  /// - Throws: `FileErrors` with everything that is wrong.
  public static func read(
    _ file: SourceFile, expectedID: String? = nil, allowsUnusedSources: Bool = false
  ) throws(FileErrors) -> SoftwareStack {
    try read(
      file, root: YAMLComposer.compose(file), expectedID: expectedID,
      allowsUnusedSources: allowsUnusedSources)
  }

  /// Reads a tree that was composed before, perhaps from several files.
  static func read(
    _ file: SourceFile, root: YAMLNode, expectedID: String?, allowsUnusedSources: Bool
  ) throws(FileErrors) -> SoftwareStack {
    try Reader.read(file, root: root, allowsUnusedSources: allowsUnusedSources) { root in
      let stack = self.stack(root)
      if let expectedID, root.has("id"), stack.id != expectedID {
        root.error(
          "id", "the file is named '\(expectedID).yaml' but its id is '\(stack.id)'",
          help: "make them equal")
      }
      return stack
    }
  }

  private static func stack(_ root: Section) -> SoftwareStack {
    root.schema(schema, noun: "a software stack")
    var stack = empty(id: root.required("id", .id), title: root.text("title"))
    root.section("weights") { weights($0, &stack) }
    root.section("kernels") { kernels($0, &stack) }
    root.optionalSection("models") { models($0, &stack.models) }
    root.section("parallelism") { parallelism($0, &stack) }
    root.section("memory") { memory($0, &stack) }
    root.section("factors") { factors($0, &stack) }
    root.section("ranges") { section in
      stack.timeRange = range(section, "time")
      stack.memoryRange = range(section, "memory")
    }
    stack.sources = root.reader.sources
    return stack
  }

  /// Takes what the file says in place of what holds where it says nothing.
  private static func replace(_ fallback: inout Bool, _ section: Section, _ key: String) {
    if let given = section.optional(key, Reading<Sourced<Bool>>.sourced(.bool)) {
      fallback = given.value
    }
  }

  /// The same for small counts.
  private static func replace(_ fallback: inout Int, _ section: Section, _ key: String) {
    let few = Reading<Int>.countFromZero.checked("at most 100") { $0 <= 100 }
    if let given = section.optional(key, Reading<Sourced<Int>>.sourced(few)) {
      fallback = given.value
    }
  }

  private static func weights(_ section: Section, _ stack: inout SoftwareStack) {
    let state = Reading<SoftwareStack.MixedState>.enumeration(of: SoftwareStack.MixedState.self)
    stack.mixedState = section.sourced("mixed_state", state).value
    replace(&stack.frozenInCompute, section, "frozen_in_16_bit")
    replace(&stack.gradientsInFloat32, section, "gradients_in_float32")
    replace(&stack.pureKeepsMaster, section, "pure_keeps_master")
  }

  private static func kernels(_ section: Section, _ stack: inout SoftwareStack) {
    stack.normInFloat32 = flag(section, "norm_in_float32")
    stack.softmaxInFloat32 = flag(section, "softmax_in_float32")
    stack.headCopies = flag(section, "head_copies")
    stack.fusedScaleMaskSoftmax = flag(section, "fused_scale_mask_softmax")
    stack.fusedResidual = flag(section, "fused_residual")
    stack.fusedActivation = flag(section, "fused_activation")
    stack.isEager = flag(section, "eager")
    replace(&stack.fusedCrossEntropy, section, "fused_cross_entropy")
    replace(&stack.dropout, section, "dropout")
    replace(&stack.residualInFloat32, section, "residual_in_float32")
    replace(&stack.separateProjections, section, "separate_projections")
    replace(&stack.plainBERT, section, "plain_bert")
    replace(&stack.geluInSteps, section, "gelu_in_steps")
    replace(&stack.softmaxKeepsInput, section, "softmax_keeps_input")
    replace(&stack.accumulatesInProduct, section, "accumulates_in_product")
    replace(&stack.blocksOnLaunch, section, "blocks_on_launch")
    replace(&stack.lossMetrics, section, "loss_metrics")
    replace(&stack.epilogues, section, "epilogues")
    if let generation = section.optional(
      "fused_attention", Reading<Sourced<Int>>.sourced(.count.checked("1, 2 or 3") { $0 <= 3 }))
    {
      stack.fusedAttention = FusedAttentionGeneration(rawValue: generation.value) ?? .second
    }
    replace(&stack.recomputationStopsEarly, section, "recomputation_stops_early")
    let kernels = Reading<[AttentionKernel]>.list(of: .enumeration(of: AttentionKernel.self))
      .checked("a list with at least one kernel") { !$0.isEmpty }
    stack.attention = section.sourced("attention", kernels).value
  }

  private static func models(_ section: Section, _ models: inout ModelHabits) {
    replace(&models.languageBiases, section, "language_biases")
    replace(&models.languagePositions, section, "language_positions")
    replace(&models.pipelineChunks, section, "pipeline_chunks")
  }

  private static func parallelism(_ section: Section, _ stack: inout SoftwareStack) {
    let stages = Reading<[Int]>.list(of: StrategySettings.stage)
      .checked("a list with at least one stage") { !$0.isEmpty }
    stack.zeroStages = section.sourced("zero_stages", stages).value
    stack.bucketElements = count(section, "bucket_elements")
    stack.buckets = count(section, "buckets")
    stack.gradientBucketCopy = flag(section, "gradient_bucket_copy")
    stack.overlapsReduction = flag(section, "overlaps_reduction")
    stack.liveParameterElements = count(section, "live_parameter_elements")
    replace(&stack.tensorParallel, section, "tensor_parallel")
    replace(&stack.pipelineParallel, section, "pipeline_parallel")
    replace(&stack.overlapsTensorReduction, section, "overlaps_tensor_reduction")
    replace(&stack.scattersStageMessages, section, "scatters_stage_messages")
    replace(&stack.flattensGradients, section, "flattens_gradients")
    replace(&stack.stageTensors, section, "stage_tensors")
    replace(&stack.spareMicroBatches, section, "spare_micro_batches")
    let gather = Reading<ContrastiveGather>.enumeration(of: ContrastiveGather.self)
    if let given = section.optional(
      "contrastive_gather", Reading<Sourced<ContrastiveGather>>.sourced(gather))
    {
      stack.contrastiveGather = given.value
    }
  }

  private static func memory(_ section: Section, _ stack: inout SoftwareStack) {
    stack.gradientsPersist = flag(section, "gradients_persist")
    replace(&stack.setsGradientsAside, section, "sets_gradients_aside")
    let readings = Reading<MemoryReading>.enumeration(of: MemoryReading.self)
    if let given = section.optional(
      "reported_reading", Reading<Sourced<MemoryReading>>.sourced(readings))
    {
      stack.reportedReading = given.value
    }
    let share = Reading<Double>.number.checked("at least 0 and below 1", standIn: 0) {
      $0 >= 0 && $0 < 1
    }
    stack.allocatorLoss = section.sourced("allocator_loss", share)
    let bytes = Reading<Int>.countFromZero.checked("at most 1e12") { $0 <= 1_000_000_000_000 }
    if let workspace = section.optional(
      "library_workspace_bytes", Reading<Sourced<Int>>.sourced(bytes))
    {
      stack.libraryWorkspace = Bytes(Double(workspace.value))
    }
  }

  private static func factors(_ section: Section, _ stack: inout SoftwareStack) {
    stack.elementwiseFactor = section.sourced("elementwise", .positiveNumber)
    stack.sharedElementwise = section.optional("elementwise_like", .id) ?? ""
    stack.misalignedScoresFactor = section.sourced("misaligned_scores", .positiveNumber)
    section.optionalSection("misaligned_scores_on") { classes in
      for architecture in Architecture.allCases where classes.has(architecture.rawValue) {
        stack.misalignedScoresByArchitecture[architecture] = classes.sourced(
          architecture.rawValue, .positiveNumber)
      }
    }
    if let factor = section.optional("host", Reading<Sourced<Double>>.sourced(.positiveNumber)) {
      stack.hostFactor = factor
    }
    let limit = section.sourced(
      WorkloadSettings.inputRateLimit.key, WorkloadSettings.inputRateLimit.reading)
    stack.inputRateLimit = limit.value.map { rate in
      Sourced(
        rate, low: limit.low ?? nil, high: limit.high ?? nil, origin: limit.origin,
        source: limit.source)
    }
  }

  // MARK: - Kinds of values

  private static func flag(_ section: Section, _ key: String) -> Bool {
    section.sourced(key, .bool).value
  }

  private static func count(_ section: Section, _ key: String) -> Int {
    section.sourced(
      key, Reading<Int>.countFromZero.checked("at most 1e12") { $0 <= 1_000_000_000_000 }
    ).value
  }

  /// `{low, typical, high, origin, source}`, read as a value with `typical` in its middle.
  private static func range(_ section: Section, _ key: String) -> Sourced<Range90> {
    let standIn = Sourced(Range90(exactly: 1), origin: .assumed)
    let reading = Reading<Sourced<Range90>>(
      standIn: standIn, example: "{low: 0.9, typical: 1, high: 1.2, origin: assumed, source: x}"
    ) { node, context in
      guard let entries = node.entries else {
        context.error(
          "'\(context.name)' is \(node.kind), not a range",
          help: "write {low: 0.9, typical: 1, high: 1.2}", at: node)
        return nil
      }
      // The middle carries origin and source; what is left are the two ends.
      let value = YAMLNode(
        content: .mapping(
          entries.map { entry in
            entry.key == "typical"
              ? YAMLNode.Entry(key: "value", keyLocation: entry.keyLocation, value: entry.value)
              : entry
          }), location: node.location)
      let sourced = Reading<Sourced<Double>>.sourced(.positiveNumber).read(value, context)
      guard let sourced else { return nil }
      guard let low = sourced.low, let high = sourced.high else {
        context.error(
          "'\(context.name)' has no \(sourced.low == nil ? "low" : "high") end",
          help: "write {low: 0.9, typical: 1, high: 1.2}", at: node)
        return nil
      }
      return Sourced(
        Range90(low: low, typical: sourced.value, high: high), origin: sourced.origin,
        source: sourced.source)
    }
    return section.required(key, reading)
  }

  /// A stack whose values are all still to be read.
  private static func empty(id: String, title: String) -> SoftwareStack {
    let one = Sourced(1.0, origin: .assumed)
    let range = Sourced(Range90(exactly: 1), origin: .assumed)
    return SoftwareStack(
      id: id, title: title, mixedState: .autocast, normInFloat32: false, softmaxInFloat32: false,
      headCopies: false, fusedScaleMaskSoftmax: false, fusedResidual: false,
      fusedActivation: false, attention: [.unfused], zeroStages: [0], bucketElements: 0,
      buckets: 0, gradientBucketCopy: false, overlapsReduction: false, liveParameterElements: 0,
      gradientsPersist: false, elementwiseFactor: one, misalignedScoresFactor: one,
      isEager: false, inputRateLimit: nil, allocatorLoss: one, timeRange: range,
      memoryRange: range, sources: [:])
  }
}
