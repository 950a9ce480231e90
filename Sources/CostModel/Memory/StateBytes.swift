import Quantities
import Strategies
import Workloads

/// Bytes per device that stay from step to step, by precision, stack, optimizer and ZeRO stage.
///
/// | layout | weights | gradients | optimizer |
/// |---|---|---|---|
/// | fp32, tf32 | 4 | 4 | 4 per moment |
/// | mixed, autocast | 4 + 2 (cast cache) | 4 | 4 per moment |
/// | mixed, master copy | 2 | 2, or 4 where the stack adds up in fp32 | 4 (master) + 4 per moment |
/// | pure bf16, fp16 | 2 | 2 | 2 per moment |
/// | the same, fp32 shards kept | 2 | 2 | 4 (master) + 4 per moment |
///
/// ZeRO (Rajbhandari et al., arXiv 1910.02054) divides the optimizer's part from stage 1 on, the
/// gradients from stage 2 on, the weights in stage 3 by the number of ranks; what is gathered for
/// use and the buckets are constants of the stack, not a share of the model.
struct StateBytes: Sendable {
  var weights = 0.0
  var frozen = 0.0
  /// Gradients once all of them exist.
  var gradients = 0.0
  var optimizer = 0.0
  var communication = 0.0
  /// Gradients of earlier micro-batches that wait while a backward runs.
  var setAside = 0.0
  /// What the update alone needs.
  var update = 0.0
  /// Bytes of gradient per element that grow during the backward; 0 where they always exist.
  var growingGradientBytes = 0.0

  /// The state of a program's towers under a strategy.
  ///
  /// `factored`: elements that a factored optimizer keeps instead of full moments.
  init(towers: [StepProgram.Tower], factored: Double, strategy: Strategy, optimizer rule: Optimizer)
  {
    let software = strategy.software
    let precision = strategy.precision
    let ranks = Double(strategy.dataParallel)
    let style = software.style(precision: precision, attention: .unfused)
    let isMaster = software.keepsMaster(precision)
    let isAutocast = precision.isMixed && !isMaster
    let trained = towers.reduce(0.0) { $0 + Double($1.trained) }
    let untrained = towers.reduce(0.0) { $0 + Double($1.frozen) }
    // The frozen part of a tower that is partly trained is stored as the rest of it.
    let beside = towers.reduce(0.0) { $0 + ($1.trainable ? Double($1.frozen) : 0) }
    let stored = Double(style.weights.bytes)
    let gradient = Double(software.gradientBytes(precision))
    let moment = Double(software.momentBytes(precision))

    var perWeight = stored
    if isAutocast { perWeight += Double(style.compute.bytes) }
    let shardsWeights = strategy.zeroStage >= 3
    weights = trained * perWeight / (shardsWeights ? ranks : 1)
    let frozenBytes = software.frozenInCompute ? Double(style.compute.bytes) : stored
    frozen =
      ((untrained - beside) * frozenBytes + beside * stored) / (shardsWeights ? ranks : 1)

    let full = Double(rule.fullMoments) * moment * trained
    let rows = rule.isFactored ? moment * factored : 0
    let master = isMaster ? 4 * trained : 0
    optimizer = (full + rows + master) / (strategy.zeroStage >= 1 ? ranks : 1)

    let shardsGradients = strategy.zeroStage >= 2
    gradients = trained * gradient / (shardsGradients ? ranks : 1)
    let isSetAside =
      software.setsGradientsAside && !shardsGradients && strategy.accumulation > 1
    if isSetAside { setAside = trained * gradient }
    // What is set aside leaves room: the backward makes all gradients anew.
    let grows =
      !shardsGradients
      && (isSetAside || (!software.gradientsPersist && strategy.accumulation == 1))
    growingGradientBytes = grows ? gradient : 0

    if software.flattensGradients, precision.isMixed {
      communication = trained * gradient
      // Its fp32 copies: of this rank's part, or one by one and then flat where nothing is sharded.
      update = strategy.zeroStage >= 1 ? 4 * trained / ranks : 8 * trained
    }
    guard strategy.dataParallel > 1 else { return }
    let bucket = min(trained, Double(software.bucketElements))
    communication += bucket * gradient * Double(software.buckets)
    if software.gradientBucketCopy, strategy.zeroStage == 0 { communication += trained * gradient }
    if shardsWeights {
      communication +=
        min(trained + untrained, Double(software.liveParameterElements))
        * Double(style.compute.bytes)
    }
  }
}
