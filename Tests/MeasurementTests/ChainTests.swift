import Clusters
import Measurement
import Quantities
import Testing
import TrainingCore
import Workloads

@Suite("Chains of kernels")
struct ChainTests {
  private let core = ComputeCore(backend: OpenBLASBackend(), workers: Workers(count: 2))

  @Test("equal seeds give equal chains, of which every fourth model is held out")
  func repeatable() {
    let first = BenchModels.chains(models: 8, flops: 2e9...8e9, seed: 3)
    #expect(first == BenchModels.chains(models: 8, flops: 2e9...8e9, seed: 3))
    #expect(first != BenchModels.chains(models: 8, flops: 2e9...8e9, seed: 4))
    for (place, chains) in first.enumerated() {
      #expect(chains.allSatisfy { ($0.role == .heldOut) == (place % 4 == 3) })
      #expect(!chains.isEmpty)
    }
  }

  @Test("attacks and every way to tell a model lambda are among the first seven models' chains")
  func attacked() {
    let chains = BenchModels.chains(models: 7, flops: 2e9...8e9, seed: 5).flatMap { $0 }
    let blocks = chains.filter { $0.segment.spec.isBlock && $0.need == .inputOnly }
    for conditioning in [LambdaConditioning.none, .dualAffine, .film] {
      #expect(blocks.contains { $0.segment.shape.conditioning == conditioning })
    }
  }

  @Test("every kernel of every chain runs, as often as its layers say, time after time")
  func runs() throws {
    for chain in BenchModels.chains(models: 5, flops: 2e9...8e9, seed: 1).flatMap({ $0 }) {
      let kernels = try KernelChain(
        chain.segment, need: chain.need, keep: chain.keep, layers: chain.layers, core: core)
      let analysis = SegmentAnalysis(
        graph: chain.segment.spec.graph(chain.segment.shape, style: chain.segment.style),
        need: chain.need, gradientType: .float32)
      let again =
        chain.keep == .input
        ? analysis.forward : chain.keep == .selective ? analysis.selectiveRecompute : []
      let expected =
        analysis.forward.count + again.count
        + (chain.keep == .nothing ? 0 : analysis.backward.count)
      let layers = chain.segment.spec.isBlock ? chain.layers : 1
      for _ in 0..<2 {
        let timings = kernels.run().filter { $0.work.family != "host" }
        #expect(
          timings.reduce(0) { $0 + $1.calls } == expected * layers, "\(chain.segment.spec)")
        #expect(timings.allSatisfy { $0.seconds > 0 })
      }
    }
  }

  @Test("a short real bench has laws of the core's kernels, and a profile with fused attention")
  func laws() throws {
    var options = BenchOptions.quick
    options.budget = .init(2.0)
    var bench = try ThisMachine.bench(options: options)
    var sink = KeepingSink()
    let result = try bench.run(into: &sink)
    let fit = try #require(result.fit.kernels)
    #expect(
      Set(fit.families.map(\.name)).isSuperset(of: ["host", "adamw", "linear", "layer-norm"]))
    #expect(fit.families.allSatisfy { $0.constants.values.allSatisfy { $0 > 0 } })
    let profile = MachineProfile.profile(from: result.fit, session: result.session)
    #expect(!profile.efficiency.attention.isEmpty)
    let laws = try #require(profile.efficiency.kernels)
    #expect(laws.laws.map(\.family) == laws.laws.map(\.family).sorted())
    #expect(laws.workers == result.session.threads)
  }
}
