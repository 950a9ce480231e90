import Testing
import Training
import Workloads

@Suite("FLOP of a step")
struct FlopsTests {
  @Test(
    "plain training: three forwards, less the images' gradient, and the logits", arguments: [1, 3])
  func plain(_ accumulation: Int) throws {
    let model = try SmallRun.model()
    var options = SmallRun.options(.none, batch: 4, accumulation: accumulation)
    let samples = Double(options.localBatch)
    let forward = samples * model.forwardFlopsPerSample
    let tower = try #require(model.imageTower)
    let pixels = 3 * tower.patchSize * tower.patchSize
    let patches = samples * 2 * Double(tower.patches * pixels * tower.block.width)
    // Logits and both of their gradients, 8 wide.
    let logits = 3 * 2 * samples * samples * 8
    let expected = 3 * forward - patches + logits
    #expect(model.stepProgram(options).modelFlops == expected)
    // What is run again to save memory does not count.
    options.recomputation = ["image": .full, "text": .full]
    #expect(model.stepProgram(options).modelFlops == expected)
  }

  @Test("a refresh counts in its share")
  func shares() throws {
    let model = try SmallRun.model()
    func flops(_ refresh: Int) -> Double {
      model.stepProgram(SmallRun.options(.lsaITCSequential, refresh: refresh)).modelFlops
    }
    // Norms alone are no FLOP; the second run of both branches is.
    let once = flops(1) - flops(1_000_000_000)
    #expect(once > 0)
    #expect(abs((flops(10) - flops(1_000_000_000)) * 10 / once - 1) < 1e-6)
  }
}
