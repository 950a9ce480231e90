import Workloads
import Planning
import CostModel
import Quantities
import Strategies

extension Report {
  /// What a terminal shows when a report was written: the methods side by side, then what the
  /// method costs over each baseline.
  public func summary(style: Style = .plain) -> String {
    let subject = Subject(estimate: estimate)
    var output = style.paint(scenario.title.singleLine, .heading) + "\n"
    output += "  " + subject.hardware.singleLine + "\n"
    output +=
      "  global batch \(Figures.count(estimate.globalBatch)), "
      + "\(Figures.large(estimate.samplesSeen))\(Marks(estimate).samples) samples seen; "
      + "low .. typical .. high are 90 % ranges, * is assumed\n\n"
    let methods = MethodsTable(estimates: baselines + [estimate]).table
    output += methods.dropping(["plan"]).text(style: style)
    for plan in baselines + [estimate] {
      output +=
        "  \(plan.workload.calibration.method.rawValue): "
        + Subject(estimate: plan).plan.singleLine + "\n"
    }
    guard !estimate.overheads.isEmpty else { return output }
    let method = estimate.workload.calibration
    output += "\n" + style.paint("\(Subject.calibration(method)) against", .heading) + "\n"
    output += estimate.overheadTable(withMeaning: false).text(style: style, indentation: 2)
    return output + estimate.overheadNote
  }
}
