import ArgumentParser

/// `foretrain validate`.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Set predictions beside what was measured.",
    subcommands: [ValidatePublishedCommand.self])
}
