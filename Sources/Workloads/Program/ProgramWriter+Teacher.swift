/// Distillation from a frozen teacher's features (a stand-in for CLIP-TD, not its formula): the last
/// block's class token, or every query of a bridge, is projected and compared with the teacher's
/// feature of the same image and query.
extension ProgramWriter {
  /// The stretch that has a teacher: the one that makes features.
  var studentPath: TowerPath? {
    recipe.distils && layout.contrastive != nil ? layout.imageChain.last : nil
  }

  /// Distillation as a stretch of its own; nil where the method does not distil.
  private mutating func distillation() -> Piece? {
    guard let path = studentPath, let contrastive = layout.contrastive else { return nil }
    let tokens = path.entries.last { $0.spec.isBlock }?.tokens ?? 0
    let id = segment(
      StepProgram.Segment(
        spec: .distillation(
          width: width(of: path), teacherWidth: contrastive.width,
          vectors: contrastive.vectorsPerImage),
        shape: BlockShape(samples: batch, tokens: tokens), style: style(path.name),
        tower: towerNames.firstIndex(of: "distillation") ?? 0))
    // The last block may be frozen, and nothing before it trained.
    let need: GradientNeed = reachedLayers.isEmpty ? .weightsOnly : .all
    return Piece(
      segment: id, count: 1, keep: .all, need: need, blocks: nil,
      pass: pass(.distillation, .clean, samples: batch))
  }

  mutating func distillationForward() -> [Step] {
    distillation().map { forward([$0]) } ?? []
  }

  /// The clean forward, which leaves the last block's output to the student's projection.
  func forwardForTeacher(_ pieces: [Piece]) -> [Step] {
    pieces.enumerated().flatMap { index, piece -> [Step] in
      let isLast =
        piece.blocks != nil && pieces.dropFirst(index + 1).allSatisfy { $0.blocks == nil }
      let held = isLast ? lastBlock(pieces, after: index, branch: .clean) : nil
      return forward([piece]) + (held.map { [.hold($0)] } ?? [])
    }
  }

  /// The clean backward; the teacher's gradient joins between head and blocks.
  mutating func backwardForTeacher(_ pieces: [Piece]) -> [Step] {
    let distilled = distillation()
    var steps: [Step] = []
    var hasJoined = false
    for (index, piece) in pieces.enumerated().reversed() {
      if piece.blocks != nil, !hasJoined {
        hasJoined = true
        steps += distilled.map { backward([$0]) } ?? []
        let bytes = batch * layerBytesPerSample
        if piece.need.any {
          steps.append(
            .pass(
              ElementwisePass(
                label: "add teacher's gradient", bytesRead: 2 * bytes, bytesWritten: bytes,
                kernels: 1, function: .addStreamGradient(.clean))))
        }
        if let held = lastBlock(pieces, after: index, branch: .clean) { steps.append(.drop(held)) }
      }
      if piece.need.any { steps.append(backward(piece)) }
    }
    return steps
  }
}
