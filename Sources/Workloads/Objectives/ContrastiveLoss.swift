/// How the features of all ranks meet in the contrastive loss.
public enum ContrastiveGather: String, Sendable, Hashable, CaseIterable {
  /// Local features against all gathered ones: `local batch x global batch` logits.
  case local
  /// Every rank computes the whole `global batch x global batch` matrix (open_clip's default).
  case global
}

/// The form of the contrastive loss.
public enum ContrastiveKind: String, Sendable, Hashable, CaseIterable {
  /// Symmetric cross-entropy over rows and columns.
  case infoNCE = "info-nce"
  /// Pairwise sigmoid (Zhai et al., arXiv 2303.15343): one matrix serves both directions.
  case sigmoid
}

/// One evaluation of a contrastive loss on one rank.
///
/// Features arrive normalised: the towers' last segment divides them by their length.
public struct ContrastiveLossSpec: Sendable, Hashable {
  /// Rows of the image-to-text logits.
  public var imageRows: Int
  /// Rows of the text-to-image logits; 0 where only one direction is needed.
  public var textRows: Int
  /// Columns: the global batch.
  public var columns: Int
  /// Width of the contrastive space.
  public var width: Int
  /// Form.
  public var kind: ContrastiveKind
  /// Vectors per image that compete (BLIP-2: 32 queries, the best one counts).
  public var vectorsPerImage: Int
  /// Text-to-image logits are the transpose of the others (the global form, or a single rank): no
  /// second product.
  public var sharedMatrix: Bool
  /// Whether clean features stand in for samples without an attack, as a further input.
  public var mixesClean = false
  /// Whether those clean features are held fixed.
  public var cleanIsDetached = false
  /// Whether a fixed feature per image pulls the attacked one towards it, as a further input.
  public var isAnchored = false
  /// Whether the images are those under attack, so that rows belong to the samples' own texts.
  public var isAttack = false
  /// Whether texts are classes that images belong to, and not the images' own.
  public var hasClasses = false
  /// Share of the label that is spread over all pairs.
  public var smoothing: Float = 0

  /// An evaluation.
  public init(
    imageRows: Int, textRows: Int, columns: Int, width: Int, kind: ContrastiveKind = .infoNCE,
    vectorsPerImage: Int = 1, sharedMatrix: Bool = false
  ) {
    self.imageRows = imageRows
    self.textRows = textRows
    self.columns = columns
    self.width = width
    self.kind = kind
    self.vectorsPerImage = vectorsPerImage
    self.sharedMatrix = sharedMatrix
  }

  /// Logits and loss.
  ///
  /// Inputs: image features `[imageRows vectors, width]`, all text features `[columns, width]`;
  /// clean features where they are mixed in, anchors where there are any; then, with a second
  /// matrix, text features `[textRows, width]` and all image features. Outputs: one loss per row,
  /// then one per row of the other direction, then one per anchor.
  public func graph(style: KernelStyle) -> Graph {
    var builder = GraphBuilder(style: style)
    let compute = style.compute
    let vectors = vectorsPerImage
    let given = builder.input("image features", imageRows * vectors * width, type: compute)
    let allTexts = builder.input("all text features", columns * width, type: compute)
    var images = given
    var rows = imageRows
    if mixesClean {
      let clean = builder.input("clean features", columns * vectors * width, type: compute)
      if cleanIsDetached { builder.detach(clean) }
      images = builder.mix(
        given, clean, samples: columns, attacked: imageRows, width: vectors * width)
      rows = columns
    }
    let anchors =
      isAnchored ? builder.input("anchors", imageRows * vectors * width, type: compute) : nil
    if let anchors { builder.detach(anchors) }
    let scale = builder.temperature(kind)
    let logits = builder.logits(
      "image to text", images, allTexts, rows: rows, columns: columns, spec: self, scale: scale)
    builder.output(
      builder.loss("image to text", logits, rows: rows, spec: self, alongColumns: false))
    if kind == .infoNCE {
      if sharedMatrix {
        builder.output(
          builder.loss("text to image", logits, rows: rows, spec: self, alongColumns: true))
      } else if textRows > 0 {
        let texts = builder.input("text features", textRows * width, type: compute)
        let allImages = builder.input(
          "all image features", columns * vectors * width, type: compute)
        let others = builder.logits(
          "text to image", texts, allImages, rows: textRows, columns: columns, spec: self,
          scale: scale)
        builder.output(
          builder.loss("text to image", others, rows: textRows, spec: self, alongColumns: false))
      }
    }
    if let anchors {
      builder.output(
        builder.pointwise(
          "anchor distance", [given, anchors], elements: imageRows, outputType: .float32,
          keeping: .inputs, function: .squaredDistance(width: vectors * width)))
    }
    return builder.finish()
  }
}

extension GraphBuilder {
  /// Attacked features of the first samples, clean ones of the others.
  fileprivate mutating func mix(
    _ attacked: TensorID, _ clean: TensorID, samples: Int, attacked count: Int, width: Int
  ) -> TensorID {
    let y = tensor("mix", samples * width, style.compute)
    let read = tensor("clean rows", (samples - count) * width, style.compute, .constant)
    let function = PointwiseFunction.mixSamples(samples: samples, attacked: count, width: width)
    append(
      Kernel(
        .memoryBound(.elementwise), "mix", reads: [attacked, read], writes: [y],
        function: .pointwise(function), touches: [clean]),
      .pointwise(
        inputs: [attacked, clean], parameters: [], y: y, kept: [], keptForWeights: [],
        kind: .elementwise, function: function))
    return y
  }

  /// The logarithm of the logit scale, and the sigmoid loss's bias.
  fileprivate mutating func temperature(_ kind: ContrastiveKind) -> [TensorID] {
    let scale = parameter("logit scale", 1, matrix: false)
    return kind == .sigmoid ? [scale, parameter("logit bias", 1, matrix: false)] : [scale]
  }

  /// Scaled logits `[rows, columns]` of one direction.
  ///
  /// The scale multiplies the features, as open_clip and EVA-CLIP write it: the unscaled logits
  /// never exist, and the scale's gradient needs the features alone. The sigmoid loss scales and
  /// shifts the logits. Where several vectors of an image compete, every pair of rows and columns
  /// is a small product of its own, for which `torch.matmul` copies the broadcast vectors of the
  /// image side (LAVIS); the best vector's product is then scaled.
  fileprivate mutating func logits(
    _ label: String, _ left: TensorID, _ right: TensorID, rows: Int, columns: Int,
    spec: ContrastiveLossSpec, scale: [TensorID]
  ) -> TensorID {
    let (vectors, width) = (spec.vectorsPerImage, spec.width)
    func scaled(_ builder: inout GraphBuilder, _ x: TensorID) -> TensorID {
      builder.pointwise(
        label + " scale", [x], parameters: scale, keeping: .nothing, parametersScale: true,
        function: .temperature(bias: scale.count > 1))
    }
    guard vectors > 1 else {
      let shape = GEMMShape(m: rows, n: columns, k: width)
      guard spec.kind == .infoNCE else {
        let raw = product(label + " logits", left, right, shape: shape)
        return scaled(&self, raw)
      }
      let feature = scaled(&self, left)
      return product(label + " logits", feature, right, shape: shape)
    }
    let leftIsImage = elements(left) == rows * vectors * width
    let (images, texts) = leftIsImage ? (left, right) : (right, left)
    let pairs = rows * columns
    let all: TensorID
    // Only the local form is known to be written with broadcast operands.
    if spec.sharedMatrix || style.epilogues {
      all = product(
        label + " logits", left, right, shape: GEMMShape(m: rows * vectors, n: columns, k: width))
    } else {
      let copies = pointwise(
        label + " broadcast", [images], elements: pairs * vectors * width, keeping: .nothing)
      all = product(
        label + " logits", copies, texts,
        shape: GEMMShape(m: vectors, n: 1, k: width, count: pairs))
    }
    let best = pointwise(
      label + " best", [all], elements: pairs, keeping: style.epilogues ? .inputs : .nothing,
      function: .best(vectors: vectors, columns: columns))
    return scaled(&self, best)
  }

  fileprivate mutating func loss(
    _ label: String, _ logits: TensorID, rows: Int, spec: ContrastiveLossSpec, alongColumns: Bool
  ) -> TensorID {
    // Classes exclude each other whatever the model was trained with.
    switch spec.hasClasses ? .infoNCE : spec.kind {
    case .infoNCE:
      return crossEntropy(
        label, logits,
        CrossEntropy(
          rows: rows, columns: spec.columns, alongColumns: alongColumns,
          labels: spec.hasClasses ? .classes : spec.isAttack ? .attackedPairs : .pairs,
          smoothing: spec.smoothing))
    case .sigmoid:
      let wide = cast(logits, to: .float32)
      return pointwise(
        label + " log-sigmoid", [wide], elements: rows, outputType: .float32, keeping: .inputs,
        function: .sigmoidLoss(rows: rows, columns: spec.columns))
    }
  }
}
