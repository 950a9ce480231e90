import Foundation
public import TrainingCore

/// Writes checkpoints: whole or not at all.
///
/// Everything goes into a file beside the target first and is flushed to the disk; then it takes
/// its name in one step of the file system, and the folder is flushed. Whatever goes wrong, files
/// that were there are as they were.
public enum CheckpointWriter {
  /// Names of unfinished files; the number of the process follows.
  private static let prefix = ".foretrain-unfinished-"

  /// Saves a run.
  ///
  /// - Parameters:
  ///   - header: What is saved beside the arrays; its parameters are filled in.
  ///   - executor: Whose values and moments are saved.
  ///   - path: The file; its folder is made where it is missing.
  /// - Throws: `CheckpointError.cannotWrite`.
  public static func write(
    _ header: CheckpointHeader, of executor: StepExecutor, to path: String
  ) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let temporary =
      folder + "/" + prefix + "\(ProcessInfo.processInfo.processIdentifier)"
    do {
      try makeFolder(folder)
      sweep(folder)
      try write(complete(header, executor), executor, to: temporary)
      guard unsafe rename(temporary, path) == 0 else { throw SystemError(code: errno) }
      // A file system that cannot flush folders is no reason to fail.
      try? FileDescriptor(folder, O_RDONLY).synchronise()
    } catch let error as SystemError {
      unsafe unlink(temporary)
      throw CheckpointError.cannotWrite(path: path, code: error.code)
    }
  }

  private static func complete(
    _ header: CheckpointHeader, _ executor: StepExecutor
  ) -> CheckpointHeader {
    var header = header
    header.parameters = executor.layout.entries.map {
      CheckpointHeader.Parameter(
        name: $0.name, count: $0.count, isTrained: $0.isTrained, checksums: [])
    }
    for section in CheckpointArrays(executor).sections {
      header.parameters[section.parameter].checksums.append(
        CheckpointArrays.checksum(of: section.floats))
    }
    return header
  }

  private static func write(
    _ header: CheckpointHeader, _ executor: StepExecutor, to path: String
  ) throws {
    let start = try CheckpointFile.start(header)
    let file = try FileDescriptor(path, O_WRONLY | O_CREAT | O_TRUNC)
    try unsafe start.withUnsafeBytes { unsafe try file.write($0) }
    for section in CheckpointArrays(executor).sections {
      try unsafe CheckpointArrays.forEachStretch(of: section.floats) { unsafe try file.write($0) }
    }
    try file.synchronise()
  }

  private static func makeFolder(_ folder: String) throws(SystemError) {
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      var inner = error as NSError
      while let next = inner.userInfo[NSUnderlyingErrorKey] as? NSError { inner = next }
      throw SystemError(code: inner.domain == NSPOSIXErrorDomain ? Int32(inner.code) : EIO)
    }
  }

  /// Removes what a process that was killed while it wrote has left.
  private static func sweep(_ folder: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      guard name.hasPrefix(prefix), let owner = pid_t(name.dropFirst(prefix.count)), owner > 0,
        kill(owner, 0) == -1, errno == ESRCH
      else { continue }
      try? FileManager.default.removeItem(atPath: folder + "/" + name)
    }
  }
}
