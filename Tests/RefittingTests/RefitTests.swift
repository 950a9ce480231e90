import Clusters
import CostModel
import Foundation
import Planning
import Quantities
import Refitting
import Scenarios
import Strategies
import Testing

/// A refit finds what made runs slow, and its files give the refit numbers again.
@Suite("Refitting to own runs")
struct RefitTests {
  /// Runs of one scenario that really took what it would with `factors`.
  private func runs(
    _ factors: [RefitTerm: Double], batches: [Int], memoryFactor: Double? = nil
  ) throws -> [MeasuredRun] {
    try batches.map { batch in
      var overrides = ScenarioOverrides()
      overrides.set = [
        "strategy.micro_batch=\(batch)", "workload.global_batch=\(batch * 176)",
        "workload.data.input_rate_limit=none",
      ]
      let scenario = try Project.loader().load("openclip-b16-laion400m", overrides: overrides)
      let truth = factors.sorted { $0.key.rawValue < $1.key.rawValue }.reduce(scenario) {
        $1.key.applied($1.value, to: $0)
      }
      let estimate = truth.estimator().estimate(truth.strategy, complete: false)
      return MeasuredRun(
        name: "batch \(batch)", scenario: scenario, step: estimate.step.typical,
        memory: memoryFactor.map { _ in estimate.memory.reserved }, reading: .reserved,
        location: SourceLocation(line: 1, column: 1))
    }
  }

  @Test("runs that take what is predicted move nothing")
  func unchanged() throws {
    let refit = try RunRefit(runs([:], batches: [256]))
    #expect(refit.factors.isEmpty)
    #expect(refit.time.allSatisfy { $0.before.magnitude < 1e-9 && $0.leftOut == nil })
  }

  @Test("one slow run is explained, and no factor leaves its bounds")
  func single() throws {
    let runs = try runs([.misalignedScores: 1.2], batches: [256])
    let refit = try RunRefit(runs)
    #expect(refit.meanError.before > 0.03)
    #expect(refit.meanError.after < 0.5 * refit.meanError.before)
    for (term, factor) in refit.factors {
      let range = term.range(in: runs[0].scenario)
      #expect(factor >= range.low * range.low - 1e-9 && factor <= range.high * range.high + 1e-9)
    }
    #expect(try #require(refit.alone.first).error < 1e-3)
  }

  @Test("three runs that stress different things tell the term")
  func term() throws {
    let refit = try RunRefit(runs([.launch: 1.4], batches: [4, 16, 256]))
    #expect(refit.meanError.after < 0.01)
    #expect(refit.alone.first?.term == .launch)
    #expect(abs((refit.alone.first?.factor ?? 0) - 1.4) < 0.02)
    #expect(refit.time.allSatisfy { $0.leftOut != nil })
  }

  @Test("memory moves what the allocator loses")
  func memory() throws {
    let refit = try RunRefit(
      runs([.allocator: 1.5], batches: [256], memoryFactor: 1))
    #expect(refit.factors[.allocator].map { abs($0 - 1.5) < 0.05 } == true)
    let errors = try #require(refit.memory.first ?? nil)
    #expect(errors.before < -0.01 && errors.after.magnitude < 0.002)
  }

  @Test("scores of odd rows are corrected where the architecture has a value of its own")
  func architecture() throws {
    var overrides = ScenarioOverrides()
    overrides.hardware = "rtx-3090"
    overrides.set = [
      "cluster.accelerators=8", "strategy.data_parallel=8", "strategy.micro_batch=256",
      "workload.global_batch=2048", "workload.data.input_rate_limit=none",
    ]
    let scenario = try Project.loader().load("openclip-b16-laion400m", overrides: overrides)
    let term = RefitTerm.misalignedScores
    func step(_ scenario: Scenario) -> Double {
      scenario.estimator().estimate(scenario.strategy, complete: false).step.typical.value
    }
    let slow = step(term.applied(1.5, to: scenario))
    #expect(slow > 1.01 * step(scenario))
    let files = RefitFiles(
      scenario: scenario, factors: [term: 1.5], runs: "a test", suffix: "-refit"
    ).all
    try withProject(of: files) { loader in
      overrides.software = "open-clip-2021-refit"
      let refit = try loader.load("openclip-b16-laion400m", overrides: overrides)
      #expect(abs(step(refit) / slow - 1) < 1e-9)
      // Another architecture keeps its own.
      let kept = refit.strategy.software.misalignedScoresFactor.value
      #expect(kept == scenario.strategy.software.misalignedScoresFactor.value)
    }
  }

  /// Runs `body` with a loader that finds `files` before the project's own.
  private func withProject(
    of files: [RefitFiles.File], _ body: (ScenarioLoader) throws -> Void
  ) throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "foretrain-tests-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for file in files {
      let place = folder.appending(path: file.folder)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      try file.text.write(
        to: place.appending(path: file.id + ".yaml"), atomically: true, encoding: .utf8)
    }
    try body(Project.loader(folder.path(percentEncoded: false)))
  }

  @Test("files on a base give the same estimate as the factors", arguments: RefitTerm.allCases)
  func files(_ term: RefitTerm) throws {
    let scenario = try Project.loader().load("openclip-b16-laion400m")
    let files = RefitFiles(
      scenario: scenario, factors: [term: 1.1], runs: "a test", suffix: "-refit"
    ).all
    #expect(files.count == 1)
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "foretrain-tests-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for file in files {
      let place = folder.appending(path: file.folder)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      try file.text.write(
        to: place.appending(path: file.id + ".yaml"), atomically: true, encoding: .utf8)
    }
    let loader = Project.loader(folder.path(percentEncoded: false))
    var overrides = ScenarioOverrides()
    if term.isOfSoftware {
      overrides.software = "open-clip-2021-refit"
    } else {
      overrides.hardware = scenario.cluster.profile.id + "-refit"
    }
    let refit = try loader.load("openclip-b16-laion400m", overrides: overrides)
    let direct = term.applied(1.1, to: scenario)
    if term.isOfSoftware {
      var own = refit.strategy.software
      let changed = direct.strategy.software
      #expect(own.timeRange.value == changed.timeRange.value)
      #expect(own.misalignedScoresFactor.value == changed.misalignedScoresFactor.value)
      #expect(own.allocatorLoss.value == changed.allocatorLoss.value)
      #expect(own.inputRateLimit?.value == changed.inputRateLimit?.value)
      own.sources = [:]
      #expect(own.bucketElements == changed.bucketElements)
    } else {
      #expect(
        refit.cluster.profile.efficiency.gemm.value == direct.cluster.profile.efficiency.gemm.value)
      #expect(
        refit.cluster.profile.efficiency.attention == direct.cluster.profile.efficiency.attention)
      #expect(
        refit.cluster.profile.node.busBandwidth.value
          == direct.cluster.profile.node.busBandwidth.value)
      #expect(
        refit.cluster.profile.accelerator.memoryContext.value
          == direct.cluster.profile.accelerator.memoryContext.value)
      #expect(
        refit.cluster.profile.efficiency.memoryBound.softmax.value
          == direct.cluster.profile.efficiency.memoryBound.softmax.value)
      #expect(
        refit.cluster.profile.efficiency.eagerOperator.value
          == direct.cluster.profile.efficiency.eagerOperator.value)
    }
    // What a file says keeps its source.
    let text = try #require(files.first).text
    #expect(text.contains("origin: measured") && text.contains("refit: \"a test: \(term.rawValue)"))
  }
}
