import PublishedCases
import Testing

@Suite("Exact binomial test")
struct BinomialTestTests {
  /// Values of SciPy's `binomtest(k, n, p).pvalue`.
  @Test(
    "p-values are those of other programs",
    arguments: [
      (9, 10, 0.9, 1.0), (7, 10, 0.9, 0.0701908264), (10, 10, 0.9, 0.6125795),
      (255, 273, 0.9, 0.0684132),
      (3, 5, 0.5, 1.0), (0, 4, 0.9, 0.0001), (31, 41, 0.9, 0.0061063),
    ])
  func values(_ k: Int, _ n: Int, _ share: Double, _ expected: Double) {
    let p = BinomialTest(k, of: n, share: share).pValue
    #expect(abs(p - expected) < 1e-6, "\(p)")
  }

  @Test("all probabilities sum to one: the likeliest count has p = 1")
  func likeliest() {
    for n in [1, 7, 40, 399] {
      let k = Int((Double(n + 1) * 0.9).rounded(.down))
      #expect(abs(BinomialTest(min(k, n), of: n, share: 0.9).pValue - 1) < 1e-9)
    }
    #expect(BinomialTest(0, of: 0, share: 0.9).pValue == 1)
  }
}
