public import Workloads

/// Where every parameter of a model lies in one array, in the order of the program.
///
/// Trained parameters come first, so that gradients and the optimizer's moments, which only they
/// have, are shorter arrays with the same offsets.
public struct ParameterLayout: Sendable, Hashable {
  /// One parameter tensor.
  public struct Entry: Sendable, Hashable {
    /// `<tower>.<part>.<tensor>`.
    public var name: String
    /// First element.
    public var offset: Int
    /// Number of elements.
    public var count: Int
    /// Whether it is trained.
    public var isTrained: Bool
    /// What decides its first values and its weight decay.
    public var kind: Kind
    /// Position of its block in the tower, for layer-wise learning rates.
    public var layer: Int?
    /// Its tower.
    public var tower: String
  }

  /// What a parameter is for.
  public enum Kind: Sendable, Hashable {
    /// A matrix with so many inputs.
    case matrix(inputs: Int)
    /// A bias or something else that starts at zero.
    case bias
    /// Scales of one or more sets, each followed by its biases where `biases` says so.
    case affine(width: Int, sets: Int, biases: Bool)
    /// A table of vectors: tokens, positions, class tokens, queries.
    case table(width: Int)
    /// A scale per channel of a residual branch.
    case layerScale
    /// The logarithm of the logit scale.
    case logitScale
  }

  /// All parameters.
  public private(set) var entries: [Entry] = []
  /// Elements of the trained ones.
  public private(set) var trainedCount = 0
  /// Elements of all.
  public private(set) var count = 0
  private var positions: [String: Int] = [:]

  /// The parameters of everything that a program runs.
  public init(_ program: StepProgram) {
    var found: [Entry] = []
    var indices: [String: Int] = [:]
    let gradients = Self.gradients(of: program)
    for segment in Self.segments(of: program) {
      let shape = program.segments[segment.index]
      let tower = program.towers[shape.tower]
      let graph = shape.spec.graph(shape.shape, style: shape.style)
      for tensor in graph.tensors where tensor.role == .parameter {
        let name = ParameterNames.name(
          tensor.name, of: shape, tower: tower.name, layer: segment.layer)
        if let known = indices[name] {
          found[known].count = max(found[known].count, tensor.elements)
        } else {
          indices[name] = found.count
          found.append(
            Entry(
              name: name, offset: 0, count: tensor.elements,
              isTrained: tower.isPartlyTrained ? gradients.contains(name) : tower.trainable,
              kind: Self.kind(of: tensor, in: graph), layer: segment.layer, tower: tower.name))
        }
      }
    }
    for isTrained in [true, false] {
      for entry in found where entry.isTrained == isTrained {
        var placed = entry
        placed.offset = count
        count += entry.count
        positions[entry.name] = entries.count
        entries.append(placed)
      }
      if isTrained { trainedCount = count }
    }
  }

  /// Names of parameters that have a gradient in some backward of a partly trained tower.
  private static func gradients(of program: StepProgram) -> Set<String> {
    var names: Set<String> = []
    for step in program.phases.flatMap(\.steps) {
      guard case .backward(let index, let count, _, let need, let blocks, _, _) = step,
        need.weights
      else { continue }
      let segment = program.segments[index]
      let tower = program.towers[segment.tower]
      guard tower.isPartlyTrained else { continue }
      let graph = segment.spec.graph(segment.shape, style: segment.style)
      for (position, tensor) in graph.tensors.enumerated()
      where graph.isTrained(graph.id(position)) {
        for application in 0..<(blocks == nil ? 1 : count) {
          names.insert(
            ParameterNames.name(
              tensor.name, of: segment, tower: tower.name,
              layer: blocks.map { $0.layer + application }))
        }
      }
    }
    return names
  }

  /// The position of a parameter.
  public func position(of name: String) -> Int? { positions[name] }

  /// Every stretch of weights that a program runs, each block by itself, in order of execution.
  private static func segments(of program: StepProgram) -> [(index: Int, layer: Int?)] {
    struct Key: Hashable {
      var index: Int
      var layer: Int?
    }
    var seen: Set<Key> = []
    var result: [(index: Int, layer: Int?)] = []
    for phase in program.phases {
      for step in phase.steps {
        guard case .forward(let segment, let count, _, _, let blocks, _) = step else { continue }
        // A phase that advances stands for all blocks of its group.
        let steps = phase.advances ? phase.repeats / max(1, loopCount(phase, program)) : 1
        for application in 0..<(blocks == nil ? 1 : count * steps) {
          let key = Key(index: segment, layer: blocks.map { $0.layer + application })
          if seen.insert(key).inserted { result.append((key.index, key.layer)) }
        }
      }
    }
    return result
  }

  private static func loopCount(_ phase: StepProgram.Phase, _ program: StepProgram) -> Int {
    phase.loop == nil ? 1 : program.accumulation
  }

  private static func kind(of tensor: Tensor, in graph: Graph) -> Kind {
    for kernel in graph.forwardKernels {
      let position = kernel.reads.firstIndex { graph.tensor($0) == tensor }
      guard let position else { continue }
      switch kernel.function {
      case .linear where position == 1:
        if case .gemm(let shape) = kernel.operation { return .matrix(inputs: shape.k) }
      case .linear: return .bias
      case .norm(let kind, affine: true):
        let biases = kind == .layerNorm
        return .affine(width: tensor.elements / (biases ? 2 : 1), sets: 1, biases: biases)
      case .pointwise(.mixAffine(_, _, let width)):
        return .affine(width: width, sets: 2, biases: tensor.elements == 4 * width)
      case .pointwise(.layerScale): return .layerScale
      case .pointwise(.temperature): return tensor.name.contains("bias") ? .bias : .logitScale
      case .pointwise(.imageTokens(let tokens)): return .table(width: tokens.width)
      case .pointwise(.addPositions(_, let width)), .pointwise(.shiftByLambda(_, _, let width)):
        return .table(width: width)
      case .pointwise(.copies(let copies)):
        return .table(width: max(1, tensor.elements / max(1, copies)))
      default: break
      }
    }
    for kernel in graph.forwardKernels {
      if case .lookup(let width) = kernel.function { return .table(width: width) }
    }
    return .bias
  }
}
