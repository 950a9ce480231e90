extension String {
  /// Lower case by Unicode's full mappings, with the form that sigma has at the end of a word.
  ///
  /// Source: The Unicode Standard, section 3.13, `toLowercase` with `Final_Sigma`. The standard
  /// library's `lowercased()` maps each letter by itself.
  var lowerCase: String {
    guard unicodeScalars.contains("\u{3a3}") else { return lowercased() }
    let scalars = Array(unicodeScalars)
    var lower = ""
    for (index, scalar) in scalars.enumerated() {
      let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
      let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
      if scalar == "\u{3a3}", before?.properties.isCased ?? false,
        !(after?.properties.isCased ?? false)
      {
        lower.unicodeScalars.append("\u{3c2}")
      } else {
        lower += scalar.properties.lowercaseMapping
      }
    }
    return lower
  }
}
