public import Workloads

/// One segment by itself, forward and backward on given values: what tests of gradients need.
///
/// It runs the kernels that a step would run, with memory for as long as a step would hold it: what
/// a backward reads is what `keep` keeps, and memory begins as NaN.
public final class SegmentRun {
  /// What went in and what came out.
  public struct Gradients: Sendable {
    /// The outputs of the forward, in the graph's order.
    public var outputs: [[Float]]
    /// The gradients of inputs by position, of those that the need asks for.
    public var inputs: [Int: [Float]]
    /// The gradients of parameters by the names of their tensors.
    public var parameters: [String: [Float]]
  }

  private let core: ComputeCore
  private let plan: SegmentPlan
  private let keep: Keep
  private let arena: Arena
  private let store: ParameterStore
  private let table: [Int: Int]

  /// A segment with room for all of its tensors at once.
  ///
  /// - Parameters:
  ///   - segment: Spec, shape and style; its tower is of no concern.
  ///   - need: Gradients that are wanted.
  ///   - keep: What the forward keeps for the backward.
  ///   - core: What runs the kernels.
  /// - Throws: `ExecutionError` where the core cannot run the segment.
  public init(
    _ segment: StepProgram.Segment, need: GradientNeed = .all, keep: Keep = .all,
    core: ComputeCore
  ) throws {
    var segment = segment
    segment.tower = 0
    let graph = segment.spec.graph(segment.shape, style: segment.style)
    var tower = StepProgram.Tower(
      name: Self.tower, parameters: graph.parameterElements, trainable: true)
    tower.trained = graph.trainedElements
    let steps: [Step] = [
      .forward(segment: 0, count: 1, keep: keep, need: need, blocks: nil, pass: 0),
      .backward(
        segment: 0, count: 1, keep: keep, need: need, blocks: nil, synchronises: false, pass: 0),
    ]
    let program = StepProgram(
      towers: [tower], segments: [segment],
      phases: [StepProgram.Phase(.imageForward, steps)], microBatch: segment.shape.samples,
      accumulation: 1)
    try ExecutionError.check(program)
    self.core = core
    self.keep = keep
    plan = SegmentPlan(segment, need: need)
    let layout = ParameterLayout(program)
    arena = Arena(
      capacity: 2 * (layout.count + plan.tensors.reduce(0) { $0 + $1.elements + Arena.grain }))
    store = ParameterStore(layout, in: arena, hasMoments: false)
    table = store.table(plan, tower: Self.tower, layer: nil)
  }

  private static let tower = "segment"

  /// Runs both passes.
  ///
  /// - Parameters:
  ///   - inputs: Values of every input, of columns of another tensor the columns alone.
  ///   - parameters: Values of every parameter by the name of its tensor.
  ///   - outputGradients: Gradients of every output.
  ///   - data: What kernels read besides tensors.
  /// - Returns: Outputs and gradients.
  public func callAsFunction(
    inputs: [[Float]], parameters: [String: [Float]], outputGradients: [[Float]],
    data: PassData
  ) -> Gradients {
    store.beginStep()
    for tensor in plan.tensors where tensor.role == .parameter {
      guard let values = parameters[tensor.name], let position = position(of: tensor.name) else {
        preconditionFailure("no values for '\(tensor.name)'")
      }
      store.value(position).assign(values)
    }
    var runner = KernelRunner(
      core: core, arena: arena, store: store, plan: plan, parameters: table, layer: 0, data: data,
      regions: [:])
    for (id, values) in zip(plan.inputs, inputs) { assign(values, to: id, &runner) }
    let given = Set(runner.regions.keys)
    run(plan.forward(keep), &runner, given: given)
    let outputs = plan.outputs.map { read($0, runner) }
    let kept = plan.keptOwners(keep).union(given.subtracting(stream))
    for (owner, region) in runner.regions where !kept.contains(owner) {
      arena.release(region)
      runner.regions[owner] = nil
    }
    for (id, output) in zip(plan.arriving, plan.arrivingOutputs) {
      assign(outputGradients[output], to: id, &runner)
    }
    for id in plan.shared {
      assign([Float](repeating: 0, count: plan.tensors[id.index].elements), to: id, &runner)
    }
    if keep == .input { run(plan.again, &runner, given: given) }
    if keep == .selective { run(plan.core, &runner, given: given) }
    run(plan.backward, &runner, given: given.union(plan.shared.map(\.index)))
    return gradients(runner, outputs: outputs)
  }

  private func gradients(_ runner: KernelRunner, outputs: [[Float]]) -> Gradients {
    var result = Gradients(outputs: outputs, inputs: [:], parameters: [:])
    for (id, input) in zip(plan.leaving, plan.leavingInputs) {
      result.inputs[input] = read(id, runner)
    }
    for (id, input) in zip(plan.shared, plan.sharedInputs) {
      result.inputs[input] = read(id, runner)
    }
    store.finishGradients()
    if plan.need.weights {
      for tensor in plan.tensors where tensor.role == .parameter {
        guard let position = position(of: tensor.name), store.layout.entries[position].isTrained
        else { continue }
        result.parameters[tensor.name] = store.gradient(position).values
      }
    }
    for region in runner.regions.values { arena.release(region) }
    return result
  }

  /// Owner of the first input, where it is a value of the step and not something that stays.
  private var stream: Set<Int> {
    Set(
      plan.inputs.prefix(1).map { plan.owners[$0.index] }
        .filter { plan.tensors[$0].role == .activation })
  }

  private func position(of tensor: String) -> Int? {
    store.layout.position(
      of: ParameterNames.name(tensor, of: plan.segment, tower: Self.tower, layer: nil))
  }

  // MARK: Memory

  private func assign(_ values: [Float], to id: TensorID, _ runner: inout KernelRunner) {
    let owner = plan.owners[id.index]
    if runner.regions[owner] == nil { runner.regions[owner] = allocate(owner) }
    guard let view = plan.tensors[id.index].view else {
      runner.floats(id).assign(values)
      return
    }
    let whole = runner.floats(view.of)
    for (index, value) in values.enumerated() {
      let (row, column) = (index / view.columns, index % view.columns)
      whole[row * view.width + view.first + column] = value
    }
  }

  private func read(_ id: TensorID, _ runner: KernelRunner) -> [Float] {
    guard let view = plan.tensors[id.index].view else { return runner.floats(id).values }
    let whole = runner.floats(view.of).values
    return stride(from: view.first, to: whole.count, by: view.width).flatMap {
      whole[$0..<$0 + view.columns]
    }
  }

  private func allocate(_ owner: Int) -> Region {
    let region = arena.allocate(plan.tensors[owner].elements)
    arena.floats(region).fill(.nan)
    return region
  }

  private func run(
    _ turns: [SegmentPlan.Turn], _ runner: inout KernelRunner, given: Set<Int>
  ) {
    for turn in turns {
      for owner in turn.allocates where runner.regions[owner] == nil {
        runner.regions[owner] = allocate(owner)
      }
      runner.run(turn.kernel)
      for owner in turn.releases where !given.contains(owner) {
        if let region = runner.regions.removeValue(forKey: owner) { arena.release(region) }
      }
    }
  }
}
