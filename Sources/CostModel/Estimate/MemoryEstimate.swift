public import Quantities

/// Memory of one device at the fullest instant of a step, by what is live then.
public struct MemoryEstimate: Sendable, Hashable {
  /// Whether it fits.
  public enum Verdict: String, Sendable, Hashable {
    /// More than 8 % of the usable memory stays free.
    case fits
    /// Fits with less than that to spare.
    case tight
    /// Needs more than there is.
    case doesNotFit = "does_not_fit"
  }

  /// Trained weights in every copy that kernels read.
  public var parameters = Bytes.zero
  /// Weights of frozen towers.
  public var frozenParameters = Bytes.zero
  /// Gradients.
  public var gradients = Bytes.zero
  /// Optimizer states, master weights included.
  public var optimizer = Bytes.zero
  /// Kept activations, temporaries of the running block, images.
  public var activations = Bytes.zero
  /// Features, logits and their gradients.
  public var loss = Bytes.zero
  /// The most that features, logits and their gradients take at any instant; not a part of the peak.
  public var mostLoss = Bytes.zero
  /// Buckets and gathered parameters.
  public var communication = Bytes.zero
  /// Workspace of libraries.
  public var workspace = Bytes.zero
  /// What the allocator holds without using it.
  public var reserve = Bytes.zero
  /// The driver's context.
  public var context = Bytes.zero
  /// The phase in which the peak lies, by its JSON name.
  public var peakPhase = ""
  /// What runs at the peak, for people.
  public var peakInstant = ""
  /// The 90 % interval of the device reading.
  public var peakInterval = Interval<Byte>(exactly: .zero)
  /// Memory that the device has.
  public var capacity = Bytes.zero
  /// Host memory per node that the run needs.
  public var hostNeeded = Bytes.zero
  /// Host memory per node.
  public var hostCapacity = Bytes.zero
  /// Share of memory that must stay free for `fits` instead of `tight`.
  public var margin = MemoryEstimate.margin

  /// Nothing yet.
  public init() {}

  /// As torch's `max_memory_allocated` reads.
  public var allocated: Bytes {
    parameters + frozenParameters + gradients + optimizer + activations + loss + communication
      + workspace
  }
  /// As torch's `max_memory_reserved` reads.
  public var reserved: Bytes { allocated + reserve }
  /// As `nvidia-smi` reads: the peak.
  public var peak: Bytes { reserved + context }
  /// The parts in the order of reports; they sum to `peak`.
  public var parts: [(name: String, bytes: Bytes)] {
    [
      ("parameters", parameters), ("frozen_parameters", frozenParameters),
      ("gradients", gradients), ("optimizer", optimizer), ("activations", activations),
      ("loss", loss), ("communication", communication), ("workspace", workspace),
      ("reserve", reserve), ("context", context),
    ]
  }

  /// The usual margin: 8 %.
  public static let margin = 0.08

  /// The verdict on the typical peak.
  public var verdict: Verdict {
    if peak > capacity { return .doesNotFit }
    return peak > capacity * (1 - margin) ? .tight : .fits
  }
}
