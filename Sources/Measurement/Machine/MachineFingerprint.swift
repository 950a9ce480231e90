import Foundation

/// What a measurement of this machine holds for: other processor or memory, other speed.
public struct MachineFingerprint: Sendable, Hashable, Codable {
  /// The processor's own name.
  public var processor: String
  /// The widest vector instructions that it has: `avx512`, `avx2`, `other`.
  public var vectors: String
  /// Cores that this process may use.
  public var cores: Int
  /// Physical memory in bytes.
  public var memoryBytes: Int
  /// For example `Debian GNU/Linux 12 (bookworm)`.
  public var operatingSystem: String

  /// A fingerprint from its parts.
  public init(
    processor: String, vectors: String, cores: Int, memoryBytes: Int, operatingSystem: String
  ) {
    self.processor = processor
    self.vectors = vectors
    self.cores = cores
    self.memoryBytes = memoryBytes
    self.operatingSystem = operatingSystem
  }

  /// 16 hexadecimal digits that are equal on equal machines.
  ///
  /// FNV-1a of all parts; memory counts in steps of 256 MiB, because what the kernel keeps for
  /// itself changes from boot to boot.
  public var id: String {
    let step = Double(256 << 20)
    let text = [
      processor, vectors, "\(cores)", "\(Int((Double(memoryBytes) / step).rounded()))",
      operatingSystem,
    ].joined(separator: "\n")
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Reads the machine that this process runs on.
  public static func current() -> MachineFingerprint {
    let cpu = text(of: "/proc/cpuinfo")
    let flags = field("flags", in: cpu).split(separator: " ")
    let release = text(of: "/etc/os-release").split(separator: "\n")
      .first { $0.hasPrefix("PRETTY_NAME=") }
      .map { $0.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" } }
    let processor = field("model name", in: cpu)
    return MachineFingerprint(
      processor: processor.isEmpty ? "unknown processor" : processor,
      vectors: flags.contains("avx512f") ? "avx512" : flags.contains("avx2") ? "avx2" : "other",
      cores: ProcessInfo.processInfo.activeProcessorCount,
      memoryBytes: Int(clamping: ProcessInfo.processInfo.physicalMemory),
      operatingSystem: release.map { String($0) }
        ?? ProcessInfo.processInfo.operatingSystemVersionString)
  }

  /// Resident memory of this process, in bytes; nil where the system does not say.
  public static func residentBytes() -> Int? {
    let words = text(of: "/proc/self/status").split(separator: "\n")
      .first { $0.hasPrefix("VmRSS:") }?.split(separator: " ")
    guard let words, words.count >= 2, let kibibytes = Int(words[1]) else { return nil }
    return kibibytes * 1024
  }

  private static func text(of path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }

  private static func field(_ name: String, in text: String) -> String {
    let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
    guard let line, let colon = line.firstIndex(of: ":") else { return "" }
    return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
  }
}
