import Clusters
import Quantities
import Strategies
import Workloads

extension FigureWriter {
  /// Seconds by phase: the phase's kernels, waits and collectives.
  mutating func phases() {
    for name in StepProgram.PhaseName.allCases {
      let path = "phase_breakdown_seconds." + name.rawValue
      let positions = trace.phases.indices.filter { trace.phases[$0].name == name }
      guard !positions.isEmpty else {
        book.add(path, "s", "a phase that does not run", .constant(0))
        continue
      }
      let factor = figure("step.factor")
      var parts: [Expression] = []
      let groups = positions.flatMap(groups)
      if !groups.isEmpty { parts.append(factor * .sum(groups)) }
      for position in positions {
        let times = trace.phases[position].times
        if times[.communication] > 0 {
          parts.append(
            factor
              * .counted("waits for collectives", times[.communication] / trace.factor))
        }
        let between = times[.stageMessages] + times[.bubble]
        if between > 0 {
          parts.append(factor * .counted("waits for other stages", between / trace.factor))
        }
        if times[.launch] > 0 { parts.append(factor * launch(position)) }
        if times[.optimizer] > 0 { parts.append(figure("step_breakdown_seconds.optimizer")) }
        if times[.input] > 0 { parts.append(figure("step_breakdown_seconds.input_stall")) }
      }
      book.add(path, "s", "seconds of the phase", parts.isEmpty ? 0 : .sum(parts))
    }
  }
}
