import Testing
import Workloads

@testable import Measurement

@Suite("Laws of kernels")
struct KernelFitTests {
  private typealias Timing = (bytes: Double, seconds: Double)

  /// The fit of kernels that move so many bytes, each in so many seconds, judged by others, each a
  /// chain of its own.
  private func fit(_ kernels: [Timing], heldOut: [Timing] = []) throws -> KernelFit {
    func sample(_ work: KernelWork, _ seconds: Double, start: Double? = nil) -> BenchSample {
      BenchSample(
        sequence: 0,
        item: BenchItem(
          .inChain(work), backend: "b", role: start == nil ? .fit : .heldOut), calls: 1,
        seconds: seconds, start: start ?? 0, referenceBefore: 1, referenceAfter: 1)
    }
    func work(_ place: Int, _ bytes: Double) -> KernelWork {
      KernelWork(family: "f", shape: "\(place)", bytes: bytes, workers: 2)
    }
    let samples =
      [sample(.host(kernels: 1), 1e-6)]
      + kernels.enumerated().map { sample(work($0, $1.bytes), $1.seconds) }
      + heldOut.enumerated().map {
        sample(work(-1 - $0, $1.bytes), $1.seconds, start: Double($0 + 1))
      }
    return try #require(
      try KernelFit(BenchTable(DriftJudge().judge(samples)), samples: samples, workers: 2))
  }

  private func law(_ kernels: [Timing]) throws -> [KernelCount: Double] {
    try #require(try fit(kernels).families.first { $0.name == "f" }).constants
  }

  @Test("few chains, or one that outweighs the others, do not narrow the interval")
  func fewChains() throws {
    let learned: [Timing] = (3...9).map {
      (bytes: 1e6 * Double($0), seconds: 2e-4 * Double($0))
    }
    // All take 1.1 times what the law says.
    func judged(_ sizes: [Double]) throws -> KernelFit {
      try fit(learned, heldOut: sizes.map { (bytes: 1e6 * $0, seconds: 2.2e-4 * $0) })
    }
    for sizes in [[3.0, 4, 5, 6, 7], [900] + [Double](repeating: 3, count: 30)] {
      let few = try judged(sizes)
      #expect(abs(few.chainMiddle - 1.1) < 1e-3)
      #expect(abs(few.chainLow - 0.88) < 1e-3 && abs(few.chainHigh - 1.375) < 1e-3)
    }
    let many = try judged((0..<30).map { 3 + 0.1 * Double($0) })
    #expect(many.chains == 30)
    #expect(abs(many.chainLow - 1.1) < 1e-3 && abs(many.chainHigh - 1.1) < 1e-3)
  }

  @Test("a kernel that hardly leaves a cache says nothing of those that do")
  func beyondCaches() throws {
    // 2e-11 s a byte, and one slow kernel with a tenth of its bytes beyond the first million.
    func timing(_ bytes: Double) -> Timing {
      (bytes: bytes, seconds: 2e-11 * bytes + 3e-11 * max(0, bytes - 1e6))
    }
    let small: [Timing] = (3...9).map { timing(1e5 * Double($0)) }
    let slow = try law(small + [(bytes: 1.1e6, seconds: 122e-6)])
    #expect(slow[.byteBeyondL2] == nil)
    #expect(abs(try #require(slow[.splitByte]) / 2e-11 - 1) < 0.01)
    // Kernels with most of their bytes there fix it: 3e-11 more for each.
    let large: [Timing] = (2...6).map { timing(1e6 * Double($0)) }
    let both = try law(small + large)
    #expect(abs(try #require(both[.byteBeyondL2]) / 3e-11 - 1) < 0.01)
  }
}
