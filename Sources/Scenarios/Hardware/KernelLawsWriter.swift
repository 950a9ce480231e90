import Clusters
import Quantities

/// Writes `efficiency.kernels`, one law a line.
enum KernelLawsWriter {
  static func write(_ kernels: KernelLaws, _ writer: inout YAMLWriter) {
    writer.provenance(kernels.origin)
    writer.line("workers: \(kernels.workers)")
    writer.line("range: " + range(kernels.range))
    writer.list("laws", kernels.laws.map(law))
  }

  private static func law(_ law: KernelLaw) -> String {
    let number = ExactText.number
    let terms = law.terms.map {
      "{count: \(ExactText.text($0.count)), seconds: \(number($0.seconds))}"
    }
    let points = law.points.map { "{size: \(number($0.size)), seconds: \(number($0.seconds))}" }
    return "{family: \(ExactText.text(law.family)), terms: [\(terms.joined(separator: ", "))], "
      + "measured: {low: \(number(law.measured.lowerBound)), "
      + "high: \(number(law.measured.upperBound))}, range: \(range(law.range)), "
      + "points: [\(points.joined(separator: ", "))]}"
  }

  private static func range(_ range: Range90) -> String {
    "{low: \(ExactText.number(range.low)), typical: \(ExactText.number(range.typical)), "
      + "high: \(ExactText.number(range.high))}"
  }
}
