import Testing
import Workloads

@Suite("Sums of 16 and 32 bits")
struct MixedSumTests {
  private func products(residual: ElementType) -> (types: [ElementType], casts: Int) {
    var block = BlockSpec(width: 64, heads: 4, mlpWidth: 256)
    block.normPosition = .postResidual
    var style = KernelStyle(
      compute: .float16, residual: residual, weights: .float32, gradients: .float32,
      normInFloat32: true, softmaxInFloat32: true, headCopies: true, fusedScaleMaskSoftmax: false,
      fusedResidual: false, fusedActivation: false, attention: .unfused)
    style.dropout = false
    let graph = block.graph(BlockShape(samples: 2, tokens: 8), style: style)
    let backward = graph.backward(.all, gradientType: .float32)
    var types: [ElementType] = []
    var casts = 0
    for kernel in backward.kernels {
      if case .gemm = kernel.operation, let first = kernel.reads.first {
        types.append(backward.tensors[first.index].type)
      }
      if kernel.label.hasSuffix("residual cast") { casts += 1 }
    }
    return (types, casts)
  }

  @Test("the gradient of an fp32 residual stream reaches products in 16 bits, cast once a branch")
  func gradients() {
    let mixed = products(residual: .float32)
    #expect(mixed.types.count == 12)
    #expect(mixed.types.allSatisfy { $0 == .float16 })
    #expect(mixed.casts == 2)
    let plain = products(residual: .float16)
    #expect(plain.types.allSatisfy { $0 == .float16 } && plain.casts == 0)
  }
}
