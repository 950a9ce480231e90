extension Reading where Value == Int {
  /// A length in pixels, written with its unit: `224 px`.
  public static var pixels: Reading {
    let sizes = scalar(standIn: 16, example: "224 px") { text throws(Complaint) in
      guard text.hasSuffix(" px") else {
        let isNumber = Int(text) != nil
        throw Complaint(
          "'\(text)' has no unit", help: isNumber ? "write '\(text) px'" : "write '224 px'")
      }
      guard let size = Int(text.dropLast(3)) else {
        throw Complaint("'\(text)' is not a number of pixels", help: "write '224 px'")
      }
      return size
    }
    return sizes.checked("from 1 px to 8192 px") { (1...8192).contains($0) }
  }

  /// A whole number from 1 to a limit.
  ///
  /// The limits of model files are far above every published model and keep products of three of
  /// them within 64 bits.
  public static func count(upTo limit: Int) -> Reading {
    count.checked("at most \(limit)") { $0 <= limit }
  }

  /// Blocks of a tower.
  static var layerCount: Reading { count(upTo: 4096) }
  /// Width of a residual stream or a projection.
  static var width: Reading { count(upTo: 131_072) }
  /// Hidden units of an MLP.
  static var hiddenWidth: Reading { count(upTo: 1_048_576) }
  /// Attention heads.
  static var headCount: Reading { count(upTo: 1024) }
  /// Tokens of a sequence.
  static var tokenCount: Reading { count(upTo: 131_072) }
  /// Entries of a table of tokens.
  static var tableSize: Reading { count(upTo: 10_000_000) }
}
