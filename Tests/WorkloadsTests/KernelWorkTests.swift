import Testing
import Workloads

@Suite("Work of kernels as counts")
struct KernelWorkTests {
  @Test("the longest part of a split, by hand")
  func longest() {
    #expect(WorkSharing.longest(of: 100, workers: 1) == 100)
    #expect(WorkSharing.longest(of: 100, workers: 3) == 34)
    // 7 steps of 16: four of them, 64 rows.
    #expect(WorkSharing.longest(of: 100, workers: 2, step: 16) == 64)
    #expect(WorkSharing.longest(of: 5, workers: 8, step: 16) == 5)
  }

  @Test("a linear layer on two workers: rows, blocks and operands of the longer part")
  func linear() throws {
    let spec = SegmentSpec.projection(from: 64, to: 96)
    let graph = spec.graph(BlockShape(samples: 3, tokens: 1000), style: .core(.flash))
    let kernel = try #require(graph.forwardKernels.first)
    let work = try #require(KernelWork(kernel, tensors: graph.tensors, workers: 2))
    // 3,000 rows are 188 steps of 16: 94 of them, 1,504 rows, two blocks of at most 1,024.
    #expect(work.family == "linear")
    #expect(work.flops == 2 * 3000 * 64 * 96)
    #expect(work.counts[.product] == 2)
    #expect(work.counts[.flop] == Double(2 * 1504 * 64 * 96))
    #expect(work.counts[.left] == Double(1504 * 64))
    #expect(work.counts[.right] == Double(2 * 64 * 96))
    #expect(work.counts[.out] == Double(1504 * 96))
    #expect(work.counts[.split] == 1)
    // The bias, beside the three operands.
    #expect(work.counts[.extraByte] == Double(4 * 96))
    let single = try #require(KernelWork(kernel, tensors: graph.tensors, workers: 1))
    #expect(single.counts[.flop] == work.flops && single.counts[.split] == nil)
  }
}
