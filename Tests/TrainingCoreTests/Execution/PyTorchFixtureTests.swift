import Testing
import TrainingCore
import Workloads

/// Whole steps against an independent implementation: PyTorch in double precision.
@Suite("Steps against PyTorch")
struct PyTorchFixtureTests {
  static let cases = [
    "clip-gelu", "clip-gelu-odd", "clip-swiglu-eva", "clip-swiglu-eva-mean", "clip-post-norm",
    "siglip-small", "lsa-itc-layer-0", "lsa-itc-layer-1", "lsa-itc-clipped",
    "lsa-itc-sequential-finished", "blip2-stage1", "blip2-stage1-trained-tower",
  ]

  /// 1e-4 of the largest entry of a tensor, or of a thousandth of the largest of all where a tensor
  /// is zero in exact arithmetic: fp32 sums of a few hundred terms are good to about 1e-6.
  @Test("loss and every gradient", arguments: cases, [AttentionKernel.flash, .unfused])
  func gradients(_ name: String, _ attention: AttentionKernel) throws {
    let fixture = try ReferenceFixture.read(name)
    let run = try FixtureRun(fixture, attention: attention)
    let result = run.step(number: 0)
    #expect(abs(result.loss / fixture.loss - 1) < 1e-5, "\(result.loss) for \(fixture.loss)")
    let largest = fixture.parameters.flatMap { $0.gradient ?? [] }.map(abs).max() ?? 1
    for parameter in fixture.parameters where parameter.trainable {
      guard let expected = parameter.gradient else { continue }
      let found = run.executor.gradient(of: parameter.name).values
      #expect(found.count == expected.count, "\(parameter.name)")
      let scale = max(expected.map(abs).max() ?? 0, largest * 1e-3)
      let error = zip(found, expected).map { abs(Double($0) - $1) }.max() ?? .infinity
      #expect(error / scale < 1e-4, "\(parameter.name): \(error / scale)")
    }
    #expect(
      Set(run.executor.layout.entries.map(\.name)) == Set(fixture.parameters.map(\.name)))
  }
}
