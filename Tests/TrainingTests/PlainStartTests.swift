import Foundation
import Testing
import Training
import TrainingCore
import Workloads

@Suite("Where a calibration phase begins")
struct PlainStartTests {
  private func options(
    _ method: CalibrationMethod, _ conditioning: LambdaConditioning? = nil
  ) -> ProgramOptions {
    var options = SmallRun.options(method)
    options.calibration.phaseShare = 0.5
    if let conditioning { options.calibration.conditioning = conditioning }
    return options
  }

  @Test(
    "a run that takes over another's plain steps ends with the bits of one that made them itself",
    arguments: [
      (CalibrationMethod.lsaITC, LambdaConditioning.classToken), (.lsaITC, .dualAffine),
      (.oat, .film), (.atLR, .none), (.anchored, .none), (.teacher, .none),
    ], [false, true])
  func shared(
    _ pair: (CalibrationMethod, LambdaConditioning), prefetching: Bool
  ) throws {
    let (method, conditioning) = pair
    let plain = try SmallRun.trainer(prefetching: prefetching)
    for _ in 0..<4 { _ = try plain.advance() }
    let own = options(method, conditioning)
    let whole = try SmallRun.trainer(method, options: own)
    let later = try SmallRun.trainer(method, prefetching: prefetching, options: own)
    #expect(later.plan.plainSteps == 4)
    try PlainStart(plain).apply(to: later)
    for _ in 0..<8 { _ = try whole.advance() }
    for _ in 0..<4 { _ = try later.advance() }
    #expect(later.step == 8)
    #expect(SmallRun.differences(whole, later) == [])
  }

  @Test("a run that is resumed with more steps keeps what its phase has learnt")
  func resumed() throws {
    let first = try SmallRun.trainer(.anchored, options: options(.anchored))
    for _ in 0..<8 { _ = try first.advance() }
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).checkpoint").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try first.save(
      to: path, tool: "test",
      scenario: CheckpointHeader.Scenario(id: "small", hash: "0", text: ""))
    // Of 16 steps 8 are plain: the ninth begins a phase again.
    let later = try SmallRun.trainer(.anchored, steps: 16, options: options(.anchored))
    try later.restore(Checkpoint(path: path))
    #expect(later.plan.plainSteps == later.step)
    _ = try later.advance()
    let anchor = "reference.blocks.1.qkv.weight"
    #expect(
      first.executor.values(of: anchor).values == later.executor.values(of: anchor).values)
  }

  @Test("a run that is resumed with fewer steps begins its phase, be it late")
  func shortened() throws {
    let first = try SmallRun.trainer(.anchored, steps: 16, options: options(.anchored))
    for _ in 0..<6 { _ = try first.advance() }
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).checkpoint").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try first.save(
      to: path, tool: "test",
      scenario: CheckpointHeader.Scenario(id: "small", hash: "0", text: ""))
    // Of 8 steps 4 are plain, and 6 were.
    let later = try SmallRun.trainer(.anchored, steps: 8, options: options(.anchored))
    try later.restore(Checkpoint(path: path))
    #expect(later.plan.plainSteps == 4 && later.step == 6)
    _ = try later.advance()
    let kernel = "blocks.1.qkv.weight"
    #expect(
      later.executor.values(of: "reference." + kernel).values
        == first.executor.values(of: "image." + kernel).values)
  }

  @Test("before a phase nothing learns at the rate of what conditions on lambda")
  func rate() throws {
    var strengths = MethodStrengths()
    strengths.conditioningRate = 10
    let plain = try SmallRun.trainer()
    let affine = try SmallRun.trainer(
      .oat, options: options(.oat, .dualAffine), strengths: strengths)
    for _ in 0..<4 {
      _ = try plain.advance()
      _ = try affine.advance()
    }
    for entry in plain.executor.layout.entries {
      let own = plain.executor.values(of: entry.name).values
      #expect(
        Array(affine.executor.values(of: entry.name).values.prefix(own.count)) == own,
        "\(entry.name)")
    }
  }

  @Test("what a method adds starts from what plain training has learnt")
  func additions() throws {
    let classToken = try SmallRun.trainer(.oat, options: options(.oat, .classToken))
    let affine = try SmallRun.trainer(.oat, options: options(.oat, .dualAffine))
    let anchored = try SmallRun.trainer(.anchored, options: options(.anchored))
    let plain = try SmallRun.trainer()
    for trainer in [classToken, affine, anchored, plain] {
      for _ in 0..<4 { _ = try trainer.advance() }
    }
    // One step of the phase moves a parameter by at most the rate, about: Adam's first steps.
    let reach: Float = 0.05
    func value(_ trainer: Trainer, _ name: String) -> [Float] {
      trainer.executor.values(of: name).values
    }
    func near(_ a: [Float], _ b: [Float]) -> Bool {
      a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < reach }
    }
    for trainer in [classToken, affine, anchored] { _ = try trainer.advance() }
    let learnt = value(plain, "image.embedding.class_token")
    #expect(near(value(classToken, "image.embedding.robust_class_token"), learnt))
    let norm = "image.blocks.1.attention_norm.affine"
    #expect(near(Array(value(affine, norm).suffix(24)), value(plain, norm)))
    let kernel = "blocks.1.qkv.weight"
    #expect(value(anchored, "reference." + kernel) == value(plain, "image." + kernel))
    #expect(value(anchored, "reference." + kernel) != value(anchored, "image." + kernel))
  }
}
