import Clusters
import Quantities
public import Strategies
public import Workloads

extension StepPricer {
  /// Takes a step apart; the same walk as pricing, with every kernel by name.
  ///
  /// `formulas`: whether every kernel's line says how its seconds were computed.
  public func trace(
    _ strategy: Strategy, calibration: CalibrationSettings, formulas: Bool = true
  ) -> StepTrace {
    let stages = stageWalks(strategy, calibration)
    let walks = stages.slowest
    let (book, _) = prepared(strategy, calibration, stage: walks.stage)
    let priced = priced(strategy, calibration: calibration)
    var trace = StepTrace()
    trace.factor = factor(strategy)
    trace.phases = priced.phases
    trace.modelFlops = priced.modelFlops
    trace.hardwareFlops = priced.hardwareFlops
    for term in TermTimes.Term.allCases {
      trace.seconds[term] = priced.times[term]
    }
    var writer = TraceWriter(
      book: book, program: walks.program,
      expressions: KernelExpressions(
        pricer: book.pricer, profile: cluster.profile, software: strategy.software,
        precision: strategy.precision),
      setting: StepSetting(strategy: strategy, cluster: cluster), formulas: formulas)
    for item in walks.items { writer.add(item) }
    trace.lines = writer.lines
    let fullest = stages.fullest
    let schedule = PipelineSchedule(strategy)
    trace.live =
      LiveBytes(
        fullest.items, program: fullest.program, prices: fullest.prices,
        state: fullest.assembly.state,
        inFlight: inFlight(strategy, schedule, stage: fullest.stage.index),
        stage: stageBytes(strategy, schedule, stage: fullest.stage.index),
        until: fullest.memory.item
      ).lines
    return trace
  }
}

/// Writes one line for each kind of kernel at each place.
private struct TraceWriter {
  let book: PriceBook
  let program: PreparedProgram
  let expressions: KernelExpressions
  let setting: StepSetting
  let formulas: Bool
  private(set) var lines: [StepTrace.Line] = []
  private var index: [Key: Int] = [:]
  private var analyses: [Int: SegmentAnalysis] = [:]

  private struct Key: Hashable {
    var phase: Int
    var tower: Int
    var role: StepTrace.Role
    var kernel: Kernel
    var segment: Int
    var times: TermTimes
  }

  init(
    book: PriceBook, program: PreparedProgram, expressions: KernelExpressions,
    setting: StepSetting, formulas: Bool
  ) {
    self.setting = setting
    self.book = book
    self.program = program
    self.expressions = expressions
    self.formulas = formulas
  }

  /// The kernels that `TimeWalk` counts for an item.
  mutating func add(_ item: StepItem) {
    let phase = program.phases[item.phase]
    let weight = Double(phase.repeats) / Double(phase.every)
    switch item.kind {
    case .forward, .backward:
      let analysis = analyses[item.price] ?? book.analysis(at: item.price)
      analyses[item.price] = analysis
      let calls = weight * Double(item.count)
      func add(_ kernels: [Kernel], _ role: StepTrace.Role) {
        for (index, kernel) in kernels.enumerated() {
          // A collective may hide behind the next kernel: the two are priced together.
          let pair = Array(kernels[index...].prefix(2))
          let pricer = expressions.pricer
          let next = pricer.price(Array(pair.dropFirst()), tensors: analysis.tensors)
          let own = pricer.price(kernel, tensors: analysis.tensors)
          let both = pricer.price(pair, tensors: analysis.tensors)
          let times = both == own + next ? own : both + -1 * next
          self.add(kernel, analysis, item, role, calls, times)
        }
      }
      if case .forward = item.kind {
        addHost(analysis.forward.count, item, weight: calls)
        if item.castsWeights { add(analysis.casts, .casts) }
        add(analysis.forward, .forward)
        return
      }
      add(analysis.backward, .backward)
      addHost(analysis.backward.count, item, weight: calls)
      addGradientSums(item, phase, calls: calls - Double(item.count) / Double(phase.every))
      switch item.keep {
      case .input:
        add(analysis.casts, .recomputation)
        add(
          expressions.pricer.recomputationStopsEarly ? analysis.neededForward : analysis.forward,
          .recomputation)
      case .selective: add(analysis.selectiveRecompute, .recomputation)
      case .all, .nothing: break
      }
    case .pass(let kernels, let family):
      let expression = expressions.pass(family, bytes: item.bytes, kernels: kernels)
      lines.append(
        StepTrace.Line(
          tower: "", phase: phase.name, position: item.phase, role: .pass,
          label: "element-wise pass", calls: weight, kernels: Double(kernels),
          term: .memoryBound, isOnScores: false, seconds: expression.value, idealSeconds: 0,
          flops: 0, bytes: item.bytes, expression: expression))
    case .hold(isInput: true):
      let laws = expressions.pricer.laws
      if let expression = laws?.expression(family: "images", bytes: 4 * item.bytes) {
        add("images", .pass, item, .memoryBound, expression, weight: 1)
      }
    case .collective, .update, .hold, .drop: break
    }
  }

  /// A line of something that is no kernel of a segment.
  private mutating func add(
    _ label: String, _ role: StepTrace.Role, _ item: StepItem, _ term: StepTrace.Term,
    _ expression: Expression, weight: Double
  ) {
    lines.append(
      StepTrace.Line(
        tower: "", phase: program.phases[item.phase].name, position: item.phase, role: role,
        label: label, calls: weight, term: term, isOnScores: false, seconds: expression.value,
        idealSeconds: 0, flops: 0, bytes: 0, expression: expression))
  }

  /// What passes around the kernels of an application, where that was measured.
  private mutating func addHost(_ kernels: Int, _ item: StepItem, weight: Double) {
    guard let expression = expressions.pricer.laws?.expression(.host(kernels: kernels)) else {
      return
    }
    add("around kernels", .pass, item, .launch, expression, weight: weight)
  }

  /// Gradients of later micro-batches, added to those that are there.
  private mutating func addGradientSums(
    _ item: StepItem, _ phase: PreparedProgram.Phase, calls: Double
  ) {
    let bytes = item.writtenGradients * setting.gradientAdditionBytes
    guard bytes > 0, phase.repeats > 1, setting.zeroStage < 2 else { return }
    let moved = Expression.counted("bytes of two gradients and their sum", bytes)
    let rate = Expression.counted(
      "bytes per second of element-wise passes", setting.elementwiseRate)
    let expression = moved / rate
    lines.append(
      StepTrace.Line(
        tower: program.towers[item.tower].name, phase: phase.name, position: item.phase,
        role: .backward, label: "sum of gradients", calls: calls, kernels: 0, term: .memoryBound,
        isOnScores: false, seconds: expression.value, idealSeconds: 0, flops: 0, bytes: bytes,
        expression: expression))
  }

  private mutating func add(
    _ kernel: Kernel, _ analysis: SegmentAnalysis, _ item: StepItem, _ role: StepTrace.Role,
    _ calls: Double, _ times: TermTimes
  ) {
    let key = Key(
      phase: item.phase, tower: item.tower, role: role, kernel: kernel, segment: item.price,
      times: times)
    if let known = index[key] {
      lines[known].calls += calls
      return
    }
    let term = TermTimes.Term.allCases.first { times[$0] != 0 } ?? .memoryBound
    var ideal = 0.0
    if case .gemm(let shape) = kernel.operation {
      let bytes = kernel.reads.first.map { analysis.tensors[$0.index].type.bytes } ?? 4
      let peak = expressions.pricer.products.peak
      ideal = (peak[bytes == 2 ? 2 : 4] ?? peak[4]).map { shape.flops / $0 } ?? 0
    }
    index[key] = lines.count
    lines.append(
      StepTrace.Line(
        tower: program.towers[item.tower].name, phase: program.phases[item.phase].name,
        position: item.phase, role: role, label: kernel.label, calls: calls,
        term: term, isOnScores: kernel.scoreColumns > 0, seconds: times.total, idealSeconds: ideal,
        flops: kernel.operation.hardwareFlops,
        bytes: (kernel.reads + kernel.writes).reduce(0.0) {
          $0 + Double(analysis.tensors[$1.index].bytes)
        },
        expression: formulas
          ? expressions.expression(kernel, tensors: analysis.tensors, seconds: times.total)
          : .constant(times.total)))
  }
}
