/// What is wrong at one place of a file.
public struct FileProblem: Hashable, Sendable, CustomStringConvertible {
  /// The file, or the file and the entry in it.
  public let file: String
  /// Counted from 1; nil: the file as a whole.
  public let line: Int?
  /// What was found, what was expected, and how to mend it.
  public let text: String

  /// A problem.
  public init(file: String, line: Int? = nil, text: String) {
    self.file = file
    self.line = line
    self.text = text
  }

  /// `file:line: text`.
  public var description: String {
    line.map { "\(file):\($0): \(text)" } ?? "\(file): \(text)"
  }
}

/// The problems of a file, collected in one pass: the first ones in full, the rest as a number.
struct FileProblems {
  private let file: String
  private(set) var kept: [FileProblem] = []
  private(set) var count: Int = 0
  private static let limit: Int = 50

  init(file: String) { self.file = file }

  mutating func add(line: Int? = nil, _ text: String) {
    count += 1
    if count <= Self.limit { kept.append(FileProblem(file: file, line: line, text: text)) }
  }

  /// Throws what was collected, if anything.
  func check() throws(TrainingDataError) {
    guard count > 0 else { return }
    var problems = kept
    if count > kept.count {
      problems.append(FileProblem(file: file, text: "and \(count - kept.count) more problems"))
    }
    throw .malformed(problems)
  }
}
