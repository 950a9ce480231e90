import Clusters
import Strategies
import Workloads

/// Seconds of this project's own kernels, from the laws of a measured machine.
struct KernelLawTime: Sendable {
  private let laws: [String: [KernelCount: Double]]
  private let places: [String: Int]
  private let measured: [String: ClosedRange<Double>]
  let workers: Int

  /// How far beyond a measured size a law is trusted, as a factor.
  static let reach = 1.5

  /// The laws of a device for a strategy; nil for other software than this project's own core, and
  /// where nobody has measured it.
  init?(_ profile: HardwareProfile, _ strategy: Strategy) {
    guard let laws = profile.kernelLaws(for: strategy) else { return nil }
    self.init(laws)
  }

  init(_ laws: KernelLaws) {
    workers = laws.workers
    var constants: [String: [KernelCount: Double]] = [:]
    var measured: [String: ClosedRange<Double>] = [:]
    var places: [String: Int] = [:]
    for (place, law) in laws.laws.enumerated() {
      places[law.family] = place
      measured[law.family] = law.measured
      for term in law.terms {
        guard let count = KernelCount(rawValue: term.count) else { continue }
        constants[law.family, default: [:]][count] = term.seconds
      }
    }
    self.laws = constants
    self.places = places
    self.measured = measured
  }

  /// Seconds of a kernel's work; nil where its family was not measured.
  func seconds(_ work: KernelWork) -> Double? {
    laws[work.family].map(work.seconds)
  }

  /// Seconds of something outside segments that moves so many bytes in so many calls.
  func seconds(family: String, bytes: Double, calls: Int = 1) -> Double? {
    seconds(
      KernelWork(family: family, shape: "", bytes: bytes / Double(max(1, calls)), workers: workers)
    ).map { $0 * Double(max(1, calls)) }
  }

  /// The law of a kernel's work with its constants as inputs; nil where its family was not measured.
  func expression(_ work: KernelWork) -> Expression? {
    guard let law = laws[work.family], let place = places[work.family] else { return nil }
    let terms = KernelCount.allCases.compactMap { count -> Expression? in
      guard let seconds = law[count], let number = work.counts[count] else { return nil }
      return .counted(count.rawValue, number)
        * .input("hardware:efficiency.kernels.laws[\(place)].\(count.rawValue)", seconds)
    }
    return .sum(terms)
  }

  /// The law of something outside segments that moves so many bytes in one call.
  func expression(family: String, bytes: Double) -> Expression? {
    expression(KernelWork(family: family, shape: "", bytes: bytes, workers: workers))
  }

  /// Whether a size lies outside what was measured.
  func isOutside(_ work: KernelWork) -> Bool {
    guard let range = measured[work.family] else { return true }
    return work.size < range.lowerBound / Self.reach || work.size > range.upperBound * Self.reach
  }
}

extension HardwareProfile {
  /// The laws that price a strategy's kernels; nil for other software than this project's own core,
  /// and where nobody has measured it.
  func kernelLaws(for strategy: Strategy) -> KernelLaws? {
    strategy.software.epilogues && strategy.precision == .fp32 ? efficiency.kernels : nil
  }
}
