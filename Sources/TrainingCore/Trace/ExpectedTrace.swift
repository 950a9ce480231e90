public import Workloads

/// The kernel calls that a step of a program must make, from the program alone.
///
/// Order, sizes and bytes of every kernel that the core runs. Token ids and other indices are not
/// counted on either side; parameter updates are compared by the caller, who chooses the optimizer.
public enum ExpectedTrace {
  /// The calls of step `number` up to its parameter update.
  public static func calls(of program: StepProgram, step number: Int) -> [KernelCall] {
    var writer = ExpectedTraceWriter(program)
    for run in program.runs(ofStep: number) {
      for step in program.phases[run.phase].steps { writer.add(step) }
    }
    return writer.calls
  }

  /// The first place where two traces differ, in words; nil where they agree.
  public static func difference(expected: [KernelCall], found: [KernelCall]) -> String? {
    for (index, (expected, found)) in zip(expected, found).enumerated() where expected != found {
      return "kernel \(index): expected \(expected), ran \(found)"
    }
    if expected.count > found.count {
      return "\(expected.count - found.count) kernels did not run, first \(expected[found.count])"
    }
    if found.count > expected.count {
      return "\(found.count - expected.count) kernels too many, first \(found[expected.count])"
    }
    return nil
  }
}

private struct ExpectedTraceWriter {
  let program: StepProgram
  var calls: [KernelCall] = []
  private var plans: [StepExecutor.PlanKey: SegmentPlan] = [:]

  init(_ program: StepProgram) { self.program = program }

  mutating func add(_ step: Step) {
    switch step {
    case .forward(let segment, let count, let keep, let need, _, _):
      let plan = plan(segment, need)
      for _ in 0..<count { add(plan.forward(keep), plan) }
    case .backward(let segment, let count, let keep, let need, _, _, _):
      let plan = plan(segment, need)
      for _ in 0..<count {
        if keep == .input { add(plan.again, plan) }
        if keep == .selective { add(plan.core, plan) }
        add(plan.backward, plan)
      }
    case .pass(let pass): add(pass)
    case .hold, .drop, .collective, .update: break
    }
  }

  private mutating func plan(_ segment: Int, _ need: GradientNeed) -> SegmentPlan {
    let key = StepExecutor.PlanKey(segment: program.segments[segment], need: need)
    if let known = plans[key] { return known }
    let plan = SegmentPlan(key.segment, need: need)
    plans[key] = plan
    return plan
  }

  private mutating func add(_ turns: [SegmentPlan.Turn], _ plan: SegmentPlan) {
    for turn in turns {
      func bytes(_ ids: [TensorID]) -> Int {
        ids.reduce(0) { sum, id in
          let tensor = plan.tensors[id.index]
          return tensor.type == .int64 ? sum : sum + tensor.bytes
        }
      }
      calls.append(
        KernelCall(
          operation: turn.kernel.operation, bytesRead: bytes(turn.kernel.reads),
          bytesWritten: bytes(turn.kernel.writes)))
    }
  }

  private mutating func add(_ pass: ElementwisePass) {
    let kind: MemoryBoundKind =
      switch pass.function {
      case .layerMeasure, .layerComparison: .reduction
      case .gatherPairs, .scatterPairs: .gather
      default: .elementwise
      }
    for _ in 0..<pass.kernels {
      calls.append(
        KernelCall(
          operation: .memoryBound(kind), bytesRead: pass.bytesRead / pass.kernels,
          bytesWritten: pass.bytesWritten / pass.kernels))
    }
  }
}
