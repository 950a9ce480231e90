import Testing
import Workloads

/// What a checkpoint that stops early runs again.
struct NeededForwardTests {
  private func analysis(_ block: BlockSpec) -> SegmentAnalysis {
    SegmentAnalysis(
      graph: SegmentSpec.block(block).graph(
        BlockShape(samples: 2, tokens: 16), style: .float32), need: .all, gradientType: .float32)
  }

  @Test("the last product's result is needed by no gradient: it is not run again")
  func stopsBeforeTheLastProduct() throws {
    let block = BlockSpec(width: 32, heads: 4, mlpWidth: 128)
    let analysis = analysis(block)
    let left = analysis.forward.dropFirst(analysis.neededForward.count)
    #expect(left.contains { $0.label.contains("fc2") })
    #expect(!analysis.neededForward.contains { $0.label.contains("fc2") })
    // fc2 is a third of a block's products: 8 of 24 w^2 at an MLP of four widths.
    func products(_ kernels: some Sequence<Kernel>) -> Double {
      kernels.reduce(0) { sum, kernel in
        if case .gemm(let shape) = kernel.operation, shape.count == 1 { return sum + shape.flops }
        return sum
      }
    }
    #expect(products(analysis.neededForward) / products(analysis.forward) == 16.0 / 24)
  }

  @Test("where the block ends in a norm, everything is needed")
  func normAtTheEnd() {
    var block = BlockSpec(width: 32, heads: 4, mlpWidth: 128)
    block.normPosition = .postResidual
    let analysis = analysis(block)
    #expect(analysis.neededForward.contains { $0.label.contains("fc2") })
  }
}
