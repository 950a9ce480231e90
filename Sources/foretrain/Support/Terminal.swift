import Foundation

/// Data on stdout, everything else on stderr.
enum Terminal {
  /// Writes a message for people.
  static func complain(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  /// Rewrites the progress line; only where stderr is a terminal.
  static func progress(_ text: String) {
    guard isInteractive(2) else { return }
    FileHandle.standardError.write(Data(("\r\u{1B}[2K" + text).utf8))
  }

  /// Removes the progress line.
  static func endProgress() { progress("") }

  /// Writes data.
  static func data(_ text: String) {
    // A reader that has gone away (`| head`) is no failure of ours.
    try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
  }

  /// Whether a file descriptor is a terminal.
  static func isInteractive(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }
}
