import CArchive
import Foundation

/// A folder that goes away with its owner.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "training-data-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// Writes a file, and says where.
  func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let file = url.appendingPathComponent(name)
    try Data(bytes).write(to: file)
    return file.path
  }

  func write(_ name: String, _ text: String) throws -> String { try write(name, text.utf8) }

  /// Writes a tar archive with libarchive's writer, compressed where the name ends in gz.
  func tar(_ name: String, _ entries: [(name: String, bytes: [UInt8])]) throws -> String {
    let file = path(name)
    let archive = unsafe archive_write_new()
    defer { unsafe archive_write_free(archive) }
    unsafe archive_write_set_format_pax_restricted(archive)
    if name.hasSuffix("gz") { unsafe archive_write_add_filter_gzip(archive) }
    try check(unsafe archive_write_open_filename(archive, file))
    for entry in entries {
      let header = unsafe archive_entry_new()
      defer { unsafe archive_entry_free(header) }
      let isFolder = entry.name.hasSuffix("/")
      unsafe archive_entry_set_pathname(header, entry.name)
      unsafe archive_entry_set_size(header, Int64(entry.bytes.count))
      unsafe archive_entry_set_filetype(header, isFolder ? 0o040000 : 0o100000)
      unsafe archive_entry_set_perm(header, 0o644)
      // Letters that the locale lacks are stored as bytes, with a warning.
      let status = unsafe archive_write_header(archive, header)
      guard status == ARCHIVE_OK || status == ARCHIVE_WARN else { throw NotWritten(status: status) }
      let written = unsafe archive_write_data(archive, entry.bytes, entry.bytes.count)
      guard written == entry.bytes.count else { throw NotWritten(status: Int32(written)) }
    }
    try check(unsafe archive_write_close(archive))
    return file
  }

  private struct NotWritten: Error { var status: Int32 }

  private func check(_ status: Int32) throws {
    guard status == ARCHIVE_OK else { throw NotWritten(status: status) }
  }
}

/// Tar archives laid out by hand, as POSIX describes them.
enum HandMadeTar {
  /// An archive of entries with names of any length and letters: each has an extended header.
  static func bytes(_ entries: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    entries.flatMap { entry -> [UInt8] in
      let record = record("path", entry.name)
      return header("x", kind: "x", size: record.count) + padded(record)
        + header("y", kind: "0", size: entry.bytes.count) + padded(entry.bytes)
    } + [UInt8](repeating: 0, count: 1024)
  }

  /// An archive whose only entry claims a size, written in base 256 as GNU tar does.
  static func claiming(_ size: Int64) -> [UInt8] {
    var block = header("0.png", kind: "0", size: 0)
    block.replaceSubrange(124..<136, with: [0x80, 0, 0, 0] + size.bytes)
    block.replaceSubrange(148..<156, with: "        ".utf8)
    let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
    let text = String(repeating: "0", count: 6 - sum.count) + sum + "\u{0} "
    block.replaceSubrange(148..<156, with: text.utf8)
    return block + [UInt8](repeating: 0, count: 2048)
  }

  /// "LENGTH KEY=VALUE", newline; the length counts itself.
  private static func record(_ key: String, _ value: String) -> [UInt8] {
    let rest = Array(" \(key)=\(value)\n".utf8)
    var length = rest.count
    while String(length).count + rest.count != length { length += 1 }
    return Array(String(length).utf8) + rest
  }

  private static func header(_ name: String, kind: Unicode.Scalar, size: Int) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at place: Int) {
      block.replaceSubrange(place..<place + text.utf8.count, with: text.utf8)
    }
    func octal(_ number: Int, _ digits: Int) -> String {
      let text = String(number, radix: 8)
      return String(repeating: "0", count: digits - text.count) + text
    }
    put(name, at: 0)
    put(octal(0o644, 7), at: 100)
    put(octal(0, 7), at: 108)
    put(octal(0, 7), at: 116)
    put(octal(size, 11), at: 124)
    put(octal(0, 11), at: 136)
    put("        " + String(kind), at: 148)
    put("ustar\u{0}00", at: 257)
    put(octal(block.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", at: 148)
    return block
  }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
  }
}

extension Int64 {
  /// Highest byte first.
  fileprivate var bytes: [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: self >> (56 - 8 * $0)) }
  }
}
