/// Names as the CPLEX LP format allows them, distinct from each other, in the order given.
struct TextNames {
  private var names: [String] = []

  /// Letters, digits and `_ . ( ) , / ' # @ & ! | $ %` stay, anything else becomes `_`.
  ///
  /// A name that could be read as a number or as a keyword gets a `_` in front; one that is taken
  /// gets `_2`, `_3`... behind.
  init(_ originals: [String]) {
    var taken: Set<String> = []
    for original in originals {
      let base = Self.allowed(original)
      var name = base
      var count = 1
      while !taken.insert(name).inserted {
        count += 1
        name = "\(base)_\(count)"
      }
      names.append(name)
    }
  }

  subscript(index: Int) -> String { names[index] }

  private static let punctuation = Set("_.(),/'#@&!|$%".utf8)

  /// Words that a reader of the format takes for the start of a section or for infinity.
  private static let keywords: Set<String> = [
    "minimize", "minimum", "min", "maximize", "maximum", "max", "subject", "such", "st", "s.t.",
    "st.", "bounds", "bound", "general", "generals", "gen", "integer", "integers", "int", "binary",
    "binaries", "bin", "end", "free", "inf", "infinity",
  ]

  private static func allowed(_ name: String) -> String {
    let kept = name.unicodeScalars.map { scalar -> Character in
      let isWord = scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
      let isMark = scalar.isASCII && punctuation.contains(UInt8(scalar.value))
      return isWord || isMark ? Character(scalar) : "_"
    }
    let text = String(kept)
    guard let first = kept.first else { return "_" }
    // "e9" and "E-3" read as exponents in some readers.
    let isExponent = (first == "e" || first == "E") && kept.dropFirst().first?.isNumber == true
    let isNumber = first.isNumber || first == "."
    return isNumber || isExponent || keywords.contains(text.lowercased()) ? "_" + text : text
  }
}
