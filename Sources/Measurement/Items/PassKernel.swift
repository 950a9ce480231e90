import Workloads

/// Kernels that belong to no segment: attacks, layer measures, copies, the update.
public enum PassKernel: String, Sendable, Hashable, Codable, CaseIterable {
  /// Random perturbations, and the inputs with them.
  case attackStart = "attack start"
  /// A projected step along the gradient's sign.
  case attackUpdate = "attack update"
  /// Distances and norms of a layer's outputs.
  case layerMeasure = "layer measure"
  /// The regulariser's gradient.
  case layerGradient = "layer gradient"
  /// A sum in place.
  case sum = "pass sum"
  /// A copy.
  case copy = "pass copy"
  /// The batch's images on their way into the arena.
  case images
  /// The AdamW update.
  case adamW = "adamw"
  /// The LAMB update.
  case lamb
  /// The norm of all gradients.
  case gradientNorm = "gradient norm"

  /// Bytes that a step program, or the update, counts for an element.
  public var bytesPerElement: Double {
    switch self {
    case .attackStart, .sum: 12
    case .attackUpdate: 20
    case .layerMeasure, .copy: 8
    case .layerGradient, .images: 16
    case .adamW: 28
    case .lamb: 40
    case .gradientNorm: 4
    }
  }

  /// The work of so many elements.
  func work(elements: Int, workers: Int) -> KernelWork {
    KernelWork(
      family: rawValue, shape: "\(elements)", bytes: bytesPerElement * Double(elements),
      workers: workers)
  }
}
