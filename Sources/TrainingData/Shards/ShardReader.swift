/// The entries of one sample: those that follow each other and share a name up to its first dot.
struct ShardGroup {
  /// The shared name.
  var key: String
  /// The first `.jpg`, `.jpeg` or `.png`.
  var image: (entry: String, bytes: [UInt8])?
  /// The first `.txt`.
  var text: (entry: String, bytes: [UInt8])?
  /// The first `.json`.
  var json: (entry: String, bytes: [UInt8])?
  /// An entry that was not read, and why.
  var fault: (entry: String, reason: String)?
}

/// Reads the samples of one shard in order.
final class ShardReader {
  private let file: String
  private let settings: ShardSettings
  private let archive: ArchiveReader
  /// The first entry of the next sample, whose data are still to be read.
  private var pending: Named?
  private var lastEntry: String?

  private struct Named {
    var entry: ArchiveReader.Entry
    var key: String
    var suffix: String
  }

  init(file: String, settings: ShardSettings) throws(TrainingDataError) {
    self.file = file
    self.settings = settings
    do throws(ArchiveReader.Failure) {
      archive = try ArchiveReader(path: file, format: .tar)
    } catch {
      throw .unreadable(file: file, reason: error.reason)
    }
  }

  /// The next sample; nil at the end of the shard.
  ///
  /// Without `reading` its data are passed over.
  func next(reading: Bool = true) throws(TrainingDataError) -> ShardGroup? {
    do throws(ArchiveReader.Failure) {
      var group: ShardGroup?
      while let named = try takePending() {
        if let group, group.key != named.key {
          pending = named
          break
        }
        var grown = group ?? ShardGroup(key: named.key)
        if reading { try read(named, into: &grown) }
        group = grown
      }
      return group
    } catch {
      let place = lastEntry.map { "after \"\($0)\": " } ?? ""
      throw .unreadable(file: file, reason: place + error.reason)
    }
  }

  private func takePending() throws(ArchiveReader.Failure) -> Named? {
    if let named = pending {
      pending = nil
      return named
    }
    return try nextNamed()
  }

  /// The next file that may belong to a sample.
  private func nextNamed() throws(ArchiveReader.Failure) -> Named? {
    while let entry = try archive.next() {
      lastEntry = entry.path
      let start = entry.path.lastIndex(of: "/").map { entry.path.index(after: $0) }
      let name = entry.path[(start ?? entry.path.startIndex)...]
      guard entry.isFile, let dot = name.firstIndex(of: "."), dot != name.startIndex else {
        continue
      }
      return Named(
        entry: entry, key: String(entry.path[..<dot]),
        suffix: name[name.index(after: dot)...].lowercased())
    }
    return nil
  }

  private func read(_ named: Named, into group: inout ShardGroup) throws(ArchiveReader.Failure) {
    let path = named.entry.path
    switch named.suffix {
    case "jpg", "jpeg", "png":
      guard group.image == nil else { return }
      group.image = (path, try data(named, limit: settings.imageBytes, &group))
    case "txt":
      guard group.text == nil else { return }
      group.text = (path, try data(named, limit: settings.textBytes, &group))
    case "json":
      guard group.json == nil else { return }
      group.json = (path, try data(named, limit: settings.textBytes, &group))
    default: return
    }
  }

  private func data(
    _ named: Named, limit: Int, _ group: inout ShardGroup
  ) throws(ArchiveReader.Failure) -> [UInt8] {
    if named.entry.size <= limit, let bytes = try archive.data(limit: limit) { return bytes }
    group.fault = (named.entry.path, "\(named.entry.size) bytes, over the limit of \(limit)")
    return []
  }
}
