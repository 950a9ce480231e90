import Foundation
import Synchronization

/// Ctrl-C: a command that can stop in good order asks; the others end at once with 130.
///
/// Files are written beside their target and renamed, so that an end at any moment leaves whole
/// files. A thread of its own waits for the signals, and every thread that runs kernels keeps them
/// out: oneDNN's use memory below the stack pointer, which a handler on their stack would overwrite.
enum Interrupts {
  private static let asked = Atomic<Bool>(false)
  private static let isGraceful = Atomic<Bool>(false)
  private static let isTerminationGraceful = Atomic<Bool>(false)

  /// Takes over the signals; to be called before there are other threads, which take over the mask.
  static func install() {
    // Looked at before a handler does: the first look may take a lock.
    _ = (wasAsked, isGraceful.load(ordering: .relaxed))
    _ = isTerminationGraceful.load(ordering: .relaxed)
    // Threads that libraries start before `main` have no mask and may be given a signal too.
    for number in [SIGINT, SIGTERM] { _ = signal(number) { Interrupts.received($0) } }
    var mask = set
    unsafe pthread_sigmask(SIG_BLOCK, &mask, nil)
    let waiting = Thread { wait() }
    waiting.start()
    // A closed pipe is an ordinary end of output, a file that may not grow an ordinary error.
    _ = signal(SIGPIPE, SIG_IGN)
    _ = signal(SIGXFSZ, SIG_IGN)
  }

  private static var set: sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, SIGINT)
    unsafe sigaddset(&set, SIGTERM)
    return set
  }

  private static func wait() {
    var mask = set
    while true {
      var number: Int32 = 0
      if unsafe sigwait(&mask, &number) == 0 { received(number) }
    }
  }

  /// What a signal does: nothing here takes memory or a lock, for it may run in a handler.
  private static func received(_ number: Int32) {
    if number == SIGTERM, !isTerminationGraceful.load(ordering: .relaxed) {
      // Nobody asked for it: what the system does.
      var mask = set
      _ = signal(SIGTERM, SIG_DFL)
      unsafe pthread_sigmask(SIG_UNBLOCK, &mask, nil)
      _ = raise(SIGTERM)
    }
    guard isGraceful.load(ordering: .relaxed), !asked.exchange(true, ordering: .relaxed) else {
      _exit(130)
    }
  }

  /// From here on the first Ctrl-C only sets `wasAsked`; the second ends the process.
  static func handleGracefully() { isGraceful.store(true, ordering: .relaxed) }

  /// The same, and a request to terminate counts like Ctrl-C.
  static func handleTerminationGracefully() {
    isTerminationGraceful.store(true, ordering: .relaxed)
    handleGracefully()
  }

  /// Whether the user asked to stop.
  static var wasAsked: Bool { asked.load(ordering: .relaxed) }
}
