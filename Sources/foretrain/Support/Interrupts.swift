import Foundation
import Synchronization

/// Ctrl-C: a command that can stop in good order asks; the others end at once with 130.
///
/// Files are written beside their target and renamed, so that an end at any moment leaves whole
/// files. A thread of its own waits for the signals, and every other thread keeps them out: oneDNN's
/// kernels use memory below the stack pointer, which a handler on their stack would overwrite.
enum Interrupts {
  private static let asked = Atomic<Bool>(false)
  private static let isGraceful = Atomic<Bool>(false)
  private static let isTerminationGraceful = Atomic<Bool>(false)
  private static let numbers = [SIGINT, SIGTERM]

  /// Takes over the signals; to be called before there are other threads, which take over the mask.
  static func install() {
    // Who started us may have ignored them, and what is ignored nobody can wait for.
    for number in numbers { _ = signal(number) { _ in } }
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
    for number in numbers { unsafe sigaddset(&set, number) }
    return set
  }

  private static func wait() {
    var mask = set
    while true {
      var number: Int32 = 0
      guard unsafe sigwait(&mask, &number) == 0 else { continue }
      if number == SIGTERM, !isTerminationGraceful.load(ordering: .relaxed) {
        // Nobody asked for it: what the system does.
        _ = signal(SIGTERM, SIG_DFL)
        unsafe pthread_sigmask(SIG_UNBLOCK, &mask, nil)
        _ = raise(SIGTERM)
      }
      guard isGraceful.load(ordering: .relaxed), !asked.exchange(true, ordering: .relaxed) else {
        _exit(130)
      }
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
