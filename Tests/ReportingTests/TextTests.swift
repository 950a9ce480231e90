import Planning
import Quantities
import Reporting
import Testing

@Suite("Text")
struct TextTests {
  @Test("prints")
  func prints() {
    print(EstimateView(Samples.estimate(.lsaITC)).text())
    print(CompareView(Comparison([Samples.estimate(), Samples.estimate(hardware: "h100-80gb-sxm-dgx", slower: 0.9, price: nil)])).text())
    print(EstimateView(Samples.estimate(.lsaITC)).json(provenance: Samples.provenance))
  }
}
