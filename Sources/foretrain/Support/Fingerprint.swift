import Reporting
import Scenarios

/// Short hashes that say whether two outputs rest on the same text.
///
/// Not for security.
enum Fingerprint {
  /// FNV-1a, 64 bits, as 16 hexadecimal digits (Fowler, Noll, Vo; public domain).
  static func of(_ text: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 {
      hash ^= UInt64(byte)
      hash = hash &* 0x0000_0100_0000_01b3
    }
    let digits = String(hash, radix: 16)
    return "fnv1a:" + String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The hash of the constants that were fitted to published steps; nil where no folder holds any.
  ///
  /// - Throws: `FileErrors` where their file cannot be read.
  static func ofConstants(_ loader: ScenarioLoader) throws -> String? {
    let constants = try loader.stepConstants()
    return constants == StepConstants() ? nil : of(constants.text)
  }
}

extension OutputOptions {
  /// The provenance of an answer that rests on fitted constants and on no single scenario.
  ///
  /// - Throws: `FileErrors` where the constants cannot be read.
  func provenance(_ loader: ScenarioLoader) throws -> Provenance {
    Provenance(
      version: Tool.version, fitHash: try Fingerprint.ofConstants(loader), stamp: invocation)
  }
}
