import Clusters
import Quantities
import Strategies
public import Workloads

/// One step taken apart: every kernel, every wait, every byte at the fullest instant.
///
/// Made for those who ask, never by a search. Lines are in the order of the program; seconds of
/// kernels are without the stack's factor, which `factor` is.
public struct StepTrace: Sendable {
  /// Why a kernel runs.
  public enum Role: String, Sendable, Hashable, CaseIterable {
    /// Forward.
    case forward
    /// Casts of weights before the first forward.
    case casts
    /// Backward.
    case backward
    /// Forward kernels that are run again for the backward.
    case recomputation
    /// Work outside towers: copies, attack steps.
    case pass
  }

  /// Kernels of one kind at one place, all calls of a step together.
  public struct Line: Sendable {
    /// The tower; empty for passes outside towers.
    public var tower: String
    /// The phase.
    public var phase: StepProgram.PhaseName
    /// The phase's position in the program.
    var position: Int
    /// Why it runs.
    public var role: Role
    /// The kernel's label, for example `fc1`.
    public var label: String
    /// Calls per step.
    public var calls: Double
    /// Kernels that the host issues in one call.
    var kernels = 1.0
    /// The term that it counts to.
    public var term: Term
    /// Whether it works on stored attention scores.
    public var isOnScores: Bool
    /// Seconds of one call.
    public var seconds: Double
    /// Seconds of one call at the peak of its format; 0 for kernels that are no products.
    public var idealSeconds: Double
    /// FLOP of one call.
    public var flops: Double
    /// Bytes of the tensors that one call reads and writes.
    public var bytes: Double
    /// How the seconds of one call were computed.
    public var expression: Expression

    /// Seconds of all calls.
    public var total: Double { calls * seconds }
  }

  /// The terms of the model that seconds are uncertain through, each with a range of its own.
  public enum Term: String, Sendable, Hashable, CaseIterable {
    /// Matrix products.
    case products
    /// Fused attention.
    case attention
    /// Kernels that move bytes.
    case memoryBound = "memory_bound"
    /// Kernels on stored attention scores whose rows are not a multiple of 8.
    case misalignedScores = "misaligned_scores"
    /// The parameter update.
    case optimizer
    /// Collectives of weights, gradients and features that nothing hides.
    case communication
    /// Waiting for the host to issue kernels.
    case launch
    /// Waiting for input.
    case input
    /// Collectives among ranks that share layers, where nothing hides them.
    case tensorCommunication = "tensor_communication"
    /// Messages between pipeline stages.
    case stageMessages = "stage_messages"
    /// Waiting for other pipeline stages.
    case bubble
  }

  /// Bytes that are live at the fullest instant.
  public struct Live: Sendable, Hashable {
    /// What they are, for example `image block, kept of 48 applications`.
    public var what: String
    /// Whether they belong to the loss.
    public var isLoss: Bool
    /// How many times `each`.
    public var count: Double
    /// Bytes of one.
    public var each: Double
    /// All of them.
    public var bytes: Double { count * each }
  }

  /// Kernels.
  public internal(set) var lines: [Line] = []
  /// Seconds by term, the stack's factor included; they sum to the step.
  public internal(set) var seconds: [Term: Double] = [:]
  /// Seconds by phase and term, the factor included.
  var phases: [(name: StepProgram.PhaseName, times: TermTimes)] = []
  /// FLOP of the step that the model needs.
  public internal(set) var modelFlops = 0.0
  /// FLOP of the step that the device executes.
  public internal(set) var hardwareFlops = 0.0
  /// What kernels, waits and collectives are multiplied with: stack and slowest rank.
  public internal(set) var factor = 1.0
  /// Dynamic bytes at the fullest instant.
  public internal(set) var live: [Live] = []

  /// Seconds of the step.
  public var total: Double { Term.allCases.reduce(0) { $0 + (seconds[$1] ?? 0) } }

  /// Seconds of the lines that pass, without the factor.
  public func sum(_ passes: (Line) -> Bool) -> Double {
    lines.reduce(0) { $0 + (passes($1) ? $1.total : 0) }
  }
}
