import Clusters
import Quantities

/// Reads `efficiency.kernels`: the laws of this project's own core on a measured machine.
enum KernelLawsReader {
  static func laws(_ section: Section) -> KernelLaws {
    let laws = section.required("laws", .list(of: law))
    return KernelLaws(
      laws: laws.sorted { $0.family < $1.family }, workers: section.count("workers"),
      origin: section.vouched(true), range: section.required("range", .range))
  }

  private static var law: Reading<KernelLaw> {
    .section(
      standIn: KernelLaw(
        family: "", terms: [], measured: 0...0, range: Range90(exactly: 1), points: []),
      example: "{family: linear, terms: [{count: call, seconds: 1e-6}], ...}"
    ) { section in
      KernelLaw(
        family: section.required("family", .text),
        terms: section.required("terms", .list(of: term)),
        measured: section.section("measured") { section in
          let low = section.required("low", .nonNegativeNumber)
          let high = section.required("high", .nonNegativeNumber)
          if low > high { section.error("high", "'\(section.path("high"))' is below 'low'") }
          return min(low, high)...max(low, high)
        }, range: section.required("range", .range),
        points: section.required("points", .list(of: point)))
    }
  }

  private static var term: Reading<KernelLaw.Term> {
    .section(
      standIn: KernelLaw.Term(count: "", seconds: 0), example: "{count: call, seconds: 1e-6}"
    ) {
      KernelLaw.Term(
        count: $0.required("count", .text), seconds: $0.required("seconds", .nonNegativeNumber))
    }
  }

  private static var point: Reading<KernelLaw.Point> {
    .section(
      standIn: KernelLaw.Point(size: 0, seconds: 0), example: "{size: 1e9, seconds: 0.01}"
    ) {
      KernelLaw.Point(
        size: $0.required("size", .nonNegativeNumber),
        seconds: $0.required("seconds", .nonNegativeNumber))
    }
  }
}
