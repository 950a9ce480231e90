/// A column of one `LinearModel`: a typed id, handed out by the model that owns it.
///
/// Copies of a model share their ids. An id that another model handed out is found by validation
/// (its name is part of it), and never read as some column that has the same number.
public struct Variable: Hashable, Sendable {
  /// The place among the model's variables, from 0.
  public let index: Int
  /// A hash of the name, equal in every process.
  let tag: UInt64

  init(index: Int, name: String) {
    self.index = index
    self.tag = nameTag(name)
  }
}

/// A row of one `LinearModel`: a typed id, handed out by the model that owns it.
public struct Constraint: Hashable, Sendable {
  /// The place among the model's constraints, from 0.
  public let index: Int
  /// A hash of the name, equal in every process.
  let tag: UInt64

  init(index: Int, name: String) {
    self.index = index
    self.tag = nameTag(name)
  }
}

/// The 64-bit FNV-1a hash: the same in every process, unlike `Hashable`'s.
///
/// Source: Noll, Vo, Eastlake and Hansen, The FNV Non-Cryptographic Hash Algorithm, RFC 9923.
func nameTag(_ name: String) -> UInt64 {
  name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}
