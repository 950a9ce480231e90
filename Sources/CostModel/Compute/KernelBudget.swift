public import Clusters
import Quantities
public import Workloads

/// The seconds of a step by family of kernel, from the laws of a measured machine.
///
/// What `Estimator` adds up by phase and term, added up the other way: to be set beside the same
/// sums of a real step.
public struct KernelBudget: Sendable, Hashable {
  /// Seconds of an optimizer step by family; families without a law are left out.
  public private(set) var seconds: [String: Double] = [:]
  /// Families that occur and have no law.
  public private(set) var unknown: Set<String> = []

  /// The budget of a program on a machine.
  public init(_ program: StepProgram, laws: KernelLaws) {
    let time = KernelLawTime(laws)
    var cache: [Key: SegmentWorks] = [:]
    for phase in program.phases {
      let weight = Double(phase.repeats) / Double(phase.every)
      for step in phase.steps {
        switch step {
        case .forward(let segment, let count, _, let need, _, _):
          let works = Self.works(program.segments[segment], need, time.workers, &cache)
          add(works.forward, weight * Double(count), time)
          add([.host(kernels: works.forward.count)], weight * Double(count), time)
        case .backward(let segment, let count, let keep, let need, _, _, _):
          let works = Self.works(program.segments[segment], need, time.workers, &cache)
          let again =
            keep == .input ? works.forward : keep == .selective ? works.selective : []
          add(again + works.backward, weight * Double(count), time)
          add(
            [.host(kernels: again.count + works.backward.count)], weight * Double(count), time)
        case .pass(let pass):
          let family = KernelFamily.name(of: pass.function)
          let bytes = Double(pass.bytesRead + pass.bytesWritten)
          add(family, time.seconds(family: family, bytes: bytes, calls: pass.kernels), weight)
        case .collective, .hold, .drop, .update: break
        }
      }
    }
  }

  private struct Key: Hashable {
    var segment: StepProgram.Segment
    var need: GradientNeed
  }

  private struct SegmentWorks {
    var forward: [KernelWork]
    var backward: [KernelWork]
    var selective: [KernelWork]
  }

  private static func works(
    _ segment: StepProgram.Segment, _ need: GradientNeed, _ workers: Int,
    _ cache: inout [Key: SegmentWorks]
  ) -> SegmentWorks {
    let key = Key(segment: segment, need: need)
    if let known = cache[key] { return known }
    let analysis = SegmentAnalysis(
      graph: segment.spec.graph(segment.shape, style: segment.style), need: need,
      gradientType: segment.style.gradients)
    func works(_ kernels: [Kernel]) -> [KernelWork] {
      kernels.compactMap { KernelWork($0, tensors: analysis.tensors, workers: workers) }
    }
    let found = SegmentWorks(
      forward: works(analysis.forward), backward: works(analysis.backward),
      selective: works(analysis.selectiveRecompute))
    cache[key] = found
    return found
  }

  private mutating func add(_ works: [KernelWork], _ weight: Double, _ time: KernelLawTime) {
    for work in works { add(work.family, time.seconds(work), weight) }
  }

  private mutating func add(_ family: String, _ value: Double?, _ weight: Double) {
    guard let value else {
      unknown.insert(family)
      return
    }
    seconds[family, default: 0] += weight * value
  }
}
