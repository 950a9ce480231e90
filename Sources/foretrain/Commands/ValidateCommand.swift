import ArgumentParser

/// `foretrain validate`.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Compare predictions with what was published, and with small real runs.",
    subcommands: [
      ValidatePublishedCommand.self, ValidateRunsCommand.self, ValidateScalingCommand.self,
    ],
    defaultSubcommand: ValidatePublishedCommand.self)
}
