import Foundation
import Synchronization

/// Ctrl-C: a command that can stop in good order asks; the others end at once with 130.
///
/// Files are written beside their target and renamed, so that an end at any moment leaves whole
/// files.
enum Interrupts {
  private static let asked = Atomic<Bool>(false)
  private static let isGraceful = Atomic<Bool>(false)

  /// Takes over the signal.
  static func install() {
    _ = signal(SIGINT) { _ in
      if Interrupts.isGraceful.load(ordering: .relaxed),
        !Interrupts.asked.load(ordering: .relaxed)
      {
        Interrupts.asked.store(true, ordering: .relaxed)
      } else {
        _exit(130)
      }
    }
    unblock()
    // A closed pipe is an ordinary end of output, a file that may not grow an ordinary error.
    _ = signal(SIGPIPE, SIG_IGN)
    _ = signal(SIGXFSZ, SIG_IGN)
  }

  /// Who started us may have kept these signals from us: a mask is handed down.
  private static func unblock() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] { unsafe sigaddset(&signals, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// From here on the first Ctrl-C only sets `wasAsked`; the second ends the process.
  static func handleGracefully() { isGraceful.store(true, ordering: .relaxed) }

  /// The same, and a request to terminate counts like Ctrl-C.
  static func handleTerminationGracefully() {
    handleGracefully()
    _ = signal(SIGTERM) { _ in
      if Interrupts.asked.load(ordering: .relaxed) { _exit(130) }
      Interrupts.asked.store(true, ordering: .relaxed)
    }
  }

  /// Whether the user asked to stop.
  static var wasAsked: Bool { asked.load(ordering: .relaxed) }
}
