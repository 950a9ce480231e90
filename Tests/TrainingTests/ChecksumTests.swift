import Testing
import Training

@Suite("XXH64")
struct ChecksumTests {
  /// Published by the algorithm's author in the specification's and the library's own tests.
  @Test(
    "published values",
    arguments: [
      ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
    ] as [(String, UInt64)])
  func published(_ text: String, _ expected: UInt64) {
    #expect(XXH64.hash(Array(text.utf8)) == expected)
  }

  @Test("pieces of any length give the checksum of the whole")
  func pieces() {
    let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 / 251) }
    let whole = XXH64.hash(bytes)
    for length in [1, 3, 8, 31, 32, 33, 64, 999] {
      var hash = XXH64()
      for start in stride(from: 0, to: bytes.count, by: length) {
        let piece = Array(bytes[start..<min(start + length, bytes.count)])
        unsafe piece.withUnsafeBytes { unsafe hash.update($0) }
      }
      #expect(hash.value == whole, "pieces of \(length)")
    }
  }
}
