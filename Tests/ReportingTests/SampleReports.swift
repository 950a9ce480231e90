import CostModel
import Planning
import Quantities
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

extension Samples {
  static var comparison: Comparison {
    Comparison(
      [
        estimate(), estimate(hardware: "h100-80gb-sxm-dgx", slower: 0.5, price: 6.2),
        estimate(hardware: "v100-32gb-sxm-dgx", slower: 2.4, price: 1.1, memoryScale: 3),
      ],
      breakEven: [
        .init(
          hardware: "h100-80gb-sxm-dgx", against: "a100-80gb-sxm-dgx",
          price: USDollarsPerAcceleratorHour(5.58), ratio: 2)
      ])
  }

  static var answers: [FindAnswer] {
    [
      FindAnswer(
        question: "max-micro-batch", scenario: "eva02-clip-e14-plus", answer: 1200,
        unit: "samples", reason: "memory binds", estimate: estimate()),
      FindAnswer(
        question: "min-accelerators", scenario: "eva02-clip-e14-plus", answer: nil,
        unit: "accelerators", reason: "no count up to 4,096 meets 1 day"),
      FindAnswer(
        question: "ways-to-fit", scenario: "eva02-clip-e14-plus", answer: nil, unit: "",
        ways: [
          .init(change: "recompute the image tower fully", estimate: estimate(slower: 1.3)),
          .init(change: "micro-batch 500", estimate: estimate(slower: 1.05, price: nil)),
        ]),
    ]
  }
}
