import CostModel
import Explaining
import Quantities
import Planning
import Reporting
import Scenarios
import Testing

/// What a number rests on is found by changing every input, not by a list that somebody wrote.
@Suite("Influences")
struct InfluenceTests {
  /// One accelerator: every part of the step is a formula, none a walk over a network.
  private func single() throws -> Scenario {
    var overrides = ScenarioOverrides()
    overrides.model = "ViT-B-16"
    overrides.hardware = "rtx-3090"
    overrides.accelerators = 1
    overrides.microBatch = 64
    overrides.samplesSeen = 1e6
    return try Project.loader().load(nil, overrides: overrides)
  }

  @Test("whatever moves a number stands in its formula")
  func complete() throws {
    let explainer = try Explainer(single(), loader: Project.loader())
    let json = explainer.breakdown.estimate.json(provenance: Provenance(version: ""))
    let paths = json.numbersByPath.map(\.path).filter { $0 != "max_micro_batch" }
    let influences = explainer.influences(on: paths)
    var seen = 0
    for path in paths {
      let named = Set(explainer.breakdown.figures.leaves(of: path).compactMap(\.name))
      for influence in influences[path] ?? [] where !influence.input.hasPrefix("scenario:") {
        seen += 1
        #expect(named.contains(influence.input), "\(path) is moved by \(influence.input)")
      }
    }
    #expect(seen > 200)
  }

  @Test("every input that a formula names stands in a file")
  func named() throws {
    for (id, settings) in FigureTests.cases {
      let explainer = try Explainer(
        Project.scenario(id, settings), loader: Project.loader())
      let files = Set(explainer.inputs.all.map(\.name))
      for path in explainer.breakdown.figures.paths {
        for case .input(let name, _) in explainer.breakdown.figures[path]?.expression.leaves ?? []
        where !name.hasPrefix("scenario:") {
          // The stack's file may leave the workspace to its default; constants that were fitted to
          // published steps stand in a file of their own.
          #expect(
            files.contains(name) || name == "software:memory.library_workspace_bytes"
              || name.hasPrefix("fitted:"), "\(path) names \(name)")
        }
      }
    }
  }

  @Test("elasticities of formulas that are known by hand")
  func byHand() throws {
    // Without constants fitted to published steps the stack's own range is what counts.
    var loader = try Project.loader()
    loader.constants = StepConstants()
    let explainer = try Explainer(loader.load("eva02-clip-e14-plus"), loader: loader)
    let paths = ["cost_usd.typical", "memory.context_bytes", "step_seconds.typical"]
    let influences = explainer.influences(on: paths)
    func effect(_ path: String, _ input: String) -> Double? {
      influences[path]?.first { $0.input == input }?.elasticity
    }
    let price = try #require(effect("cost_usd.typical", "hardware:site.price"))
    #expect(abs(price - 1) < 1e-9)
    let context = try #require(
      effect("memory.context_bytes", "hardware:accelerator.memory_context"))
    #expect(abs(context - 1) < 1e-9)
    #expect(influences["memory.context_bytes"]?.count == 1)
    let stack = try #require(effect("step_seconds.typical", "software:ranges.time.typical"))
    #expect(abs(stack - 1) < 1e-9)
    #expect(effect("step_seconds.typical", "hardware:site.price") == nil)
    // More bandwidth is less time, and never more than in proportion.
    let bandwidth = try #require(
      effect("step_seconds.typical", "hardware:accelerator.memory_bandwidth"))
    #expect(bandwidth < 0 && bandwidth > -1)
  }

  @Test("a path that is not there names its neighbours")
  func unknown() throws {
    let explainer = try Explainer(
      Project.scenario("eva02-clip-b16"), loader: Project.loader())
    func help(_ path: String) -> String {
      do {
        return try explainer.figure(path).path
      } catch { return error.help }
    }
    #expect(help("step_seconds") == "step_seconds.typical")
    #expect(help("memory.peak") == "memory.peak_bytes")
    #expect(help("step_second.typical").contains("step_seconds.typical"))
    #expect(help("memory.activation").contains("memory.activations_bytes"))
    #expect(help("run").contains("run.goodput"))
    #expect(help("").contains("near:"))
  }
}
