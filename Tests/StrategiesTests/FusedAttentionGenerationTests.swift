import Clusters
import Quantities
import Strategies
import Testing

struct FusedAttentionGenerationTests {
  @Test(
    "the first generation reaches what its authors published",
    arguments: [(64, 177.0, 108.0), (128, 204, 83)])
  func firstGeneration(_ width: Int, _ second: Double, _ first: Double) {
    let curve = Efficiency.AttentionCurve(
      headWidth: width, plateau: FlopsPerSecond(second * 1e12), half: width == 64 ? 165 : 182)
    let slower = FusedAttentionGeneration.first.curve(curve, on: .ampere)
    #expect(abs(slower.plateau.value - first * 1e12) < 1e6)
    #expect(abs(slower.half - (width == 64 ? 90 : 40)) < 1e-9)
    #expect(FusedAttentionGeneration.second.curve(curve, on: .ampere) == curve)
  }
}
