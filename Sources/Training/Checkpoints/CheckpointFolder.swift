import Foundation

/// The checkpoints of one run, in a folder of their own.
public struct CheckpointFolder: Sendable, Hashable {
  /// The folder.
  public let path: String
  /// How many are kept.
  public let kept: Int

  private static let prefix = "step-"
  private static let suffix = ".checkpoint"

  /// A folder, which need not exist yet.
  ///
  /// - Precondition: at least one is kept.
  public init(path: String, keeping kept: Int = 3) {
    precondition(kept >= 1, "\(kept) checkpoints are kept")
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    self.kept = kept
  }

  /// The file of a step.
  public func file(ofStep step: Int) -> String {
    let digits = "\(step)"
    let zeros = String(repeating: "0", count: max(0, 8 - digits.count))
    return path + "/" + Self.prefix + zeros + digits + Self.suffix
  }

  /// Steps that there are checkpoints of, in order.
  public var steps: [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.compactMap { name in
      guard name.hasPrefix(Self.prefix), name.hasSuffix(Self.suffix) else { return nil }
      return Int(name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count))
    }.sorted()
  }

  /// The newest checkpoint; nil where there is none.
  public var newest: String? { steps.last.map(file) }

  /// The newest checkpoint of an earlier step than that of a file; nil where there is none.
  public func older(than file: String) -> String? {
    let all = steps.map(self.file)
    let name = URL(fileURLWithPath: file).lastPathComponent
    let index = all.firstIndex { URL(fileURLWithPath: $0).lastPathComponent == name }
    return index.flatMap { $0 > 0 ? all[$0 - 1] : nil }
  }

  /// Removes all but the newest ones; called after a new one has been written.
  ///
  /// A file that cannot be removed stays.
  public func prune() {
    for step in steps.dropLast(kept) {
      try? FileManager.default.removeItem(atPath: file(ofStep: step))
    }
  }
}
