import TestSupport
import Testing
import TrainingCore
import Workloads

/// Every layer's backward against differences of its forward in double precision.
@Suite("Gradients of every layer against central differences")
struct SegmentGradientTests {
  /// Of a tensor's largest entry.
  ///
  /// Rounding fp32 sums of a few dozen terms costs about 1e-6 of it, a chain of ten kernels with
  /// normalisations some times that (5e-6 was seen); differences in double precision are good to
  /// 1e-9. 1e-4 leaves room for cancellation and is far below any wrong factor or missing term.
  static let tolerance = 1e-4
  /// A forward alone rounds ten times less.
  static let forwardTolerance = 1e-5

  static let needs = [
    GradientNeed.all, .inputOnly, .weightsOnly,
    GradientNeed(weights: true, input: true, cross: false),
    GradientNeed(weights: true, input: false, cross: true),
    GradientNeed(weights: false, input: true, cross: false),
    GradientNeed(weights: false, input: false, cross: true),
  ]

  @Test("blocks of every kind", arguments: SegmentCases.blocks)
  func blocks(_ test: SegmentCase) throws { try check(test) }

  @Test("blocks with adapters", arguments: SegmentCases.adapted)
  func adapted(_ test: SegmentCase) throws { try check(test) }

  @Test("embeddings of every kind", arguments: SegmentCases.embeddings)
  func embeddings(_ test: SegmentCase) throws { try check(test) }

  @Test("heads and poolers of every kind", arguments: SegmentCases.heads)
  func heads(_ test: SegmentCase) throws { try check(test) }

  @Test("the Q-Former's passes", arguments: SegmentCases.qformer)
  func qformer(_ test: SegmentCase) throws { try check(test) }

  @Test("losses of every kind", arguments: SegmentCases.losses)
  func losses(_ test: SegmentCase) throws { try check(test) }

  /// All needs and all that may be kept, fused and unfused, on one and on three workers.
  private func check(_ test: SegmentCase) throws {
    let comparison = SegmentComparison(test)
    let isFinite = comparison.outputs.joined().allSatisfy(\.isFinite)
    #expect(isFinite)
    for attention in AttentionKernel.allCases {
      let again = DoubleSegment(test.spec, test.shape, attention: attention)(
        comparison.inputs, parameters: comparison.parameters, choices: comparison.choices)
      #expect(comparison.worstOutput(again.map { $0.map { Float($0) } }) < 1e-6)
      for need in Self.needs {
        for keep in test.spec.isBlock && need == .all ? [Keep.all, .selective, .input] : [.all] {
          for core in need == .all && keep == .all ? cores : Array(cores.prefix(1)) {
            let found = try comparison.run(attention, need: need, keep: keep, core: core)
            let worst = comparison.worst(found, need: need)
            #expect(
              worst.error < Self.tolerance,
              "\(attention) \(need) \(keep): \(worst.tensor) by \(worst.error)")
            #expect(comparison.worstOutput(found.outputs) < Self.forwardTolerance)
          }
        }
      }
    }
  }
}
