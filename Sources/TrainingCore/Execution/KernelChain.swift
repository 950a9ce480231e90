public import Workloads

/// The kernels of one segment, timed one by one in the order and the memory in which a step runs
/// them: forward through so many layers, then backward.
///
/// A kernel by itself finds its operands either all in a cache or all in memory. Here it finds them
/// as in training: what the kernel before it has just written is near, what the forward kept is as
/// far away as the layers between make it. There is no loss, no data and no update: no step is run.
public final class KernelChain {
  /// Kernels of one family and size, timed together.
  public struct Timing: Sendable, Hashable {
    /// What ran.
    public var work: KernelWork
    /// Seconds of one call, the mean over all calls of a run through the chain.
    public var seconds: Double
    /// Calls.
    public var calls: Int
  }

  private let plan: SegmentPlan
  private let keep: Keep
  private let layers: Int
  private let core: ComputeCore
  private let data: PassData
  private var arena: Arena
  private var store: ParameterStore
  /// Inputs that nobody makes here, filled once, by owner.
  private var given: [Int: Region] = [:]
  /// Gradients that several applications add to, by owner.
  private var shared: [Int: Region] = [:]
  private let stretches: Stretches
  /// What is timed; stretches refer to it by position.
  private let works: [KernelWork]
  private var sums: [(seconds: Double, calls: Int)] = []
  private var swept: Floats?
  private let clock = ContinuousClock()

  /// Kernels that run together, each with the position of its work.
  private struct Stretches {
    var forward: [(turn: SegmentPlan.Turn, work: Int)]
    var again: [(turn: SegmentPlan.Turn, work: Int)]
    var backward: [(turn: SegmentPlan.Turn, work: Int)]
    /// Positions of what passes around the kernels of a forward and of a backward.
    var hosts: (forward: Int, backward: Int)
  }

  private struct Frame {
    var layer: Int
    var kept: [Int: Region]
    var borrowed: [Int: Region]
  }

  /// A chain of so many layers.
  ///
  /// - Parameters:
  ///   - segment: Spec, shape and style.
  ///   - need: Gradients that are wanted; with none there is no backward.
  ///   - keep: What the forward keeps for the backward.
  ///   - layers: How often the segment follows itself; 1 for what is no block.
  ///   - core: What runs the kernels.
  /// - Throws: `ExecutionError` where the core cannot run the segment.
  public init(
    _ segment: StepProgram.Segment, need: GradientNeed, keep: Keep, layers: Int, core: ComputeCore
  ) throws {
    var segment = segment
    segment.tower = 0
    let step = Step.forward(
      segment: 0, count: layers, keep: keep, need: need,
      blocks: segment.spec.isBlock ? BlockRange(group: 0, first: 0, of: layers) : nil, pass: 0)
    let program = StepProgram(
      towers: [StepProgram.Tower(name: Self.tower, parameters: 0, trainable: true)],
      segments: [segment], phases: [StepProgram.Phase(.imageForward, [step])],
      microBatch: segment.shape.samples)
    try ExecutionError.check(program)
    self.core = core
    self.keep = keep
    self.layers = segment.spec.isBlock ? layers : 1
    let plan = SegmentPlan(segment, need: need)
    self.plan = plan
    data = PassData(filling: segment)
    (stretches, works) = Self.stretches(plan, keep: keep, workers: core.workers.count)
    let layout = ParameterLayout(program)
    arena = Arena(capacity: nil)
    store = ParameterStore(layout, in: arena, hasMoments: false)
    // Twice: what is made once lies elsewhere in the first walk than in the later ones.
    walk()
    walk()
    arena = Arena(capacity: arena.extent)
    given = [:]
    shared = [:]
    store = ParameterStore(layout, in: arena, hasMoments: false)
    fill(store.values)
    walk()
  }

  private static let tower = "chain"

  /// Runs through the chain once: seconds by family and size.
  ///
  /// `host` entries say what passes around the kernels of one application. `sweeping` is memory that
  /// is read before the forward and before the backward, as the rest of a step would be: what lies
  /// farther away than the caches are large has left them.
  public func run(sweeping memory: Floats? = nil) -> [Timing] {
    sums = [(seconds: Double, calls: Int)](repeating: (0, 0), count: works.count)
    swept = memory
    walk()
    swept = nil
    return zip(works, sums).compactMap { work, sum in
      sum.calls == 0
        ? nil : Timing(work: work, seconds: sum.seconds / Double(sum.calls), calls: sum.calls)
    }
  }

  private static func stretches(
    _ plan: SegmentPlan, keep: Keep, workers: Int
  ) -> (Stretches, [KernelWork]) {
    var works: [KernelWork] = []
    var positions: [KernelWork: Int] = [:]
    func position(_ work: KernelWork) -> Int {
      if let known = positions[work] { return known }
      positions[work] = works.count
      works.append(work)
      return works.count - 1
    }
    func timed(_ turns: [SegmentPlan.Turn]) -> [(turn: SegmentPlan.Turn, work: Int)] {
      turns.map { turn in
        let work = KernelWork(turn.kernel, tensors: plan.tensors, workers: workers)
        return (turn, work.map(position) ?? -1)
      }
    }
    let forward = timed(plan.forward(keep))
    let again =
      switch keep {
      case .input: timed(plan.again)
      case .selective: timed(plan.core)
      case .all, .nothing: timed([])
      }
    let backward = keep == .nothing ? [] : timed(plan.backward)
    let hosts = (
      forward: position(.host(kernels: forward.count)),
      backward: position(.host(kernels: again.count + backward.count))
    )
    return (
      Stretches(forward: forward, again: again, backward: backward, hosts: hosts), works
    )
  }

  // MARK: Walk

  private func sweep() {
    if let swept { _ = core.gradientNorm(swept) }
  }

  private func walk() {
    store.beginStep()
    sweep()
    var frames: [Frame] = []
    var stream: Region?
    for layer in 0..<layers { frames += forward(layer, &stream) }
    if let stream { arena.release(stream) }
    var gradient: Region?
    if !frames.isEmpty { sweep() }
    for frame in frames.reversed() { backward(frame, &gradient) }
    if let gradient { arena.release(gradient) }
  }

  /// One application; the stream goes in and comes out.
  private func forward(_ layer: Int, _ stream: inout Region?) -> [Frame] {
    var regions: [Int: Region] = [:]
    var borrowed: [Int: Region] = [:]
    for (position, input) in plan.inputs.enumerated() {
      let owner = plan.owners[input.index]
      guard regions[owner] == nil else { continue }
      if position == 0, let previous = stream, previous.count == plan.tensors[owner].elements {
        regions[owner] = previous
        stream = nil
      } else {
        let region = given[owner] ?? allocateFilled(owner)
        given[owner] = region
        regions[owner] = region
        borrowed[owner] = region
      }
    }
    let begin = clock.now
    var runner = runner(layer: layer, regions: regions)
    let spent = run(stretches.forward, &runner, borrowed: borrowed)
    var kept: [Int: Region] = [:]
    for owner in plan.keptOwners(keep) where borrowed[owner] == nil {
      guard let region = runner.regions[owner] else { continue }
      arena.retain(region)
      kept[owner] = region
    }
    if let output = plan.outputs.first.map({ plan.owners[$0.index] }), borrowed[output] == nil,
      let region = runner.regions[output]
    {
      arena.retain(region)
      if let old = stream { arena.release(old) }
      stream = region
    }
    for (owner, region) in runner.regions where borrowed[owner] == nil { arena.release(region) }
    note(stretches.hosts.forward, clock.now - begin, beside: spent)
    return keep == .nothing ? [] : [Frame(layer: layer, kept: kept, borrowed: borrowed)]
  }

  /// The backward of an application; the gradient of its output goes in, that of its input out.
  private func backward(_ frame: Frame, _ gradient: inout Region?) {
    var borrowed = frame.borrowed
    var arrived: [Int: Region] = [:]
    for id in plan.arriving {
      let owner = plan.owners[id.index]
      guard frame.kept[owner] == nil, borrowed[owner] == nil, arrived[owner] == nil else {
        continue
      }
      if let region = gradient, region.count == plan.tensors[owner].elements {
        arrived[owner] = region
        gradient = nil
      } else {
        arrived[owner] = allocateFilled(owner)
      }
    }
    for id in plan.shared {
      let owner = plan.owners[id.index]
      let region = shared[owner] ?? allocateFilled(owner)
      shared[owner] = region
      borrowed[owner] = region
    }
    let begin = clock.now
    var runner = runner(
      layer: frame.layer,
      regions: frame.kept.merging(borrowed) { own, _ in own }.merging(arrived) { own, _ in own })
    var spent = run(stretches.again, &runner, borrowed: borrowed)
    spent += run(stretches.backward, &runner, borrowed: borrowed)
    if let owner = plan.leaving.first.map({ plan.owners[$0.index] }), borrowed[owner] == nil,
      let region = runner.regions[owner]
    {
      arena.retain(region)
      if let old = gradient { arena.release(old) }
      gradient = region
    }
    for (owner, region) in runner.regions where borrowed[owner] == nil { arena.release(region) }
    note(stretches.hosts.backward, clock.now - begin, beside: spent)
  }

  private func allocateFilled(_ owner: Int) -> Region {
    let region = arena.allocate(plan.tensors[owner].elements)
    fill(region)
    return region
  }

  /// Small numbers of both signs, none of them denormal.
  private static let pattern: Floats = Floats(
    (0..<4096).map { Float(($0 &* 2_654_435) % 4001 - 2000) / 20_000 + 1e-5 })

  private func fill(_ region: Region) {
    guard arena.isReal else { return }
    let floats = arena.floats(region)
    for start in stride(from: 0, to: region.count, by: Self.pattern.count) {
      let count = min(Self.pattern.count, region.count - start)
      floats.part(start, count).copy(Self.pattern.part(0, count))
    }
  }

  private func runner(layer: Int, regions: [Int: Region]) -> KernelRunner {
    KernelRunner(
      core: core, arena: arena, store: store, plan: plan,
      parameters: store.table(
        plan, tower: Self.tower, layer: plan.segment.spec.isBlock ? layer : nil),
      layer: layer, data: data, regions: regions)
  }

  /// Runs kernels and returns their seconds.
  private func run(
    _ turns: [(turn: SegmentPlan.Turn, work: Int)], _ runner: inout KernelRunner,
    borrowed: [Int: Region]
  ) -> Double {
    var all = 0.0
    for (turn, work) in turns {
      for owner in turn.allocates where runner.regions[owner] == nil {
        runner.regions[owner] = arena.allocate(plan.tensors[owner].elements)
      }
      if arena.isReal {
        let begin = clock.now
        runner.run(turn.kernel)
        let seconds = (clock.now - begin) / .seconds(1)
        all += seconds
        if work >= 0, !sums.isEmpty {
          sums[work].seconds += seconds
          sums[work].calls += 1
        }
      }
      for owner in turn.releases where borrowed[owner] == nil {
        if let region = runner.regions.removeValue(forKey: owner) { arena.release(region) }
      }
    }
    return all
  }

  private func note(_ host: Int, _ duration: Duration, beside kernels: Double) {
    guard arena.isReal, !sums.isEmpty else { return }
    sums[host].seconds += max(0, duration / .seconds(1) - kernels)
    sums[host].calls += 1
  }
}
