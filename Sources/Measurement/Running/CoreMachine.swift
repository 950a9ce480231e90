public import TrainingCore
import Workloads

/// The real compute core on the real machine.
///
/// Successive calls read and write successive places of arenas larger than most caches, because a
/// training step too finds most of its operands in memory. Inputs are never overwritten, so no
/// kernel meets denormal numbers that another one left behind.
public struct CoreMachine: BenchMachine {
  private static let arenaCount: Int = 32 << 20
  /// 48 MiB: more than the last cache of most processors holds for one program.
  private static let sweptCount: Int = 12 << 20
  private static let stateCount: Int = 8 << 20

  private let cores: [String: ComputeCore]
  private let blocks: [String: ReferenceBlock]
  private let inputs: Floats
  private let outputs: Floats
  private let state: Floats
  private var images: [Float] = []
  private var batch: [Float] = []
  private var nextInput: Int = 0
  private var nextOutput: Int = 0
  private var nextState: Int = 0
  /// The libraries, in the order given.
  public let backends: [String]

  /// Takes 352 MiB of memory and touches all of it.
  public init(backends: [any GEMMBackend], workers: Workers) {
    self.backends = backends.map(\.name)
    var cores: [String: ComputeCore] = [:]
    for backend in backends {
      cores[backend.name] = ComputeCore(backend: backend, workers: workers)
    }
    self.cores = cores
    // The core runs every block of this kind: without one, chains are not judged.
    blocks = cores.compactMapValues { try? ReferenceBlock($0) }
    inputs = FloatBuffer(count: Self.arenaCount).all
    outputs = FloatBuffer(count: Self.arenaCount).all
    state = FloatBuffer(count: 3 * Self.stateCount).all
    let pattern = Floats((0..<4096).map { Float(($0 * 2_654_435) % 4001 - 2000) / 2000 + 1e-4 })
    let filler = ComputeCore(backend: OpenBLASBackend(), workers: workers)
    for start in stride(from: 0, to: inputs.count, by: pattern.count) {
      filler.copy(pattern, into: inputs.part(start, pattern.count))
    }
    state.fill(0.01)
  }

  /// Runs a kernel on fresh operands, `calls` times.
  public mutating func run(_ kernel: BenchKernel, backend: String, calls: Int) {
    guard let core = cores[backend] ?? cores[backends.first ?? ""] else { return }
    switch kernel {
    case .warm(let kernel):
      let places = (nextInput, nextOutput, nextState)
      for _ in 0..<calls {
        (nextInput, nextOutput, nextState) = places
        runOnce(kernel, on: core)
      }
    case .spread(let kernel, let workers):
      let own = ComputeCore(backend: core.backend, workers: Workers(count: workers))
      for _ in 0..<calls { runOnce(kernel, on: own) }
    case .referenceBlock:
      let block = blocks[backend] ?? blocks[backends.first ?? ""]
      for _ in 0..<calls { block?.run() }
    default: for _ in 0..<calls { runOnce(kernel, on: core) }
    }
  }

  private mutating func input(_ count: Int) -> Floats {
    Self.take(count, from: inputs, next: &nextInput)
  }

  private mutating func output(_ count: Int) -> Floats {
    Self.take(count, from: outputs, next: &nextOutput)
  }

  private static func take(_ count: Int, from arena: Floats, next: inout Int) -> Floats {
    if next + count > arena.count { next = 0 }
    let part = arena.part(next, count)
    next += (count + 15) / 16 * 16
    return part
  }

  private mutating func runOnce(_ kernel: BenchKernel, on core: ComputeCore) {
    switch kernel {
    case .emptyCall:
      core.add(input(1), input(1), into: output(1))
    case .product(let m, let n, let k, let count, let left, let right):
      let product = MatrixProduct(m: m, n: n, k: k, left: left, right: right)
      let (a, b) = (input(m * k * count), input(k * n * count))
      let out = output(m * n * count)
      if count == 1 {
        core.multiply(product, a, b, into: out)
      } else {
        core.multiply(product, count: count, a, b, into: out)
      }
    case .memoryBound(let memoryKernel, let rows, let columns):
      runOnce(memoryKernel, rows, columns, on: core)
    case .pass(let kernel, let elements): runOnce(kernel, elements, on: core)
    case .attention(let samples, let tokens, let heads, let headWidth, let isGradient):
      attention(
        AttentionShape(
          samples: samples, heads: heads, queries: tokens, keys: tokens, headWidth: headWidth,
          causal: false), isGradient: isGradient, on: core)
    case .contrastiveLoss(let pairs):
      let logits = input(pairs * pairs)
      let labels = (0..<Int32(pairs)).map(\.self)
      core.crossEntropyRows(logits, labels: labels, smoothing: 0, into: output(pairs))
      core.crossEntropyColumns(logits, labels: labels, smoothing: 0, into: output(pairs))
    // Wrapped once at most; kernels of a chain run with their chain alone.
    case .warm, .spread, .referenceBlock, .inChain: break
    }
  }

  /// The processors as the system counts them.
  public var load: MachineLoad? { MachineLoad() }

  /// Whether this machine times chains.
  public var hasChains: Bool { true }

  /// Runs a chain so many times after two unrecorded ones.
  ///
  /// - Throws: `ExecutionError` where the core has no kernel of that kind.
  public func timings(
    of chain: BenchChain, backend: String, runs: Int
  ) throws -> [[KernelChain.Timing]] {
    guard let core = cores[backend] ?? cores[backends.first ?? ""] else { return [] }
    let kernels = try KernelChain(
      chain.segment, need: chain.need, keep: chain.keep, layers: chain.layers, core: core)
    let memory = inputs.part(0, Self.sweptCount)
    return (0..<runs).map { _ in kernels.run(sweeping: memory) }
  }

  private mutating func attention(
    _ shape: AttentionShape, isGradient: Bool, on core: ComputeCore
  ) {
    let (rows, columns) = (shape.samples * shape.queries, shape.heads * shape.headWidth)
    func matrix(_ floats: Floats) -> FloatMatrix {
      FloatMatrix(floats, rows: rows, columns: columns)
    }
    let operands = (0..<3).map { _ in matrix(input(rows * columns)) }
    let scale = 1 / Float(shape.headWidth).squareRoot()
    let mask = AttentionMask(causal: false)
    guard isGradient else {
      core.attention(
        shape, keyValueHeads: shape.heads, scale: scale, mask: mask, q: operands[0],
        k: operands[1], v: operands[2], into: matrix(output(rows * columns)),
        statistics: output(rows * shape.heads))
      return
    }
    core.attentionBackward(
      shape, keyValueHeads: shape.heads, scale: scale, mask: mask,
      outGradient: matrix(input(rows * columns)), q: operands[0], k: operands[1], v: operands[2],
      out: matrix(input(rows * columns)), statistics: input(rows * shape.heads),
      into: matrix(output(rows * columns)), dk: matrix(output(rows * columns)),
      dv: matrix(output(rows * columns)))
  }

  private mutating func runOnce(_ kernel: PassKernel, _ count: Int, on core: ComputeCore) {
    switch kernel {
    case .attackStart:
      core.attackStart(
        input(count), epsilon: 0.03, lower: Floats([-2, -2, -2]), upper: Floats([2, 2, 2]),
        columns: 192, seed: 1, counter: 0, into: output(count), attacked: output(count))
    case .attackUpdate:
      core.attackUpdate(
        input(count), gradient: input(count), alpha: 0.01, epsilon: 0.03,
        lower: Floats([-2, -2, -2]), upper: Floats([2, 2, 2]), columns: 192, delta: output(count),
        into: output(count))
    case .layerMeasure:
      let sums = output(64)
      core.comparisonNorms(
        input(count), input(count), samples: 32, elements: count / 32,
        into: sums.part(0, 32), squaredNorms: sums.part(32, 32))
    case .layerGradient:
      let ones = Floats([Float](repeating: 1, count: 32))
      core.comparisonBackward(
        ones, clean: input(count), attacked: input(count), squaredDistances: ones,
        squaredNorms: ones, samples: 32, elements: count / 32, into: output(count),
        cleanGradient: output(count))
    case .sum:
      let sum = output(count)
      core.add(sum, input(count), into: sum)
    case .copy: core.copy(input(count), into: output(count))
    case .images:
      // Out of an array into another, and from there into a step's memory.
      if images.count < count { images = [Float](repeating: 0.5, count: count) }
      if batch.count < count { batch = [Float](repeating: 0, count: count) }
      for index in 0..<count { batch[index] = images[index] }
      output(count).assign(count == batch.count ? batch : Array(batch[0..<count]))
    case .gradientNorm: _ = core.gradientNorm(input(count))
    case .adamW, .lamb: update(kernel, count, on: core)
    }
  }

  /// An update of so many elements in tensors of some 32,768.
  private mutating func update(_ kernel: PassKernel, _ count: Int, on core: ComputeCore) {
    let part = Self.stateCount
    if nextState + count > part { nextState = 0 }
    let start = nextState
    nextState += count
    let ranges = Workers(count: max(1, count / 32_768)).parts(of: count)
    let groups = ParameterGroups(ranges.map { ParameterGroup(range: $0, weightDecay: 0.2) })
    let (values, first, second) = (
      state.part(start, count), state.part(part + start, count), state.part(2 * part + start, count)
    )
    if kernel == .adamW {
      core.adamW(
        values, moment1: first, moment2: second, gradient: input(count),
        step: AdamWStep(number: 10, learningRate: 1e-4), groups: groups)
    } else {
      core.lamb(
        values, moment1: first, moment2: second, gradient: input(count),
        step: LAMBStep(number: 10, learningRate: 1e-4), groups: groups)
    }
  }

  private mutating func runOnce(
    _ kernel: BenchKernel.MemoryKernel, _ rows: Int, _ columns: Int, on core: ComputeCore
  ) {
    let count = rows * columns
    switch kernel {
    case .copy: core.copy(input(count), into: output(count))
    case .add: core.add(input(count), input(count), into: output(count))
    case .biasGelu:
      core.biasGelu(
        input(count), bias: input(columns), rows: rows, keeping: output(count),
        into: output(count))
    case .geluBackward:
      core.geluBackward(input(count), input: input(count), into: output(count))
    case .layerNorm:
      core.layerNorm(
        input(count), gain: input(columns), bias: input(columns), epsilon: 1e-5, rows: rows,
        mean: output(rows), rstd: output(rows), into: output(count))
    case .layerNormBackward:
      core.layerNormBackward(
        input(count), input: input(count), gain: input(columns), mean: input(rows),
        rstd: input(rows), rows: rows, into: output(count), gainGradient: output(columns),
        biasGradient: output(columns))
    case .softmax:
      core.softmax(input(count), scale: 0.125, rows: rows, columns: columns, into: output(count))
    case .softmaxBackward:
      core.softmaxBackward(
        input(count), out: input(count), scale: 0.125, rows: rows, columns: columns,
        into: output(count))
    case .adamW:
      let part = Self.stateCount
      if nextState + count > part { nextState = 0 }
      let start = nextState
      nextState += count
      core.adamW(
        state.part(start, count), moment1: state.part(part + start, count),
        moment2: state.part(2 * part + start, count), gradient: input(count),
        step: AdamWStep(number: 10, learningRate: 1e-4))
    }
  }
}
