public import TrainingCore
import Workloads

/// A small transformer block, forward and backward, that is timed again and again: what a step is
/// made of, so that it slows down as much as a step does.
///
/// A virtual machine's processors move between cores that share a cache and cores that do not: then
/// products, copies and small kernels change their speed by different factors, some up, some down.
public struct ReferenceBlock {
  private let chain: KernelChain

  /// The block, on a core.
  ///
  /// - Throws: `ExecutionError` where the core cannot run it, which no core does.
  public init(_ core: ComputeCore) throws {
    let block = BlockSpec(width: 256, heads: 4, headWidth: 64, mlpWidth: 1024)
    let tower = VisionTowerSpec(
      imageSize: 64, patchSize: 8, block: block, layers: Self.layers, outputWidth: 256)
    let text = TextTowerSpec(
      tokens: 16, vocabulary: 256, block: block, layers: 1, outputWidth: 256)
    let model = ModelSpec(
      id: "reference", family: .clip(image: tower, text: text), source: "reference")
    let program = ProgramFactory(model: model, frozen: [], patchDropout: 0).program(
      ProgramOptions(microBatch: 8, defaultStyle: .core(.flash)))
    let chains = BenchChain.chains(of: program, role: .fit, most: Self.layers)
    // The image tower's blocks: the chain with most layers and most FLOP.
    guard let chain = chains.filter({ $0.segment.spec.isBlock }).max(by: { $0.layers < $1.layers })
    else { preconditionFailure("a tower without blocks") }
    self.chain = try KernelChain(
      chain.segment, need: chain.need, keep: chain.keep, layers: chain.layers, core: core)
  }

  private static let layers = 2

  /// Runs it once.
  public func run() { _ = chain.run() }

  /// Seconds of one run, the better of two: an interrupt is not a slow machine.
  public func seconds() -> Double {
    let clock = ContinuousClock()
    return (0..<2).reduce(.infinity) { least, _ in min(least, clock.measure(run) / .seconds(1)) }
  }
}
