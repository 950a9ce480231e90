import Foundation

/// Memory of this process and of this machine as the kernel counts it.
public enum ProcessMemory {
  /// Starts to look for a new resident peak.
  ///
  /// Source: Linux, Documentation/filesystems/proc.rst, `clear_refs`.
  ///
  /// - Returns: Whether the system allows it; if not, the peak is that of the whole process.
  @discardableResult
  public static func resetPeak() -> Bool {
    // Not Foundation's writer, which would make a file beside it.
    guard let file = unsafe fopen("/proc/self/clear_refs", "w") else { return false }
    let isWritten = unsafe fputs("5", file) >= 0
    return unsafe fclose(file) == 0 && isWritten
  }

  /// The most bytes that were resident at once since the last reset; nil where nobody says.
  public static func peakBytes() -> Int? {
    kibibytes("VmHWM:", in: "/proc/self/status").map { $0 * 1024 }
  }

  /// Bytes that a new allocation can have without anything being moved out: the smaller of what the
  /// machine and this process's control group have left; nil where nobody says.
  public static func availableBytes() -> Int? {
    let machine = kibibytes("MemAvailable:", in: "/proc/meminfo").map { $0 * 1024 }
    let limit = number(in: "/sys/fs/cgroup/memory.max")
    let used = number(in: "/sys/fs/cgroup/memory.current")
    let group = limit.map { max(0, $0 - (used ?? 0)) }
    return [machine, group].compactMap(\.self).min()
  }

  private static func kibibytes(_ key: String, in path: String) -> Int? {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let words = text.split(separator: "\n").first { $0.hasPrefix(key) }?.split(separator: " ")
    guard let words, words.count >= 2 else { return nil }
    return Int(words[1])
  }

  private static func number(in path: String) -> Int? {
    let text = try? String(contentsOfFile: path, encoding: .utf8)
    return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }
}
