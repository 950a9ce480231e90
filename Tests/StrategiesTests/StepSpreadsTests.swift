import Clusters
import Quantities
import Strategies
import TestSupport
import Testing

@Suite("Intervals from published steps")
struct StepSpreadsTests {
  private let spreads = StepSpreads(
    kinds: [
      .oneNode: .init(
        seen: Range90(low: 0.9, typical: 1, high: 1.2),
        unseen: Range90(low: 0.8, typical: 1, high: 1.5), runs: 3)
    ],
    unknownSoftware: Range90(low: 0.95, typical: 1, high: 1.1),
    unknownDevice: Range90(low: 0.9, typical: 1, high: 1.3), architectures: [.ampere], basis: "b")

  @Test("a new publication has the wider ends; what is unknown moves them on, each in factors")
  func ends() throws {
    let a100 = SampleHardware.a100(memoryGiB: 40).accelerator
    var own = spreads
    #expect(
      own.range(.oneNode, free: .oneNode, on: a100) == Range90(low: 0.8, typical: 1, high: 1.5))
    own.knowsSeries = true
    #expect(
      own.range(.oneNode, free: .oneNode, on: a100) == Range90(low: 0.9, typical: 1, high: 1.2))
    own.knowsSeries = false
    own.knowsSoftware = false
    #expect(
      own.range(.oneNode, free: .oneNode, on: a100)
        == Range90(low: 0.8 * 0.95, typical: 1, high: 1.5 * 1.1))
    own.knowsDevice = false
    let both = try #require(own.range(.oneNode, free: .oneNode, on: a100))
    #expect(both == Range90(low: 0.8 * 0.95 * 0.9, typical: 1, high: 1.5 * 1.1 * 1.3))
    var other = a100
    other.name = "NVIDIA B200"
    own.knowsDevice = true
    #expect(own.range(.oneNode, free: .oneNode, on: other) == both)
    #expect(own.range(.sharded, free: .sharded, on: a100) == nil)
  }

  @Test("a run that input bounds is known no better than one of its kind that it does not")
  func inputBound() throws {
    let a100 = SampleHardware.a100(memoryGiB: 40).accelerator
    var own = spreads
    own.kinds[.inputBound] = .init(
      seen: Range90(low: 0.95, typical: 1, high: 1.4),
      unseen: Range90(low: 0.7, typical: 1, high: 1.4), runs: 5)
    #expect(
      own.range(.inputBound, free: .oneNode, on: a100)
        == Range90(low: 0.7, typical: 1, high: 1.5))
    own.knowsSeries = true
    #expect(
      own.range(.inputBound, free: .oneNode, on: a100)
        == Range90(low: 0.9, typical: 1, high: 1.4))
  }
}
