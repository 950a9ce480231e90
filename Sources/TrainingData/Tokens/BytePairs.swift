/// Byte pair encoding of single words: symbols, and which neighbours merge first.
struct BytePairs: Sendable {
  /// The id of each byte where the word goes on after it.
  var inner: [Int32]
  /// The id of each byte at the end of a word.
  var last: [Int32]
  /// For two neighbours, the merge's rank (low ones first) and the id that replaces them.
  var merges: [UInt64: Merge] = [:]

  struct Merge: Sendable {
    var rank: Int
    var id: Int32
  }

  static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// The ids of a word: again and again, all places of the neighbours that merge first are merged.
  func ids(of word: some Collection<UInt8>) -> [Int32] {
    var ids = word.map { inner[Int($0)] }
    guard let end = Array(word).last else { return [] }
    ids[ids.count - 1] = last[Int(end)]
    while let best = first(in: ids) {
      var merged: [Int32] = []
      var index = 0
      while index < ids.count {
        if index + 1 < ids.count, Self.key(ids[index], ids[index + 1]) == best.key {
          merged.append(best.id)
          index += 2
        } else {
          merged.append(ids[index])
          index += 1
        }
      }
      ids = merged
    }
    return ids
  }

  private func first(in ids: [Int32]) -> (key: UInt64, id: Int32)? {
    var best: (rank: Int, key: UInt64, id: Int32)?
    for (left, right) in zip(ids, ids.dropFirst()) {
      let key = Self.key(left, right)
      guard let merge = merges[key], merge.rank < best?.rank ?? .max else { continue }
      best = (merge.rank, key, merge.id)
    }
    return best.map { ($0.key, $0.id) }
  }

  // MARK: Bytes as characters

  /// The 256 characters that stand for bytes in merges files, in the order of their ids: first the
  /// bytes that print as themselves, then the others, as characters from U+0100 on.
  ///
  /// Source: github.com/openai/CLIP, clip/simple_tokenizer.py, `bytes_to_unicode`.
  static let alphabet: [(byte: UInt8, character: Unicode.Scalar)] = {
    let printing = Array(33...126) + Array(161...172) + Array(174...255)
    let others = (0...255).filter { !printing.contains($0) }
    var alphabet = printing.map { (UInt8($0), Unicode.Scalar(UInt8($0))) }
    for (number, byte) in others.enumerated() {
      if let scalar = Unicode.Scalar(256 + number) { alphabet.append((UInt8(byte), scalar)) }
    }
    return alphabet
  }()

  /// What marks the end of a word in merges files.
  static let wordEnd: String = "</w>"
}
