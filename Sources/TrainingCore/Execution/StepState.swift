import Workloads

/// Values that live while a step runs.
struct StepState {
  /// What a forward left for its backward.
  struct Frame {
    var segment: Int
    var layer: Int?
    /// Kept tensors by owner; the frame holds each once.
    var kept: [Int: Region]
    /// Inputs whose memory belongs to someone else, by owner.
    var borrowed: [Int: Region]
  }

  /// A region that flows on, held by whoever has it or by someone else.
  struct Value {
    var region: Region
    var isOwned: Bool
  }

  /// The output of the last segment of a pass.
  var streams: [Int: Value] = [:]
  /// The gradient that arrives at the next backward of a pass.
  var gradients: [Int: Value] = [:]
  /// Frames by pass, in order of forward.
  var frames: [Int: [Frame]] = [:]
  /// Named buffers.
  var buffers: [Buffer.Content: Region] = [:]
  /// Gradients that a loss has made for features and nobody has claimed yet.
  var pending: [Buffer.Content: Region] = [:]
  /// Outputs that other passes attend to, until they are held.
  var offered: [Buffer.Content: Value] = [:]
  /// Output of every block by pass and layer, while something keeps it.
  var layerOutputs: [Int: [Int: Region]] = [:]
  /// Block outputs that outlive the block behind them, because the regulariser needs them.
  var retained: [Int: [Int: Region]] = [:]
  /// Keys and values of the queries by branch and layer.
  var cachedKeys: [Pass.Branch: [Int: (keys: (Int, Region), values: (Int, Region))]] = [:]
  /// Layers whose outputs the regulariser compares.
  var tapped: Set<Int> = []
  /// The last block that each pass runs.
  var lastLayers: [Int: Int] = [:]
  /// Tokens that the program holds for other passes.
  var wanted: Set<Buffer.Content> = []
  /// Sums of the regulariser by layer: squared distances, then squared norms.
  var measures: [Int: (distances: Floats, norms: Floats)] = [:]
  /// Losses of a pass by output, read after its forward.
  var losses: [Int: [[Float]]] = [:]
  /// Negatives of image-text matching by branch.
  var negatives: [Pass.Branch: StepBatch.Negatives] = [:]

  init() {}

  init(_ program: StepProgram) {
    for phase in program.phases {
      for step in phase.steps {
        if case .pass(let pass) = step, case .layerGradient(let layer, _) = pass.function {
          tapped.insert(layer)
        }
        if case .hold(let buffer) = step, let content = buffer.content, case .tokens = content {
          wanted.insert(content)
        }
        if case .forward(_, let count, _, _, let blocks?, let pass) = step {
          let micro = phase.loop == nil ? 1 : max(1, program.accumulation)
          let more = phase.advances ? phase.repeats / micro - 1 : 0
          let last = blocks.layer + count - 1 + more
          lastLayers[pass] = max(lastLayers[pass] ?? last, last)
        }
      }
    }
  }
}
