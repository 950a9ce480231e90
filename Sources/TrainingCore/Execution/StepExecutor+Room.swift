public import Workloads

extension StepExecutor {
  /// Makes room for a program that memory was not set aside for: other layers, other gaps.
  ///
  /// `Floats` of parameters that were handed out before belong to the old memory where it grows.
  ///
  /// - Returns: Whether memory had to grow.
  @discardableResult
  public func makeRoom(for program: StepProgram) -> Bool {
    let planning = Arena(capacity: nil)
    let planner = StepExecutor(
      program, core: core, settings: settings, arena: planning, layout: layout,
      hasMoments: allMoments != nil)
    planner.plans = plans
    planner.rehearse(program)
    plans = planner.plans
    guard planning.extent > arena.capacity else { return false }
    arena.grow(to: planning.extent)
    return true
  }

  /// Goes through a step with every occasional phase and one without any, computing nothing:
  /// without them, gaps lie elsewhere.
  func rehearse(_ program: StepProgram) {
    self.program = program
    walk(number: 0, includingAll: true)
    if program.phases.contains(where: { $0.every > 1 }) { walk(number: 1, includingAll: false) }
  }
}
