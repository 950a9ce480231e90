import ArgumentParser
import CostModel
import Planning
import Reporting
import Strategies

/// `foretrain estimate`.
struct EstimateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "estimate",
    abstract: "Price the scenario's fixed strategy: time split, memory, cost, energy.",
    discussion: """
      Exit code 2 where it does not fit into memory or breaks a rule; the estimate is printed all \
      the same.

        foretrain estimate openclip-b16-laion400m --format json
        foretrain estimate eva02-clip-e14-plus --calibration lsa-itc
        foretrain estimate --model ViT-L-14 --hardware rtx-3090 --gpus 4 --micro-batch 128 \
      --frozen image
      """)

  @OptionGroup var question: ScenarioOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let loaded = try question.load(output: output)
    let (estimate, broken) = loaded.scenario.estimate()
    guard let estimate else {
      for rejection in broken { Terminal.complain("\(rejection.rule): \(rejection.detail)") }
      // Programs that read JSON get an object in any case; there is no estimate to print.
      if output.format == .json {
        try output.write(
          RejectionView(scenario: loaded.scenario, broken), provenance: loaded.provenance)
      }
      throw Failure.no
    }
    let reason = Verdicts.no(estimate, loaded.scenario)
    try output.write(EstimateView(estimate, reason: reason), provenance: loaded.provenance)
    if let reason {
      output.note(reason)
      throw Failure.no
    }
  }
}
