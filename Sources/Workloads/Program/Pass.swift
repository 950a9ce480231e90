/// One journey of samples through a stretch of the model, forward and, where needed, backward.
///
/// Steps name the pass they belong to: a backward finds what its forward kept, and the values that
/// flow between passes (features, tokens, gradients) have an owner.
public struct Pass: Sendable, Hashable {
  /// The stretch of the model.
  public var role: Role
  /// Which version of the samples.
  public var branch: Branch
  /// Samples per micro-batch, before a stretch multiplies them.
  public var samples: Int

  /// A pass.
  public init(role: Role, branch: Branch, samples: Int) {
    self.role = role
    self.branch = branch
    self.samples = samples
  }

  /// Stretches of models.
  public enum Role: String, Sendable, Hashable, CaseIterable {
    /// From pixels to the image tower's output.
    case image
    /// From image tokens to compared features, or to a language model's prefix (Q-Former).
    case bridge
    /// From token ids to compared features.
    case text
    /// Image-text matching (BLIP-2).
    case matching
    /// Captions over cached queries (BLIP-2).
    case caption
    /// The multimodal decoder (CoCa).
    case decoder
    /// A language model.
    case language
    /// Distillation from a teacher's features.
    case distillation
    /// A contrastive loss.
    case loss
  }

  /// Versions of the samples.
  public enum Branch: String, Sendable, Hashable, CaseIterable {
    /// The images as they are.
    case clean
    /// The attacked images, differentiated for training.
    case attacked
    /// The images of one attack step, differentiated for the attack.
    case attack
    /// Clean and attacked images together, to compare their layers.
    case comparison
    /// Through a frozen copy of the tower.
    case reference
  }
}
