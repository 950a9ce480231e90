import Foundation

/// The start of a checkpoint file: mark, header length, header checksum, header as JSON.
///
/// | bytes | what |
/// |---|---|
/// | 8 | `foretrn1` |
/// | 8 | length of the header, little-endian |
/// | 8 | XXH64 of the 16 bytes before and of the header, little-endian |
/// | length | the header, JSON |
/// | the rest | arrays, see `CheckpointArrays`; checksums are in the header |
enum CheckpointFile {
  static let mark = Array("foretrn1".utf8)
  static let preamble = 24

  /// The bytes before the arrays.
  static func start(_ header: CheckpointHeader) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let json = Array(try encoder.encode(header))
    let front = mark + bytes(UInt64(json.count))
    return front + bytes(XXH64.hash(front + json)) + json
  }

  static func bytes(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
  }

  static func number(_ bytes: some Collection<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// A file descriptor that is closed when nobody needs it.
final class FileDescriptor {
  let number: Int32

  /// - Throws: The error number of the system.
  init(_ path: String, _ flags: Int32, mode: mode_t = 0o644) throws(SystemError) {
    number = unsafe open(path, flags | O_CLOEXEC, mode)
    guard number >= 0 else { throw SystemError(code: errno) }
  }

  deinit { close(number) }

  /// Writes all bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      let count = unsafe Foundation.write(
        number, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
      if count < 0 {
        if errno == EINTR { continue }
        throw SystemError(code: errno)
      }
      done += count
    }
  }

  /// Reads until the buffer is full or the file ends.
  func read(into bytes: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    var done = 0
    while done < bytes.count {
      let count = unsafe Foundation.read(
        number, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
      if count < 0 {
        if errno == EINTR { continue }
        throw SystemError(code: errno)
      }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Makes what was written last.
  func synchronise() throws(SystemError) {
    guard fsync(number) == 0 else { throw SystemError(code: errno) }
  }

  /// Bytes of the file.
  func size() throws(SystemError) -> Int {
    var status = stat()
    guard unsafe fstat(number, &status) == 0 else { throw SystemError(code: errno) }
    return Int(status.st_size)
  }
}

/// An error number of the system.
struct SystemError: Error {
  var code: Int32
}
