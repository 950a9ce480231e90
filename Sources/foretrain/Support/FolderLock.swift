import Foundation
import Reporting

/// Lets processes that fill one folder read and write one after the other; leaves no file behind.
struct FolderLock {
  private let descriptor: Int32

  /// Makes the folder where it is missing, and waits until no other process holds it.
  ///
  /// A file system without locks is used without them.
  ///
  /// - Throws: `WriteError` where the folder cannot be made or opened.
  init(folder: String) throws(WriteError) {
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw WriteError(step: .makeFolder, path: folder, code: errno)
    }
    descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw WriteError(step: .write, path: folder, code: errno) }
    while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
  }

  func release() { close(descriptor) }
}
