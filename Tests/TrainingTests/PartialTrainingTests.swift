import Testing
import Training
import TrainingCore
import Workloads

/// Runs that train a part of their towers.
@Suite("Partly trained runs")
struct PartialTrainingTests {
  static let parts: [Trainability] = [
    .lastBlocks(0), .lastBlocks(1), .lora(LoRA(rank: 2)),
    .lora(LoRA(rank: 3, targets: Set(LoRA.Target.allCases))),
  ]

  static func trainer(
    _ part: Trainability, method: CalibrationMethod = .none
  ) throws -> Trainer {
    var options = SmallRun.options(method)
    options.partial = ["image": part, "text": part]
    return try SmallRun.trainer(method, options: options)
  }

  @Test(
    "frozen weights stay as they are bit for bit, trained ones move, memory is what was planned",
    arguments: parts, [CalibrationMethod.none, .lsaITC, .atLR])
  func frozen(_ part: Trainability, _ method: CalibrationMethod) throws {
    let trainer = try Self.trainer(part, method: method)
    let executor = trainer.executor
    let entries = executor.layout.entries
    #expect(entries.contains { !$0.isTrained } && entries.contains(where: \.isTrained))
    let before = entries.map { executor.values(of: $0.name).values }
    for _ in 0..<4 {
      executor.resetPeak()
      let metrics = try trainer.advance()
      #expect(metrics.difference == nil, "\(metrics.difference ?? "")")
      #expect(executor.peakBytes <= executor.plannedPeakBytes)
      #expect(executor.liveBytes == executor.stateBytes)
    }
    for (entry, values) in zip(entries, before) {
      let after = executor.values(of: entry.name).values
      // The robust class token learns from attacked samples alone, which plain training has not.
      if entry.isTrained, method == .none {
        #expect(after != values, "\(entry.name)")
      } else if !entry.isTrained {
        #expect(after.elementsEqual(values) { $0.bitPattern == $1.bitPattern }, "\(entry.name)")
      }
    }
  }

  @Test("adapters begin as nothing: the first loss is that of the whole model, bit for bit")
  func start() throws {
    let whole = try SmallRun.trainer().advance().loss
    for part in Self.parts { #expect(try Self.trainer(part).advance().loss == whole) }
  }

  @Test("adapters learn")
  func learning() throws {
    var options = SmallRun.options(.none)
    let part = Trainability.lora(LoRA(rank: 4, targets: Set(LoRA.Target.allCases)))
    options.partial = ["image": part, "text": part]
    let trainer = try SmallRun.trainer(steps: 60, options: options) { $0.learningRate = 0.03 }
    var losses: [Double] = []
    for _ in 0..<60 { losses.append(try trainer.advance().loss) }
    let (first, last) = (losses.prefix(5).reduce(0, +) / 5, losses.suffix(10).reduce(0, +) / 10)
    #expect(last < first - 0.05)
  }
}
