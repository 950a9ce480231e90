import ArgumentParser

/// `foretrain refit`.
struct RefitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refit",
    abstract: "Fit the model's constants again.",
    subcommands: [RefitRunCommand.self, RefitPublishedCommand.self])
}
