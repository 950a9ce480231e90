/// A text file, compressed with gzip or not, read whole.
enum TextFile {
  /// Files are refused beyond so many bytes after decompression.
  static let limit: Int = 64 << 20

  /// Its bytes.
  static func bytes(of path: String) throws(TrainingDataError) -> [UInt8] {
    do throws(ArchiveReader.Failure) {
      let reader = try ArchiveReader(path: path, format: .raw)
      guard try reader.next() != nil else { return [] }
      if let bytes = try reader.data(limit: limit) { return bytes }
      throw ArchiveReader.Failure(reason: "more than \(limit >> 20) MiB after decompression")
    } catch {
      throw .unreadable(file: path, reason: error.reason)
    }
  }

  /// Its lines without their ends; a last line without text is none.
  ///
  /// - Throws: `TrainingDataError.malformed`, with every line that is not UTF-8.
  static func lines(of path: String) throws(TrainingDataError) -> [String] {
    var parts = try bytes(of: path).split(separator: 10, omittingEmptySubsequences: false)
    if parts.last?.isEmpty ?? false { parts.removeLast() }
    var problems = FileProblems(file: path)
    var lines: [String] = []
    for part in parts {
      if let line = String(validating: part.last == 13 ? part.dropLast() : part, as: UTF8.self) {
        lines.append(line)
      } else {
        lines.append("")
        problems.add(line: lines.count, "this line is not UTF-8")
      }
    }
    try problems.check()
    return lines
  }
}
