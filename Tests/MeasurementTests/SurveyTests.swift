import Foundation
import Measurement
import Quantities
import Testing

@Suite("Kernels that are shown and not fitted")
struct SurveyTests {
  private func plan(_ quick: Bool, workers: Int) -> [BenchItem] {
    BenchPlan.standard(
      quick: quick, primary: "openblas", others: [], workers: workers, seed: 1
    ).items
  }

  @Test("attention by tokens and head width, the loss, warm beside cold, every number of threads")
  func covers() {
    let items = plan(false, workers: 3)
    let names = Set(items.filter { $0.role == .survey }.map(\.kernel.name))
    #expect(
      names.isSuperset(of: [
        "attention", "attention gradient", "contrastive loss", "copy", "copy, warm",
        "gemm nn, warm",
        "copy, 1 thread", "copy, 2 threads", "copy, 3 threads", "gemm nn, 3 threads",
      ]))
    for case .warm(let kernel) in items.map(\.kernel) {
      #expect(items.contains { $0.kernel == kernel }, "\(kernel) has no cold fellow")
      #expect(kernel.bytes <= 2e6)
    }
    let widths = items.compactMap { item -> Int? in
      guard case .attention(_, _, _, let width, _) = item.kernel else { return nil }
      return width
    }
    #expect(Set(widths).count > 1)
  }

  @Test("one worker: nothing to spread")
  func oneWorker() {
    #expect(!plan(true, workers: 1).contains { $0.kernel.name.contains("thread") })
  }

  @Test("FLOP and bytes of attention, counted by hand")
  func counts() {
    let forward = BenchKernel.attention(
      samples: 2, tokens: 3, heads: 5, headWidth: 7, isGradient: false)
    // Scores and weighted sum: 2 products of 2 x 3 x 3 x 7 FLOP for 10 heads.
    #expect(forward.flops == 2 * 2 * 9 * 7 * 10)
    // q, k, v, out: 4 x 6 x 35 floats; one statistic a row and head.
    #expect(forward.bytes == 4 * (4 * 6 * 35 + 30))
    let gradient = BenchKernel.attention(
      samples: 2, tokens: 3, heads: 5, headWidth: 7, isGradient: true)
    #expect(gradient.flops == 2.5 * forward.flops)
    #expect(gradient.bytes == 4 * (8 * 6 * 35 + 30))
  }

  @Test("they are stored and read back")
  func coding() throws {
    for item in plan(true, workers: 2) {
      let data = try JSONEncoder().encode(item)
      #expect(try JSONDecoder().decode(BenchItem.self, from: data) == item)
    }
  }

  @Test("no constant of a fit but the peak moves when their times do")
  func fitsIgnoreThem() throws {
    func fit(_ factor: Double) throws -> BenchFit {
      let clock = FakeClock()
      let items = plan(true, workers: 2)
      let machine = FakeMachine(clock: clock, noise: 0)
      let samples = items.enumerated().map { place, item in
        BenchSample(
          sequence: place, item: item, calls: 1,
          seconds: machine.law(item.kernel) * (item.role == .survey ? factor : 1), start: 0,
          referenceBefore: 1e-3, referenceAfter: 1e-3)
      }
      let session = BenchSession(
        machine: .current(), backend: "openblas", libraries: [:], threads: 2, quick: true, seed: 1,
        startedAt: "")
      var fit = try BenchResult(
        session: session, samples: samples, elapsed: .zero, interrupted: false
      ).fit
      // The best rate is that of any product.
      fit.peak = 0
      return fit
    }
    #expect(try fit(1) == fit(7))
  }
}
