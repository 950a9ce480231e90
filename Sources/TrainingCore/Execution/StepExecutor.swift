public import Workloads

/// Runs step programs on this machine: forward, backward, attacks, losses.
///
/// It keeps to the program: a forward and a backward for every step, memory held and dropped where
/// the program says so, and nothing of its own. What differs between families is which value flows
/// into which pass (`Flow`), what differs between methods is the program.
public final class StepExecutor {
  /// Runs kernels; its trace may be switched between steps.
  public var core: ComputeCore
  /// Times every kernel; nil: nothing is timed.
  public var profile: KernelProfile?
  /// Numbers of the run.
  public var settings: ExecutionSettings
  /// gamma of the layer regulariser, moved by its controller.
  public var gamma: Float
  /// Weights of loss terms, moved by `loss-reweight`.
  public var termWeights: [Float] = [1, 1]

  let arena: Arena
  let store: ParameterStore
  var plans: [PlanKey: SegmentPlan] = [:]
  var rotaryTables: [RotaryKey: Floats] = [:]

  // What lives during one step.
  var program: StepProgram
  var batch = StepBatch()
  var step = 0
  var microBatch = 0
  var repetition = 0
  var state = StepState()
  var result = StepResult()
  /// Live bytes at the fullest instant of the program that memory was set aside for, all occasional
  /// phases included: counted by the allocator of a rehearsal that computes nothing.
  public private(set) var plannedPeakBytes = 0
  /// Programs that there is memory for.
  private var rehearsed: Set<StepProgram> = []
  /// Whether features are copied into the result.
  public var reportsFeatures = false
  /// Features of the classes that images are compared with, where no text runs.
  public var givenTextFeatures: [Float] = []
  /// Perturbations to start from instead of random ones, for comparisons with other programs.
  public var givenPerturbation: [Float]?

  struct PlanKey: Hashable {
    var segment: StepProgram.Segment
    var need: GradientNeed
  }

  struct RotaryKey: Hashable {
    var role: Pass.Role
    var headWidth: Int
    var tokens: Int
  }

  /// An executor for programs that need no more memory than `program` does at its fullest.
  ///
  /// - Parameters:
  ///   - program: The program with every phase that may ever run and every layer selected that may
  ///     ever be: it decides how much memory is set aside.
  ///   - core: What runs the kernels.
  ///   - settings: Numbers of the run.
  ///   - hasMoments: Whether an optimizer with two moments will be run.
  /// - Throws: `ExecutionError` where the core cannot run the program.
  public init(
    _ program: StepProgram, core: ComputeCore, settings: ExecutionSettings = ExecutionSettings(),
    hasMoments: Bool = true
  ) throws {
    try ExecutionError.check(program)
    let layout = ParameterLayout(program)
    let planning = Arena(capacity: nil)
    let planner = StepExecutor(
      program, core: core, settings: settings, arena: planning, layout: layout,
      hasMoments: hasMoments)
    planner.rehearse()
    self.program = program
    self.core = core
    self.settings = settings
    gamma = settings.gamma
    arena = Arena(capacity: planning.extent)
    store = ParameterStore(layout, in: arena, hasMoments: hasMoments)
    plans = planner.plans
    plannedPeakBytes = planning.peakBytes
    rehearsed = [program]
  }

  private init(
    _ program: StepProgram, core: ComputeCore, settings: ExecutionSettings, arena: Arena,
    layout: ParameterLayout, hasMoments: Bool
  ) {
    self.program = program
    self.core = core
    self.settings = settings
    gamma = settings.gamma
    self.arena = arena
    store = ParameterStore(layout, in: arena, hasMoments: hasMoments)
  }

  // MARK: Parameters and memory

  /// Where every parameter lies.
  public var layout: ParameterLayout { store.layout }

  /// The values of a parameter.
  ///
  /// - Precondition: the layout has it.
  public func values(of name: String) -> Floats { store.value(position(name)) }

  /// The gradient of a parameter after a step.
  public func gradient(of name: String) -> Floats { store.gradient(position(name)) }

  private func position(_ name: String) -> Int {
    guard let position = layout.position(of: name) else {
      preconditionFailure("no parameter '\(name)'")
    }
    return position
  }

  /// All parameters, in the order of the layout.
  public var allValues: Floats { arena.floats(store.values) }
  /// All gradients, of the trained parameters.
  public var allGradients: Floats { arena.floats(store.gradients) }
  /// Both moments of the trained parameters, where there are any.
  public var allMoments: (first: Floats, second: Floats)? {
    store.moments.map { (arena.floats($0.first), arena.floats($0.second)) }
  }

  /// The most bytes that were live at once since the last reset, padding left out.
  public var peakBytes: Int { arena.peakBytes }
  /// Bytes that are live now: between steps, those of the state.
  public var liveBytes: Int { arena.liveBytes }
  /// Bytes of parameters, gradients and moments.
  public var stateBytes: Int {
    let trained = layout.trainedCount * (store.moments == nil ? 1 : 3)
    return (layout.count + trained) * MemoryLayout<Float>.stride
  }
  /// Bytes of the arena itself, gaps between regions included.
  public var arenaBytes: Int { arena.extent * MemoryLayout<Float>.stride }
  /// Bytes that the system has set aside for the arena.
  public var mappedBytes: Int { arena.capacity * MemoryLayout<Float>.stride }
  /// Starts to look for a new peak.
  public func resetPeak() { arena.resetPeak() }

  // MARK: Running

  /// Runs everything of a step but the parameter update; gradients are complete afterwards.
  ///
  /// - Parameters:
  ///   - program: A program of the same parameters; nil: the one of the last step.
  ///   - batch: The samples.
  ///   - number: The step's number, from 0: decides which occasional phases run, and all that is
  ///     random.
  /// - Returns: Losses and comparison measures.
  public func run(_ program: StepProgram? = nil, batch: StepBatch, number: Int) -> StepResult {
    if let program, program != self.program {
      self.program = program
      makeRoom()
    }
    self.batch = batch
    result = StepResult()
    store.beginStep()
    walk(number: number, includingAll: false)
    store.finishGradients()
    return result
  }

  /// Runs through a step in a planning arena, with and without the phases that are not in every step.
  private func rehearse() {
    walk(number: 0, includingAll: true)
    walk(number: 1, includingAll: false)
  }

  /// Memory for a program that was not known when the arena was made; nothing moves.
  private func makeRoom() {
    guard rehearsed.insert(program).inserted else { return }
    let planning = Arena(capacity: nil)
    let planner = StepExecutor(
      program, core: core, settings: settings, arena: planning, layout: layout,
      hasMoments: store.moments != nil)
    planner.plans = plans
    planner.rehearse()
    plans = planner.plans
    plannedPeakBytes = max(plannedPeakBytes, planning.peakBytes)
    arena.grow(to: planning.extent)
  }

  func walk(number: Int, includingAll: Bool) {
    step = number
    state = StepState(program)
    microBatch = 0
    for run in program.runs(ofStep: number, including: includingAll ? { _ in true } : nil) {
      if run.microBatch != microBatch {
        microBatch = run.microBatch
        loadImages()
      }
      repetition = run.repetition
      let phase = program.phases[run.phase]
      for step in phase.steps { execute(step, advancing: phase.advances ? run.repetition : 0) }
    }
    releaseEverything()
  }

  private func execute(_ step: Step, advancing layers: Int) {
    switch step {
    case .forward(let segment, let count, let keep, let need, let blocks, let pass):
      for application in 0..<count {
        forward(
          segment, keep: keep, need: need,
          layer: blocks.map { $0.layer + application + layers }, pass: pass)
      }
    case .backward(let segment, let count, let keep, let need, let blocks, _, let pass):
      for application in (0..<count).reversed() {
        backward(
          segment, keep: keep, need: need, layer: blocks.map { $0.layer + application },
          pass: pass)
      }
    case .hold(let buffer): hold(buffer)
    case .drop(let buffer): drop(buffer)
    case .pass(let pass): perform(pass)
    case .collective, .update: break
    }
  }

  func plan(_ segment: Int, _ need: GradientNeed) -> SegmentPlan {
    let key = PlanKey(segment: program.segments[segment], need: need)
    if let known = plans[key] { return known }
    let plan = SegmentPlan(key.segment, need: need)
    plans[key] = plan
    return plan
  }

  /// A new region for a value that a pass hands on.
  func copyOfHost(_ values: [Float]) -> Region {
    let region = arena.allocate(values.count)
    if arena.isReal { arena.floats(region).assign(values) }
    return region
  }
}
