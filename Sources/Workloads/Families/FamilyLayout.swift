/// How a family's towers are chained in a step: what the program writer works from.
struct FamilyLayout: Sendable {
  /// Towers with their parameters.
  var towers: [StepProgram.Tower]
  /// From pixels to what is compared: image tower, then a bridge where there is one.
  var imageChain: [TowerPath]
  /// The text tower, forward once.
  var textChain: [TowerPath]
  /// The contrastive space; nil for families without a contrastive loss.
  var contrastive: Contrastive?
  /// Passes after the contrastive loss that carry losses of their own.
  var tail: [TowerPath]
  /// Bytes of tokens that the image chain hands to passes which attend across, per sample and
  /// element: elements per sample; held from the image forward to the end of the backward.
  var heldTokenElements: Int
  /// Elements per sample that BLIP-2's matching pairs hold.
  var pairTokenElements: Int = 0

  /// The contrastive loss of a family.
  struct Contrastive: Sendable {
    var width: Int
    var kind: ContrastiveKind
    /// Vectors per image (BLIP-2: one per query).
    var vectorsPerImage: Int
    /// Label smoothing, as BLIP-2's contrastive loss has it.
    var smoothing: Float = 0
  }
}

extension ModelSpec {
  /// Names of this model's towers, in the order of reports.
  public var towerNames: [String] { layout(frozen: [], patchDropout: 0).towers.map(\.name) }

  /// The chains of a step.
  ///
  /// `frozen`: names of towers that are not trained.
  /// `partial`: what is trained of towers that are neither frozen nor trained whole.
  /// `patchDropout`: share of image patches dropped.
  /// `imageSize`: another image size than the model's, for attacks at lower resolution.
  func layout(
    frozen: Set<String>, partial: [String: Trainability] = [:], patchDropout: Double,
    imageSize: Int? = nil
  ) -> FamilyLayout {
    LayoutBuilder(frozen: frozen, patchDropout: patchDropout, imageSize: imageSize)
      .layout(of: family)
      .training(partial.filter { !frozen.contains($0.key) })
  }
}
