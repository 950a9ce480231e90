/// Splits text into the words that CLIP's byte pair encoding works on.
///
/// The expression is
/// `<|startoftext|> | <|endoftext|> | 's | 't | 're | 've | 'm | 'll | 'd | [\p{L}]+ | [\p{N}] |
/// [^\s\p{L}\p{N}]+`, tried in this order at every place of the lower-cased text.
///
/// Source: github.com/openai/CLIP, clip/simple_tokenizer.py, `SimpleTokenizer.pat`.
struct CLIPWords {
  static let start: String = "<|startoftext|>"
  static let end: String = "<|endoftext|>"

  private let scalars: [Unicode.Scalar]
  private var at: Int = 0
  private static let fixed: [[Unicode.Scalar]] =
    [start, end, "'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map { Array($0.unicodeScalars) }

  private init(_ text: String) { scalars = Array(text.lowerCase.unicodeScalars) }

  static func words(of text: String) -> [String] {
    var splitter = CLIPWords(text)
    var words: [String] = []
    while let word = splitter.next() { words.append(word) }
    return words
  }

  private enum Kind {
    case space, letter, number, other

    init(_ scalar: Unicode.Scalar) {
      // Python's white space also has the four ASCII separators.
      if scalar.properties.isWhitespace || (0x1c...0x1f).contains(scalar.value) {
        self = .space
        return
      }
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
        self = .letter
      case .decimalNumber, .letterNumber, .otherNumber: self = .number
      default: self = .other
      }
    }
  }

  private mutating func next() -> String? {
    while at < scalars.count, Kind(scalars[at]) == .space { at += 1 }
    guard at < scalars.count else { return nil }
    let begin = at
    if let word = Self.fixed.first(where: { scalars[at...].starts(with: $0) }) {
      at += word.count
    } else {
      let kind = Kind(scalars[at])
      at += 1
      if kind != .number {
        while at < scalars.count, Kind(scalars[at]) == kind { at += 1 }
      }
    }
    var word = String.UnicodeScalarView()
    word.append(contentsOf: scalars[begin..<at])
    return String(word)
  }
}
