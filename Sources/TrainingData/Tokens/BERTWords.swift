private import Foundation

/// Splits text into the words that BERT's word pieces work on.
enum BERTWords {
  static func words(of text: String) -> [[Unicode.Scalar]] {
    var words: [[Unicode.Scalar]] = []
    var word: [Unicode.Scalar] = []
    func close() {
      if !word.isEmpty { words.append(word) }
      word = []
    }
    let plain = text.lowercased().decomposedStringWithCanonicalMapping
    for scalar in plain.unicodeScalars {
      switch kind(scalar) {
      case .removed: continue
      case .space: close()
      case .alone:
        close()
        words.append([scalar])
      case .letter: word.append(scalar)
      }
    }
    close()
    return words
  }

  private enum Kind { case removed, space, alone, letter }

  private static func kind(_ scalar: Unicode.Scalar) -> Kind {
    let value = scalar.value
    if scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" { return .space }
    switch scalar.properties.generalCategory {
    case .spaceSeparator: return .space
    case .nonspacingMark, .control, .format, .privateUse, .surrogate, .unassigned:
      return .removed
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      return .alone
    default: break
    }
    if value == 0xfffd { return .removed }
    let signs: [ClosedRange<UInt32>] = [33...47, 58...64, 91...96, 123...126]
    let chinese: [ClosedRange<UInt32>] = [
      0x4e00...0x9fff, 0x3400...0x4dbf, 0x2_0000...0x2_a6df, 0x2_a700...0x2_b73f,
      0x2_b740...0x2_b81f, 0x2_b820...0x2_ceaf, 0xf900...0xfaff, 0x2_f800...0x2_fa1f,
    ]
    return (signs + chinese).contains { $0.contains(value) } ? .alone : .letter
  }
}
