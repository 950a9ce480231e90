import Clusters
import Quantities
import Strategies
import Workloads

extension FigureWriter {
  /// Memory per device by part, its readings and its interval.
  mutating func memory() {
    func part(_ name: String, _ meaning: String, _ expression: Expression) -> Expression {
      book.add("memory.\(name)_bytes", "B", meaning, expression)
    }
    states()
    let activations = part(
      "activations", "kept activations and the running block, at the fullest instant",
      live(isLoss: false))
    _ = part("loss", "features, logits and their gradients then", live(isLoss: true))
    _ = part("workspace", "workspace of libraries", workspace)
    _ = part(
      "reserve", "what the allocator holds without using it",
      .input("software:memory.allocator_loss", software.allocatorLoss.value)
        * activations)
    _ = part(
      "context", "the driver's context",
      hardware("accelerator.memory_context", profile.accelerator.memoryContext))
    let names = estimate.memory.parts.map { "memory.\($0.name)_bytes" }
    let allocated = book.add(
      "memory.readings.allocated_bytes", "B", "as torch counts what it has handed out",
      .sum(names.filter { !$0.contains("reserve") && !$0.contains("context") }.map(figure)))
    let reserved = book.add(
      "memory.readings.reserved_bytes", "B", "as torch counts what it holds",
      allocated + figure("memory.reserve_bytes"))
    let peak = book.add(
      "memory.peak_bytes", "B", "the device's reading at the fullest instant",
      .sum(names.map(figure)))
    book.add(
      "memory.readings.device_bytes", "B", "as the driver reads",
      reserved + figure("memory.context_bytes"))
    peakInterval(peak)
    book.add(
      "memory.capacity_bytes", "B", "memory that the driver reports",
      hardware("accelerator.memory", profile.accelerator.memory))
    host()
    if let largest = estimate.maxMicroBatch {
      book.add(
        "max_micro_batch", "", "largest micro-batch whose peak stays below the capacity",
        .counted("bisection over the memory model", Double(largest)))
    }
  }

  /// `StateBytes` as expressions.
  private mutating func states() {
    let style = software.style(precision: strategy.precision, attention: .unfused)
    let ranks = figure("strategy.data_parallel")
    func sharded(_ expression: Expression, from stage: Int) -> Expression {
      strategy.zeroStage >= stage ? expression / ranks : expression
    }
    let trained = figure("memory.trainable_parameters")
    let isMaster = software.keepsMaster(strategy.precision)
    let isAutocast = strategy.precision.isMixed && !isMaster
    let stored = Double(style.weights.bytes)
    let compute = Double(style.compute.bytes)
    let gradient = Expression.counted(
      "bytes per gradient", Double(software.gradientBytes(strategy.precision)))
    let moment = Double(software.momentBytes(strategy.precision))
    func part(_ name: String, _ meaning: String, _ expression: Expression) {
      book.add("memory.\(name)_bytes", "B", meaning, expression)
    }
    part(
      "parameters", "trained weights in every copy that kernels read",
      sharded(
        trained * .counted("bytes per weight", stored + (isAutocast ? compute : 0)), from: 3))
    part(
      "frozen_parameters", "weights that are not trained",
      sharded(frozenWeights(stored: stored, compute: compute), from: 3))
    part("gradients", "gradients at the fullest instant", gradients(trained, gradient, sharded))
    var perParameter = Double(workload.optimizer.fullMoments) * moment
    if isMaster { perParameter += 4 }
    var optimizer = trained * .counted("bytes of moments and master copy", perParameter)
    if workload.optimizer.isFactored {
      optimizer =
        optimizer
        + .constant(moment)
        * .counted(
          "rows and columns of matrices",
          pricer.factoredElements(calibration)
            / Double(strategy.tensorParallel * strategy.pipelineParallel))
    }
    part("optimizer", "optimizer states, master weights included", sharded(optimizer, from: 1))
    part("communication", "buckets and gathered weights", communication(trained, gradient))
  }

  private func gradients(
    _ trained: Expression, _ gradient: Expression, _ sharded: (Expression, Int) -> Expression
  ) -> Expression {
    let all = sharded(trained * gradient, 2)
    let bytes = estimate.memory.gradients.value
    // Those that grow during the backward are only partly there at the fullest instant.
    return (all.value - bytes).magnitude <= 1e-9 * all.value
      ? all : .counted("gradients that exist at the fullest instant", bytes)
  }

  private func communication(_ trained: Expression, _ gradient: Expression) -> Expression {
    let flat: Expression =
      software.flattensGradients && strategy.precision.isMixed ? trained * gradient : 0
    guard strategy.dataParallel > 1 else { return flat }
    let style = software.style(precision: strategy.precision, attention: .unfused)
    func stack(_ key: String, _ value: Int) -> Expression {
      .input("software:parallelism.\(key)", Double(value))
    }
    var bytes =
      flat + .minimum([trained, stack("bucket_elements", software.bucketElements)]) * gradient
      * stack("buckets", software.buckets)
    if software.gradientBucketCopy, strategy.zeroStage == 0 { bytes = bytes + trained * gradient }
    if strategy.zeroStage >= 3 {
      bytes =
        bytes
        + .minimum([
          trained + .counted("parameters that are not trained", Double(untrained)),
          stack("live_parameter_elements", software.liveParameterElements),
        ]) * .counted("bytes per gathered weight", Double(style.compute.bytes))
    }
    return bytes
  }

  /// The frozen part of a tower that is partly trained is stored as the rest of it.
  private func frozenWeights(stored: Double, compute: Double) -> Expression {
    let towers = stages.fullest.program.towers
    let beside = towers.reduce(0) { $0 + ($1.trainable ? $1.frozen : 0) }
    let whole =
      .counted("parameters of towers that are not trained", Double(untrained - beside))
      * .counted("bytes per frozen weight", software.frozenInCompute ? compute : stored)
    guard beside > 0 else { return whole }
    let part =
      .counted("frozen parameters of towers that are partly trained", Double(beside))
      * Expression.counted("bytes per weight", stored)
    return untrained > beside ? whole + part : part
  }

  private var untrained: Int {
    stages.fullest.program.towers.reduce(0) { $0 + $1.frozen }
  }

  private func live(isLoss: Bool) -> Expression {
    let lines = trace.live.filter { $0.isLoss == isLoss }
    guard !lines.isEmpty else { return 0 }
    return .sum(
      lines.map {
        $0.count == 1
          ? .counted($0.what, $0.each)
          : .constant($0.count)
            * .counted($0.what, $0.each)
      })
  }

  private var workspace: Expression {
    .input("software:memory.library_workspace_bytes", software.libraryWorkspace.value)
  }

  private mutating func peakInterval(_ peak: Expression) {
    let range = software.memoryRange.value
    let middle = Expression.input("software:ranges.memory.typical", range.typical)
    let held = figure("memory.readings.reserved_bytes")
    book.add("memory.peak_interval_bytes.typical", "B", "the device's reading", peak)
    for isLow in [true, false] {
      let name = isLow ? "low" : "high"
      let end = Expression.input(
        "software:ranges.memory.\(name)", isLow ? range.low : range.high)
      let reading =
        held * (end / middle)
        + hardware("accelerator.memory_context", profile.accelerator.memoryContext, isLow: isLow)
      book.add(
        "memory.peak_interval_bytes.\(name)", "B",
        "the device's reading, \(isLow ? 5 : 95) % quantile: all but the context is uncertain",
        isLow ? .minimum([peak, reading]) : .maximum([peak, reading]))
    }
  }

  private mutating func host() {
    let images = Double(strategy.microBatch) * Double(workload.model.imageElements) * 4
    let parameters = stages.fullest.program.towers.reduce(0.0) {
      $0 + Double($1.parameters)
    }
    book.add(
      "memory.host.needed_bytes", "B", "every local rank's first weights and two batches",
      .counted("ranks of a node", Double(cluster.acceleratorsPerNode))
        * (.counted("parameters", parameters) * 4 + 2 * .counted("bytes of a batch", images)))
    book.add(
      "memory.host.capacity_bytes", "B", "memory of a node",
      hardware("node.host_memory", profile.node.hostMemory))
  }
}
