import Foundation
import Reporting

/// Keeps processes that work in one folder from each other's way; leaves no file behind.
///
/// On a file system without locks nobody is kept from anything.
struct FolderLock {
  private let descriptor: Int32

  /// A lock that is not held yet; makes the folder where it is missing.
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
  }

  /// Waits until no other process holds it.
  func wait() { while flock(descriptor, LOCK_EX) != 0, errno == EINTR {} }

  /// Takes it; false where another process holds it.
  func take() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK }

  func release() { close(descriptor) }
}
