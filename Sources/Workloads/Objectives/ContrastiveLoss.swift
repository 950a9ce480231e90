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
  /// Text-to-image logits are the transpose of the others (the global form): no second product.
  public var sharedMatrix: Bool

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

  /// Normalisation, logits, loss.
  ///
  /// Inputs: image features `[imageRows vectors, width]`, text features `[textRows, width]`, then
  /// all gathered text and image features.
  public func graph(style: KernelStyle) -> Graph {
    var builder = GraphBuilder(style: style)
    let compute = style.compute
    let images = builder.input(
      "image features", imageRows * vectorsPerImage * width, type: compute)
    let allTexts = builder.input("all text features", columns * width, type: compute)
    let imageUnit = builder.pointwise("normalise", [images], keeping: .inputs)
    let scale = builder.parameter("logit scale", 1, matrix: false)
    let logits = builder.logits(
      "image to text", imageUnit, allTexts, rows: imageRows, columns: columns, width: width,
      vectors: vectorsPerImage, isGlobal: sharedMatrix, scale: scale)
    builder.output(builder.loss("image to text", logits, rows: imageRows, kind: kind))
    if sharedMatrix {
      builder.output(builder.loss("text to image", logits, rows: columns, kind: kind))
    } else if textRows > 0, kind == .infoNCE {
      let texts = builder.input("text features", textRows * width, type: compute)
      let allImages = builder.input(
        "all image features", columns * vectorsPerImage * width, type: compute)
      let textUnit = builder.pointwise("normalise", [texts], keeping: .inputs)
      let others = builder.logits(
        "text to image", textUnit, allImages, rows: textRows, columns: columns, width: width,
        vectors: vectorsPerImage, isGlobal: sharedMatrix, scale: scale)
      builder.output(builder.loss("text to image", others, rows: textRows, kind: kind))
    }
    return builder.finish()
  }
}

extension GraphBuilder {
  /// Scaled logits `[rows, columns]` of one direction.
  ///
  /// The scale multiplies the features, as open_clip and EVA-CLIP write it: the unscaled logits
  /// never exist, and the scale's gradient needs the features alone. Where several vectors of an
  /// image compete, every pair of rows and columns is a small product of its own, for which
  /// `torch.matmul` copies the broadcast vectors of the image side (LAVIS); the best vector's
  /// product is then scaled.
  fileprivate mutating func logits(
    _ label: String, _ left: TensorID, _ right: TensorID, rows: Int, columns: Int, width: Int,
    vectors: Int, isGlobal: Bool, scale: TensorID
  ) -> TensorID {
    guard vectors > 1 else {
      let scaled = pointwise(
        label + " scale", [left], parameters: [scale], keeping: .nothing, parametersScale: true)
      return product(
        label + " logits", scaled, right, shape: GEMMShape(m: rows, n: columns, k: width))
    }
    let leftIsImage = elements(left) == rows * vectors * width
    let (images, texts) = leftIsImage ? (left, right) : (right, left)
    let pairs = rows * columns
    // Only the local form is known to be written with broadcast operands.
    guard !isGlobal else {
      let all = product(
        label + " logits", left, right, shape: GEMMShape(m: rows * vectors, n: columns, k: width))
      let best = pointwise(label + " best", [all], elements: pairs, keeping: .nothing)
      return pointwise(
        label + " scale", [best], parameters: [scale], keeping: .nothing, parametersScale: true)
    }
    let copies = pointwise(
      label + " broadcast", [images], elements: pairs * vectors * width, keeping: .nothing)
    let all = product(
      label + " logits", copies, texts,
      shape: GEMMShape(m: vectors, n: 1, k: width, count: pairs))
    let best = pointwise(label + " best", [all], elements: pairs, keeping: .nothing)
    return pointwise(
      label + " scale", [best], parameters: [scale], keeping: .nothing, parametersScale: true)
  }

  fileprivate mutating func loss(
    _ label: String, _ logits: TensorID, rows: Int, kind: ContrastiveKind
  ) -> TensorID {
    switch kind {
    case .infoNCE: return crossEntropy(label, logits, rows: rows)
    case .sigmoid:
      let wide = cast(logits, to: .float32)
      return pointwise(
        label + " log-sigmoid", [wide], elements: rows, outputType: .float32, keeping: .inputs)
    }
  }
}
