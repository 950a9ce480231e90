import ArgumentParser
import Foundation
import Measurement
import Reporting
import RunStore
import Scenarios

/// From errors to messages on stderr and exit codes.
enum Failure {
  /// The answer is no: the full output is printed all the same.
  static let no = ExitCode(2)

  /// Prints what is wrong and ends the process.
  static func exit(with error: any Error, in command: any ParsableCommand.Type) -> Never {
    guard let code = code(of: error) else { command.exit(withError: error) }
    Terminal.complain("\(error)")
    Foundation.exit(code)
  }

  /// The exit code of an error of ours; nil where the argument parser knows it.
  private static func code(of error: any Error) -> Int32? {
    switch error {
    case is FileErrors: 65
    case is MissingFile: 66
    case is UsageError: 64
    case is WriteError, is RunStoreError, is BenchError: 1
    case is Interrupted: 130
    default: nil
    }
  }
}

/// The user asked to stop.
struct Interrupted: Error, CustomStringConvertible {
  /// What was kept.
  var kept: String
  var description: String { "interrupted; " + kept }
}
