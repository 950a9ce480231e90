import Foundation

/// How much of the processors other programs take, between two instants.
///
/// A program on one core halves the speed of kernels that are split over two, without a word.
///
/// Source: Linux, Documentation/filesystems/proc.rst, `stat`; getrusage(2).
public struct MachineLoad: Sendable {
  private struct Reading {
    /// Seconds that all processors were busy for anybody, hypervisor included.
    var busy: Double
    /// Seconds of all processors, idle ones included.
    var all: Double
    /// Seconds of this process.
    var own: Double
  }

  private let first: Reading?

  /// Starts to look.
  public init() { first = Self.read() }

  /// Share of all processors that others have taken since; nil where the system does not say.
  ///
  /// Good to a few hundredths over a tenth of a second: the system counts in hundredths.
  public func others() -> Double? {
    guard let first, let last = Self.read(), last.all > first.all else { return nil }
    let others = (last.busy - first.busy) - (last.own - first.own)
    return min(1, max(0, others / (last.all - first.all)))
  }

  private static func read() -> Reading? {
    guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
      let line = text.split(separator: "\n").first, line.hasPrefix("cpu ")
    else { return nil }
    let numbers = line.split(separator: " ").dropFirst().compactMap { Double($0) }
    // user, nice, system, idle, iowait, irq, softirq, steal; guests are in user already.
    guard numbers.count >= 8 else { return nil }
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    let all = numbers.prefix(8).reduce(0, +) / ticks
    let idle = (numbers[3] + numbers[4]) / ticks
    var usage = rusage()
    guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
    return Reading(
      busy: all - idle, all: all, own: seconds(usage.ru_utime) + seconds(usage.ru_stime))
  }
}
