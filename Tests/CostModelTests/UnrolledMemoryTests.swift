import Clusters
import CostModel
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

/// The walk over repeat counts against every tensor of every block, allocated and freed one by one.
struct UnrolledMemoryTests {
  /// A step without shortcuts: each application of a segment runs its kernels, each kernel
  /// allocates what it writes, each tensor is freed after its last reader.
  private struct Simulation {
    let program: StepProgram
    private var stash: [Int: [[TensorID: Int]]] = [:]
    private var held: [String: [Int]] = [:]
    /// Bytes of everything that outlives a kernel sequence.
    private(set) var live = 0
    private(set) var peak = 0

    init(_ program: StepProgram) {
      self.program = program
    }

    mutating func run() {
      var seen: Set<Int> = []
      for turn in program.runs(including: { _ in true }) {
        let isFirst = seen.insert(turn.phase).inserted
        for step in program.phases[turn.phase].steps { run(step, isFirst: isFirst) }
      }
    }

    private mutating func run(_ step: Step, isFirst: Bool) {
      switch step {
      case .forward(let segment, let count, let keep, let need, _, _):
        for _ in 0..<count { forward(segment, keep, need) }
      case .backward(let segment, let count, let keep, let need, _, _, _):
        for _ in 0..<count { backward(segment, keep, need) }
      case .hold(let buffer):
        held[buffer.name, default: []].append(buffer.bytes)
        live += buffer.bytes
        peak = max(peak, live)
      case .drop(let buffer):
        live -= held[buffer.name]?.popLast() ?? 0
      case .collective, .pass, .update: peak = max(peak, live)
      }
    }

    private func analysed(
      _ index: Int, _ need: GradientNeed
    ) -> (graph: Graph, back: BackwardGraph, core: [Kernel]) {
      let segment = program.segments[index]
      let graph = segment.spec.graph(segment.shape, style: segment.style)
      let type = segment.style.gradients
      let analysis = SegmentAnalysis(graph: graph, need: need, gradientType: type)
      return (graph, graph.backward(need, gradientType: type), analysis.selectiveRecompute)
    }

    /// Runs kernels beside `live`; tensors in `keeping` survive.
    private mutating func execute(
      _ kernels: [Kernel], _ tensors: [Tensor], on start: [TensorID: Int],
      keeping: Set<TensorID>
    ) -> [TensorID: Int] {
      var alive = start
      peak = max(peak, live + alive.values.reduce(0, +))
      for (position, kernel) in kernels.enumerated() {
        for id in kernel.writes where tensors[id.index].role == .activation {
          alive[id] = tensors[id.index].bytes
        }
        peak = max(peak, live + alive.values.reduce(0, +))
        for id in kernel.reads + kernel.touches + kernel.writes where !keeping.contains(id) {
          let isReadLater = kernels.dropFirst(position + 1).contains {
            $0.reads.contains(id) || $0.touches.contains(id)
          }
          if !isReadLater { alive[id] = nil }
        }
      }
      return alive
    }

    private func sizes(_ ids: some Sequence<TensorID>, _ tensors: [Tensor]) -> [TensorID: Int] {
      var result: [TensorID: Int] = [:]
      for id in ids where tensors[id.index].role == .activation {
        result[id] = tensors[id.index].bytes
      }
      return result
    }

    private mutating func forward(_ index: Int, _ keep: Keep, _ need: GradientNeed) {
      let (graph, back, core) = analysed(index, need)
      let input = Set(graph.inputs.prefix(1))
      let all = back.kept.subtracting(graph.inputs.dropFirst())
      let saved: Set<TensorID> =
        switch keep {
        case .nothing: []
        case .all: all
        case .selective: all.subtracting(core.flatMap(\.writes))
        case .input: input
        }
      // What is recomputed runs without a graph at first: nothing but what is saved outlives it.
      _ = execute(
        graph.forwardKernels, graph.tensors, on: sizes(input, graph.tensors),
        keeping: saved.union(graph.outputs))
      guard keep != .nothing else { return }
      let kept = sizes(saved, graph.tensors)
      stash[index, default: []].append(kept)
      live += kept.values.reduce(0, +)
    }

    private mutating func backward(_ index: Int, _ keep: Keep, _ need: GradientNeed) {
      let (graph, back, core) = analysed(index, need)
      var mine = stash[index]?.popLast() ?? [:]
      live -= mine.values.reduce(0, +)
      mine.merge(sizes(back.arriving, back.tensors)) { first, _ in first }
      let kept = back.kept.subtracting(graph.inputs.dropFirst())
      let arriving = Set(back.arriving)
      if keep == .selective {
        mine = execute(core, back.tensors, on: mine, keeping: Set(mine.keys).union(kept))
      } else if keep == .input {
        mine = execute(graph.forwardKernels, back.tensors, on: mine, keeping: kept.union(arriving))
      }
      _ = execute(back.kernels, back.tensors, on: mine, keeping: Set(back.leaving))
    }
  }

  private static func mixed(_ full: Int, _ selective: Int) -> RecomputationPlan {
    RecomputationPlan(.perBlock([.init(full: full, selective: selective)]))
  }

  static let plans: [RecomputationPlan] = [.none, .selective, .full, mixed(2, 1), mixed(1, 3)]

  private func check(
    _ plan: RecomputationPlan, _ method: CalibrationMethod, accumulation: Int,
    software: SoftwareStack, attention: AttentionKernel, microBatch: Int = 24
  ) {
    // Live bytes alone: what an allocator loses weighs on the choice of the fullest instant.
    var software = software
    software.allocatorLoss = Sourced(0, origin: .assumed)
    let strategy = SampleSetups.strategy(
      microBatch: microBatch, ranks: 4, recomputation: plan, attention: attention,
      accumulation: accumulation, software: software)
    var settings = CalibrationSettings(method: method)
    settings.refreshSteps = 1
    let workload = SampleSetups.workload(
      SampleModels.tiny, globalBatch: strategy.globalBatch, calibration: settings)
    let program = workload.model.stepProgram(strategy.programOptions(for: workload))
    var simulation = Simulation(program)
    simulation.run()
    #expect(simulation.live == 0)
    let estimate = Estimator(
      scenario: "unrolled", workload: workload,
      cluster: Cluster(profile: SampleHardware.a100(memoryGiB: 40), accelerators: 4)
    ).estimate(strategy, complete: false)
    let walked = estimate.memory.activations.value + estimate.memory.loss.value
    #expect(
      abs(walked - Double(simulation.peak)) < 1,
      "\(plan) \(method) accumulation \(accumulation) \(attention): \(walked) \(simulation.peak)")
  }

  @Test(arguments: plans, [CalibrationMethod.none, .lsaITC, .lsaITCSequential])
  func oneMicroBatch(plan: RecomputationPlan, method: CalibrationMethod) {
    var stack = SampleSetups.masterCopyStack
    stack.gradientsPersist = true
    for software in [stack, SampleSetups.autocastStack] {
      for attention in [AttentionKernel.flash, .unfused] {
        check(plan, method, accumulation: 1, software: software, attention: attention)
      }
    }
  }

  @Test(arguments: plans, [CalibrationMethod.none, .lsaITC, .lsaITCSequential])
  func cachedFeatures(plan: RecomputationPlan, method: CalibrationMethod) {
    for attention in [AttentionKernel.flash, .unfused] {
      check(
        plan, method, accumulation: 3, software: SampleSetups.autocastStack, attention: attention)
    }
  }

  /// The logits are the fullest instant.
  @Test func manySamples() {
    check(
      .full, .none, accumulation: 1, software: SampleSetups.autocastStack, attention: .flash,
      microBatch: 4096)
  }
}
