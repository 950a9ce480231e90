/// Writes the forward kernels of a segment, layer by layer.
///
/// Shapes: activations are `[rows, width]` with `rows = samples * tokens`.
public struct GraphBuilder {
  /// The graph so far.
  public private(set) var graph = Graph()
  /// What the software stack makes of each layer.
  public let style: KernelStyle
  /// Whether kernels appended now belong to unfused attention's core.
  var inAttentionCore = false
  /// Row length of the scores that kernels appended now work on; 0 outside unfused attention.
  var scoreColumns = 0
  /// Which parameters have gradients.
  var trained = TrainedWeights.all
  /// Whether parameters appended now come on top of the model's own.
  var isAddition = false
  /// Adapters of products that are targets.
  var adapters: LoRA? { trained.adapters }

  /// An empty graph in a style.
  public init(style: KernelStyle) {
    self.style = style
    graph.epilogues = style.epilogues
    graph.softmaxKeepsInput = style.softmaxKeepsInput
  }

  // MARK: Tensors

  mutating func tensor(
    _ name: String, _ elements: Int, _ type: ElementType, _ role: TensorRole = .activation
  ) -> TensorID {
    graph.tensors.append(Tensor(name: name, elements: elements, type: type, role: role))
    return TensorID(graph.tensors.count - 1)
  }

  /// An activation that comes from the previous segment.
  public mutating func input(_ name: String, _ elements: Int, type: ElementType? = nil) -> TensorID
  {
    let id = tensor(name, elements, type ?? style.residual)
    graph.inputs.append(id)
    return id
  }

  /// An activation that several applications read: their gradients add up in one place, which
  /// whoever runs them owns.
  public mutating func sharedInput(_ name: String, _ elements: Int) -> TensorID {
    let id = input(name, elements)
    graph.sharedInputs.insert(id)
    return id
  }

  /// An input whose memory belongs to the step; it may be differentiated all the same.
  mutating func given(_ name: String, _ elements: Int) -> TensorID {
    let id = tensor(name, elements, style.compute, .constant)
    graph.inputs.append(id)
    return id
  }

  /// The same, read by several applications, as `sharedInput`.
  mutating func sharedGiven(_ name: String, _ elements: Int) -> TensorID {
    let id = given(name, elements)
    graph.sharedInputs.insert(id)
    return id
  }

  /// An input that is columns of something which another segment owns.
  mutating func viewInput(
    _ name: String, of owner: TensorID, first: Int, columns: Int, width: Int
  ) -> TensorID {
    let id = view(name, of: owner, first: first, columns: columns, width: width)
    graph.inputs.append(id)
    return id
  }

  /// Holds an input fixed: no gradient flows to it.
  mutating func detach(_ input: TensorID) { graph.detachedInputs.insert(input) }

  /// A read-only input such as token ids or rotary angles; never differentiated.
  public mutating func constant(_ name: String, _ elements: Int, type: ElementType) -> TensorID {
    tensor(name, elements, type, .constant)
  }

  /// A trainable tensor, in the type that kernels read.
  ///
  /// `matrix` parameters are cast into the compute type where the stack stores them in another.
  ///
  /// `rows` and `columns` of a matrix let a factored optimizer keep their sum instead.
  public mutating func parameter(
    _ name: String, _ elements: Int, matrix: Bool = true, factored: Int? = nil
  ) -> TensorID {
    graph.parameterElements += elements
    let isTrained = isAddition || trained.trainsModel
    if isTrained {
      graph.trainedElements += elements
      graph.factoredElements += factored ?? elements
    }
    func noted(_ id: TensorID) -> TensorID {
      if !isTrained { graph.frozen.insert(id) }
      return id
    }
    guard matrix, style.weights != style.compute else {
      return noted(tensor(name, elements, matrix ? style.compute : style.weights, .parameter))
    }
    let stored = noted(tensor(name + " (stored)", elements, style.weights, .parameter))
    let cast = noted(tensor(name, elements, style.compute, .parameter))
    graph.weightCasts.append(
      Kernel(.memoryBound(.elementwise), "cast " + name, reads: [stored], writes: [cast]))
    return cast
  }

  /// The first elements of a parameter, where only some of its rows are used.
  mutating func prefix(of parameter: TensorID, elements count: Int) -> TensorID {
    let whole = graph.tensors[parameter.index]
    guard count < whole.elements else { return parameter }
    let id = tensor(whole.name, count, whole.type, .parameter)
    if graph.frozen.contains(parameter) { graph.frozen.insert(id) }
    return id
  }

  /// A table that another segment owns, as this one's kernels read it.
  mutating func tiedTable(_ elements: Int, _ type: ElementType) -> TensorID {
    let id = tensor("token embedding" + Tensor.tiedSuffix, elements, type, .parameter)
    if trained != .all { graph.frozen.insert(id) }
    return id
  }

  /// Columns of the rows of `owner`, `width` wide.
  mutating func view(
    _ name: String, of owner: TensorID, first: Int, columns: Int, width: Int
  ) -> TensorID {
    let id = tensor(name, elements(owner) / width * columns, type(owner))
    graph.tensors[id.index].view = Tensor.View(
      of: owner, first: first, columns: columns, width: width)
    return id
  }

  /// Declares what the next segment receives.
  public mutating func output(_ id: TensorID) { graph.outputs.append(id) }

  /// Declares what other passes attend to.
  mutating func heldOutput(_ id: TensorID) {
    graph.outputs.append(id)
    graph.heldOutputs.insert(id)
  }

  /// The type of a tensor.
  func type(_ id: TensorID) -> ElementType { graph.tensors[id.index].type }
  func elements(_ id: TensorID) -> Int { graph.tensors[id.index].elements }

  mutating func append(_ kernel: Kernel, _ rule: Graph.BackwardRule) {
    var kernel = kernel
    kernel.scoreColumns = scoreColumns
    graph.nodes.append(Graph.Node(kernel: kernel, rule: rule, isAttentionCore: inAttentionCore))
  }

  /// The finished graph.
  public func finish() -> Graph { graph }
}
