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

  /// Renames checkpoints of later steps, which a run that goes on from an earlier one leaves behind.
  ///
  /// - Returns: Their new paths; one that cannot be renamed stays.
  public func setAside(after step: Int) -> [String] {
    steps.filter { $0 > step }.compactMap {
      let (old, new) = (file(ofStep: $0), file(ofStep: $0) + ".abandoned")
      try? FileManager.default.removeItem(atPath: new)
      return (try? FileManager.default.moveItem(atPath: old, toPath: new)).map { new }
    }
  }

  /// Removes older ones than the one that was just written, but for the newest of them.
  ///
  /// A file that cannot be removed stays, and so do those of later steps.
  public func prune(written newest: Int) {
    for step in steps.filter({ $0 <= newest }).dropLast(kept) {
      try? FileManager.default.removeItem(atPath: file(ofStep: step))
    }
  }
}
