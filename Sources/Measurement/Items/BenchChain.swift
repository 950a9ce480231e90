public import Workloads

/// A segment whose kernels are timed in a chain of its own repetitions.
public struct BenchChain: Sendable, Hashable {
  /// Spec, shape and style.
  public var segment: StepProgram.Segment
  /// Gradients that are formed.
  public var need: GradientNeed
  /// What the forward keeps.
  public var keep: Keep
  /// How often the segment follows itself.
  public var layers: Int
  /// What the times are for.
  public var role: BenchItem.Role

  /// A chain.
  public init(
    segment: StepProgram.Segment, need: GradientNeed, keep: Keep, layers: Int,
    role: BenchItem.Role
  ) {
    self.segment = segment
    self.need = need
    self.keep = keep
    self.layers = layers
    self.role = role
  }

  /// The distinct chains of a program: every stretch that it runs, at most `most` layers long.
  public static func chains(
    of program: StepProgram, role: BenchItem.Role, most: Int
  ) -> [BenchChain] {
    var seen: Set<BenchChain> = []
    var chains: [BenchChain] = []
    for step in program.phases.flatMap(\.steps) {
      let chain: BenchChain
      switch step {
      case .forward(let segment, let count, .nothing, let need, _, _):
        chain = BenchChain(
          segment: program.segments[segment], need: need, keep: .nothing,
          layers: min(count, most), role: role)
      case .backward(let segment, let count, let keep, let need, _, _, _):
        chain = BenchChain(
          segment: program.segments[segment], need: need, keep: keep, layers: min(count, most),
          role: role)
      default: continue
      }
      if seen.insert(chain).inserted { chains.append(chain) }
    }
    return chains
  }
}
