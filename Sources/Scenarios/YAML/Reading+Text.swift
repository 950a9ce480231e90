extension Reading where Value == String {
  /// A text that is not empty.
  public static var text: Reading {
    .scalar(standIn: "", example: "some text") { text throws(Complaint) in
      guard text.contains(where: { !$0.isWhitespace }) else {
        throw Complaint("the text is empty", help: "write something")
      }
      return text
    }
  }

  /// A text that may be empty.
  public static var anyText: Reading {
    .scalar(standIn: "", example: "some text") { text throws(Complaint) in text }
  }

  /// An id: lower-case letters, digits, `-`, `.` and `_`.
  public static var id: Reading {
    .scalar(standIn: "", example: "some-id") { text throws(Complaint) in
      let isFit = text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
          true
        default: false
        }
      }
      guard isFit, !text.isEmpty else {
        throw Complaint("'\(text)' is not an id", help: "use lower-case letters, digits and '-'")
      }
      return text
    }
  }
}

extension Reading where Value == Bool {
  /// `true` or `false`, and nothing else.
  public static var bool: Reading {
    .scalar(standIn: false, example: "true") { text throws(Complaint) in
      switch text {
      case "true": return true
      case "false": return false
      default: throw Complaint("'\(text)' is neither true nor false", help: "write true or false")
      }
    }
  }
}

extension Reading where Value: RawRepresentable<String> & CaseIterable {
  /// A word out of an enumeration.
  public static func enumeration(of type: Value.Type) -> Reading {
    word(among: Value.allCases.map { ($0.rawValue, $0) })
  }
}

extension Reading {
  /// A word out of a table of words.
  ///
  /// - Precondition: the table is not empty.
  public static func word(among table: [(word: String, value: Value)]) -> Reading {
    precondition(!table.isEmpty, "a reading of words needs words")
    let words = table.map(\.word)
    return .scalar(standIn: table[0].value, example: words[0]) { text throws(Complaint) in
      guard let match = table.first(where: { $0.word == text }) else {
        throw Complaint("'\(text)' is not known", help: Nearest.help(for: text, among: words))
      }
      return match.value
    }
  }
}
