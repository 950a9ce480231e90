/// The command line of this process as text that a shell reads back.
enum CommandLineText {
  /// The same command, resuming from a checkpoint.
  static func resuming(from file: String, arguments: [String] = CommandLine.arguments) -> String {
    var words: [String] = []
    var isSkipping = false
    for (index, word) in arguments.enumerated() {
      if isSkipping {
        isSkipping = false
        if !word.hasPrefix("-") { continue }
      }
      if word == "--resume" {
        isSkipping = true
        continue
      }
      if word.hasPrefix("--resume=") { continue }
      words.append(index == 0 ? "foretrain" : quoted(word))
    }
    return (words + ["--resume", quoted(file)]).joined(separator: " ")
  }

  /// A word as a shell takes it literally.
  static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "-_./=:,+%@".utf8.contains(byte)
        }
      }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
