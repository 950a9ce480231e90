private import CArchive

/// One archive, or one compressed file, read from front to end through libarchive.
///
/// Owns libarchive's handle. Nothing is kept in memory but the block in hand.
@safe final class ArchiveReader {
  /// What libarchive said.
  struct Failure: Error {
    var reason: String
  }

  /// One entry.
  struct Entry {
    /// Its path in the archive.
    var path: String
    /// Bytes of its data, as its header says.
    var size: Int
    /// Not a folder, a link or a device.
    var isFile: Bool
  }

  /// What the bytes are.
  enum Format {
    /// A tar archive, plain or compressed with gzip.
    case tar
    /// Anything: one nameless entry; compressed with gzip or not.
    case raw
  }

  private let handle: OpaquePointer
  private let format: Format
  /// Where the last entry ends if its header is right, in uncompressed bytes.
  private var end: Int64 = 0
  /// libarchive must not be asked again after the end.
  private var isAtEnd: Bool = false

  /// Opens a file.
  init(path: String, format: Format) throws(Failure) {
    guard let handle = unsafe archive_read_new() else {
      throw Failure(reason: "libarchive has no memory left")
    }
    unsafe self.handle = unsafe handle
    self.format = format
    unsafe archive_read_support_filter_gzip(handle)
    switch format {
    case .tar: unsafe archive_read_support_format_tar(handle)
    case .raw: unsafe archive_read_support_format_raw(handle)
    }
    unsafe archive_read_support_format_empty(handle)
    guard unsafe archive_read_open_filename(handle, path, 1 << 16) == ARCHIVE_OK else {
      throw Failure(reason: unsafe Self.reason(handle))
    }
  }

  deinit { unsafe archive_read_free(handle) }

  /// Goes to the next entry; nil at the end.
  ///
  /// A tar archive must end with the mark that the format asks for (POSIX: two blocks of zeros, one is
  /// enough here), or a file cut between two entries would pass for a whole one.
  func next() throws(Failure) -> Entry? {
    if isAtEnd { return nil }
    var found: OpaquePointer?
    let status = unsafe archive_read_next_header(handle, &found)
    if status == ARCHIVE_EOF {
      isAtEnd = true
      let position = unsafe archive_filter_bytes(handle, 0)
      if format == .tar && position < end + 512 {
        throw Failure(reason: "it ends without an end-of-archive mark: it was cut off")
      }
      return nil
    }
    guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry = unsafe found else {
      throw Failure(reason: unsafe Self.reason(handle))
    }
    let size = unsafe archive_entry_size(entry)
    // The sums below stay far from overflowing.
    guard (0...1 << 60).contains(size) else { throw Failure(reason: "an entry of \(size) bytes") }
    let isRegular = unsafe archive_entry_filetype(entry) == 0o100000
    let isLink = unsafe archive_entry_hardlink(entry) != nil
    let isFile = isRegular && !isLink
    // Sparse files take less room than their size; then only part of the mark's absence is noticed.
    let holes = unsafe archive_entry_sparse_count(entry)
    let start = unsafe archive_filter_bytes(handle, 0)
    end = start + (isFile && holes == 0 ? (size + 511) / 512 * 512 : 0)
    return Entry(path: unsafe Self.path(entry), size: Int(size), isFile: isFile)
  }

  /// The data of the current entry; nil: there are more than `limit` bytes.
  func data(limit: Int) throws(Failure) -> [UInt8]? {
    var bytes: [UInt8] = []
    while true {
      var block: UnsafeRawPointer?
      var count = 0
      var offset: Int64 = 0
      let status = unsafe archive_read_data_block(handle, &block, &count, &offset)
      if status == ARCHIVE_EOF { return bytes }
      guard status == ARCHIVE_OK || status == ARCHIVE_WARN else {
        throw Failure(reason: unsafe Self.reason(handle))
      }
      // A sparse file has holes: they are zeros.
      guard offset >= Int64(bytes.count), offset <= Int64(limit), count <= limit - Int(offset)
      else { return nil }
      bytes.append(contentsOf: repeatElement(0, count: Int(offset) - bytes.count))
      unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: block, count: count))
    }
  }

  private static func path(_ entry: OpaquePointer) -> String {
    if let name = unsafe archive_entry_pathname_utf8(entry) { return unsafe String(cString: name) }
    if let name = unsafe archive_entry_pathname(entry) { return unsafe String(cString: name) }
    return ""
  }

  private static func reason(_ handle: OpaquePointer) -> String {
    guard let text = unsafe archive_error_string(handle) else { return "it cannot be read" }
    return unsafe String(cString: text)
  }
}
