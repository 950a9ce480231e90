import ArgumentParser

/// The root command.
@main
struct Foretrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "foretrain",
    abstract: "What a training run will take, before you pay for it.",
    discussion: """
      Time, memory per device, money and energy for CLIP, EVA-CLIP and BLIP-2 training, with \
      90 % ranges, from exact counts of work and measured speeds.

      Try:
        foretrain estimate openclip-b16-laion400m
        foretrain plan eva02-clip-e14-plus --calibration lsa-itc
        foretrain estimate --model ViT-L-14 --hardware rtx-3090 --accelerators 4 \
      --micro-batch 128 --frozen image
        foretrain train tiny-clip
        foretrain validate runs
        foretrain compare eva02-clip-e14-plus --hardware a100-80gb-sxm-dgx,h100-80gb-sxm-dgx:64

      Exit codes: 0 done; 1 failed; 2 the answer is no; 64 usage; 65 bad input file; \
      66 missing file; 70 a bug of ours; 130 interrupted.
      """,
    version: Tool.version,
    subcommands: [
      EstimateCommand.self, PlanCommand.self, CompareCommand.self, FindCommand.self,
      ReportCommand.self, ExplainCommand.self, RefitCommand.self, ValidateCommand.self,
      TrainCommand.self, TradeOffCommand.self, BenchCommand.self,
      ListCommand.self, ShowCommand.self,
      PathsCommand.self,
    ])

  /// Parses, runs, and turns every error into its message and exit code.
  static func main() {
    Terminal.occupyDescriptors()
    Interrupts.install()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      Failure.exit(with: error, in: Self.self)
    }
  }
}
