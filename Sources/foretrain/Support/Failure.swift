import ArgumentParser
import Foundation
import Measurement
import Reporting
import RunStore
import Scenarios
import Training
import TrainingCore
import TrainingData

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
    case is WriteError, is RunStoreError, is BenchError, is BenchIsRunning, is UnsavedRun: 1
    case is Interrupted: 130
    case is ExecutionError: no.rawValue
    case is DamagedCheckpoint: 65
    case let error as CheckpointError: checkpoint(error)
    case let error as TrainingError: training(error)
    case let error as TrainingDataError: data(error)
    default: nil
    }
  }

  private static func checkpoint(_ error: CheckpointError) -> Int32 {
    switch error {
    case .cannotWrite: 1
    case .cannotRead, .none: 66
    case .notACheckpoint, .wrongLength, .damaged, .newerFormat, .otherModel, .otherScenario: 65
    }
  }

  private static func training(_ error: TrainingError) -> Int32 {
    switch error {
    case .noData: no.rawValue
    case .otherShape: 70
    case .notFinite: 1
    }
  }

  private static func data(_ error: TrainingDataError) -> Int32 {
    switch error {
    case .unusableSetting, .vocabularyTooSmall: 64
    case .unreadable: 66
    case .malformed, .tooManyDamaged, .noUsableSamples, .stateOfAnotherSource: 65
    }
  }
}

/// The user asked to stop.
struct Interrupted: Error, CustomStringConvertible {
  /// What was kept.
  var kept: String
  var description: String { "interrupted; " + kept }
}
