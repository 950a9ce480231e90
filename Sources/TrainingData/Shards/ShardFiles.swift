private import Foundation

/// Names of shards with braces: `train-{000..012}.tar` stands for 13 files.
public enum ShardFiles {
  /// A pattern stands for at most so many files.
  public static let limit: Int = 65_536

  /// The files that patterns stand for, in order.
  ///
  /// `{000..012}` counts up with leading zeros, `{a,b}` lists; several braces multiply.
  ///
  /// - Throws: `TrainingDataError.malformed`, with every pattern that is wrong.
  public static func expand(_ patterns: [String]) throws(TrainingDataError) -> [String] {
    var files: [String] = []
    var problems: [FileProblem] = []
    for pattern in patterns {
      do throws(Fault) {
        files += try expand(pattern[...])
        if files.count > limit { throw Fault(text: "more than \(limit) files") }
      } catch {
        problems.append(FileProblem(file: pattern, text: error.text))
      }
    }
    guard problems.isEmpty else { throw .malformed(problems) }
    return files
  }

  private struct Fault: Error {
    var text: String
  }

  private static func expand(_ pattern: Substring) throws(Fault) -> [String] {
    guard let open = pattern.firstIndex(of: "{") else {
      if pattern.contains("}") { throw Fault(text: "a closing brace without an opening one") }
      return [String(pattern)]
    }
    let rest = pattern[pattern.index(after: open)...]
    guard let close = rest.firstIndex(of: "}"), !pattern[..<open].contains("}") else {
      throw Fault(text: "braces do not match")
    }
    let inside = rest[..<close]
    if inside.contains("{") { throw Fault(text: "braces inside braces") }
    let ends = try expand(rest[rest.index(after: close)...])
    let choices = try self.choices(inside)
    if choices.count * ends.count > limit { throw Fault(text: "more than \(limit) files") }
    return choices.flatMap { choice in ends.map { pattern[..<open] + choice + $0 } }
  }

  private static func choices(_ inside: Substring) throws(Fault) -> [String] {
    guard let dots = inside.range(of: "..") else {
      guard inside.contains(",") else {
        throw Fault(text: "{\(inside)} is neither a range like {000..012} nor a list like {a,b}")
      }
      return inside.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let (first, last) = (inside[..<dots.lowerBound], inside[dots.upperBound...])
    let digits = (first + last).allSatisfy { ("0"..."9").contains($0) }
    guard digits, let low = Int(first), let high = Int(last), low <= high else {
      throw Fault(text: "{\(inside)} does not count up from one whole number to another")
    }
    if high - low >= limit { throw Fault(text: "more than \(limit) files") }
    return (low...high).map { number in
      let text = String(number)
      return String(repeating: "0", count: max(0, first.count - text.count)) + text
    }
  }
}
