import Foundation
import Reporting

/// Data on stdout, everything else on stderr.
enum Terminal {
  /// Writes a message for people.
  static func complain(_ text: String) {
    // Nobody is told where even this cannot be written.
    try? AtomicWriter.put(text + "\n", into: STDERR_FILENO, path: "stderr")
  }

  /// Rewrites the progress line; only where stderr is a terminal.
  static func progress(_ text: String) {
    guard isInteractive(2) else { return }
    try? AtomicWriter.put("\r\u{1B}[2K" + text, into: STDERR_FILENO, path: "stderr")
  }

  /// Removes the progress line.
  static func endProgress() { progress("") }

  /// Writes data.
  ///
  /// - Throws: `WriteError`, as on a full disk.
  static func data(_ text: String) throws(WriteError) {
    do {
      try AtomicWriter.put(text, into: STDOUT_FILENO, path: "stdout")
    } catch {
      // A reader that has gone away (`| head`) is no failure of ours.
      if error.code != EPIPE { throw error }
    }
  }

  /// Occupies descriptors that were closed by who started us.
  ///
  /// Otherwise the next file that is opened, as the database, would take the number of stdout.
  static func occupyDescriptors() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
    where fcntl(descriptor, F_GETFD) == -1 {
      // Read-only: writing fails, and the failure is reported.
      _ = unsafe open("/dev/null", O_RDONLY)
    }
  }

  /// Whether a file descriptor is a terminal.
  static func isInteractive(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }
}
