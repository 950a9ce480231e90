import CostModel
import Planning
import Reporting
import Workloads

extension Samples {
  /// A report with every section.
  static func report(title: String = "EVA-02-CLIP-E/14+, 144 A100-80GB") -> Report {
    Report(
      scenario: scenario(.lsaITC, title: title, datasheetOnly: true),
      estimate: estimate(.lsaITC, memoryScale: 1.45), plan: plan(), baselines: [estimate()],
      comparison: [
        estimate(), estimate(hardware: "h100-80gb-sxm-dgx", slower: 0.5, price: 6.2),
        estimate(hardware: "v100-32gb-sxm-dgx", slower: 2.4, price: 1.1, memoryScale: 3),
      ], provenance: provenance)
  }
}
