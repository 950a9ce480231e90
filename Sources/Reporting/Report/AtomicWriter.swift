import Foundation

/// Why files could not be written; the earlier ones are as they were.
public struct WriteError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was being done.
  public enum Step: String, Sendable {
    /// Making the folder.
    case makeFolder = "cannot make the folder"
    /// Writing a new file beside the old one.
    case write = "cannot write"
    /// Putting the new file in the old one's place.
    case replace = "cannot replace"
  }

  /// What was being done.
  public let step: Step
  /// The file or folder.
  public let path: String
  /// The system's error number.
  public let code: Int32

  /// A reason.
  public init(step: Step, path: String, code: Int32) {
    self.step = step
    self.path = path
    self.code = code
  }

  /// One sentence with the system's reason.
  public var description: String {
    "\(step.rawValue) \(path): \(unsafe String(cString: strerror(code))); "
      + "nothing that was there has changed"
  }
}

/// Writes files completely or not at all.
///
/// Everything goes into a temporary folder beside the target first and is flushed to the disk. Only
/// then are the files renamed into place, each in one step of the file system, with hard links to
/// the old ones kept until the last rename has worked.
public enum AtomicWriter {
  /// Writes one file.
  ///
  /// - Parameters:
  ///   - text: its contents.
  ///   - path: its place; an existing file is replaced.
  /// - Throws: `WriteError`.
  public static func write(_ text: String, to path: String) throws(WriteError) {
    guard !path.isEmpty else { throw WriteError(step: .write, path: "''", code: ENOENT) }
    if isDevice(path) { return try append(text, to: path) }
    // A link stays a link: the file that it leads to is replaced.
    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    _ = try write(
      [Report.File(name: url.lastPathComponent, contents: text)],
      to: url.deletingLastPathComponent().path, removing: [])
  }

  /// Writes files into a folder and removes others from it.
  ///
  /// - Parameters:
  ///   - files: new contents by name.
  ///   - folder: made where it does not exist.
  ///   - stale: names of files that go, where they exist.
  /// - Returns: the paths that were written.
  /// - Throws: `WriteError`.
  static func write(
    _ files: [Report.File], to folder: String, removing stale: [String]
  ) throws(WriteError) -> [String] {
    try makeFolder(folder)
    sweep(folder)
    let temporary = try temporaryFolder(in: folder)
    defer { try? FileManager.default.removeItem(atPath: temporary) }
    for file in files { try flush(file.contents, to: temporary + "/" + file.name) }
    var exchange = Exchange(folder: folder, temporary: temporary)
    do throws(WriteError) {
      for file in files { try exchange.replace(file.name) }
      for name in stale { try exchange.remove(name) }
    } catch {
      exchange.undo()
      throw error
    }
    flushFolder(folder)
    return files.map { folder + "/" + $0.name }
  }

  /// Whether a path leads to a device, a pipe or an open file, which must not be replaced.
  private static func isDevice(_ path: String) -> Bool {
    if path.hasPrefix("/dev/") { return true }
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return false }
    let kind = status.st_mode & S_IFMT
    return kind != S_IFREG && kind != S_IFDIR
  }

  /// Writes into what is there.
  private static func append(_ text: String, to path: String) throws(WriteError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw WriteError(step: .write, path: path, code: errno) }
    defer { close(descriptor) }
    try put(text, into: descriptor, path: path)
  }

  /// Writes all of a text to an open file.
  ///
  /// - Throws: `WriteError`.
  public static func put(_ text: String, into descriptor: Int32, path: String) throws(WriteError) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Foundation.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw WriteError(step: .write, path: path, code: errno)
      }
      rest = rest.dropFirst(count)
    }
  }

  private static func makeFolder(_ folder: String) throws(WriteError) {
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw WriteError(step: .makeFolder, path: folder, code: reason(error))
    }
  }

  /// Names of temporary folders; the number of the process follows.
  private static let prefix = ".foretrain-"

  private static func temporaryFolder(in folder: String) throws(WriteError) -> String {
    // Within the folder itself: surely the same file system, and no other permission is needed.
    let path = folder + "/" + prefix + "\(ProcessInfo.processInfo.processIdentifier)"
    try? FileManager.default.removeItem(atPath: path)
    guard unsafe mkdir(path, 0o700) == 0 else {
      throw WriteError(step: .write, path: folder, code: errno)
    }
    return path
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

  private static func flush(_ text: String, to path: String) throws(WriteError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw WriteError(step: .write, path: path, code: errno) }
    defer { close(descriptor) }
    try put(text, into: descriptor, path: path)
    guard fsync(descriptor) == 0 else {
      throw WriteError(step: .write, path: path, code: errno)
    }
  }

  /// Makes the renames last; a file system that cannot do this for folders is not an error.
  private static func flushFolder(_ folder: String) {
    let descriptor = unsafe open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func reason(_ error: any Error) -> Int32 {
    var error = error as NSError
    while let inner = error.userInfo[NSUnderlyingErrorKey] as? NSError { error = inner }
    return error.domain == NSPOSIXErrorDomain ? Int32(error.code) : EIO
  }
}

/// Renames that can be taken back.
private struct Exchange {
  let folder: String
  let temporary: String
  private var done: [(name: String, hadOld: Bool)] = []

  init(folder: String, temporary: String) {
    self.folder = folder
    self.temporary = temporary
  }

  private func place(_ name: String) -> String { folder + "/" + name }
  private func backup(_ name: String) -> String { temporary + "/" + name + ".old" }

  /// Puts the new file of this name in place.
  mutating func replace(_ name: String) throws(WriteError) {
    let hadOld = try keepOld(name)
    guard unsafe rename(temporary + "/" + name, place(name)) == 0 else {
      throw WriteError(step: .replace, path: place(name), code: errno)
    }
    done.append((name, hadOld))
  }

  /// Takes a file of this name away, where there is one.
  mutating func remove(_ name: String) throws(WriteError) {
    guard try keepOld(name) else { return }
    guard unsafe unlink(place(name)) == 0 else {
      throw WriteError(step: .replace, path: place(name), code: errno)
    }
    done.append((name, true))
  }

  /// A second name for the old file; a copy where the file system has no hard links.
  private func keepOld(_ name: String) throws(WriteError) -> Bool {
    if unsafe link(place(name), backup(name)) == 0 { return true }
    if errno == ENOENT { return false }
    do {
      try FileManager.default.copyItem(atPath: place(name), toPath: backup(name))
      return true
    } catch {
      throw WriteError(step: .replace, path: place(name), code: EIO)
    }
  }

  /// Puts every old file back.
  mutating func undo() {
    for (name, hadOld) in done.reversed() {
      if hadOld {
        _ = unsafe rename(backup(name), place(name))
      } else {
        _ = unsafe unlink(place(name))
      }
    }
    done = []
  }
}
