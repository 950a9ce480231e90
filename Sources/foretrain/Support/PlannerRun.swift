import Planning

/// Runs the planner with a clock and a progress line.
enum PlannerRun {
  static func plan(_ scenario: Scenario, limit: Int, output: OutputOptions) -> PlanResult {
    let watch = Stopwatch()
    var planner = Planner(scenario)
    planner.limit = limit
    planner.clock = { watch.seconds }
    planner.progress = { output.progress("priced \($0) strategies") }
    defer { if !output.quiet { Terminal.endProgress() } }
    return planner.plan()
  }
}
