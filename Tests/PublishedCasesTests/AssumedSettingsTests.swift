import Clusters
import Foundation
import Planning
import PublishedCases
import Quantities
import Scenarios
import Strategies
import Testing
import Workloads

@Suite("What a case only assumes")
struct AssumedSettingsTests {
  private let setter: CaseSetter
  private let loader: ScenarioLoader

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path(percentEncoded: false)
    loader = ScenarioLoader(
      data: DataFolders(roots: [String(root.dropLast())], userData: root + "no-such-folder"))
    setter = try CaseSetter(loader: loader)
  }

  private func shipped(_ id: String) throws -> PublishedCase {
    try #require(
      try PublishedLibrary(loader: loader).cases(at: nil).first { $0.id == id }, "\(id)")
  }

  @Test("the software's own form of the loss replaces one that is assumed, and says so")
  func gather() throws {
    var published = try shipped("blitext-blip2-stage1")
    #expect(published.strategy.contrastiveGather == "global")
    let assumed = try setter.setup(published)
    #expect(assumed.scenario.strategy.contrastiveGather == .local)
    #expect(assumed.notes.contains { $0.contains("contrastive gather 'global' is assumed") })
    published.assumed = []
    #expect(try setter.setup(published).scenario.strategy.contrastiveGather == .global)
    published.strategy.contrastiveGather = nil
    #expect(try setter.setup(published).scenario.strategy.contrastiveGather == .local)
  }

  @Test("MetaCLIP's fused attention replaces an assumed kernel, at a rate that is assumed on V100")
  func attention() throws {
    var published = try shipped("metaclip-b16-v100-mem-bs256")
    let setup = try setter.setup(published)
    #expect(setup.scenario.strategy.defaultAttention == .flash)
    #expect(setup.scenario.strategy.software.id == "open-clip-2023")
    #expect(setup.notes.contains { $0.contains("0.3 of the peak is assumed") })
    let curves = setup.scenario.cluster.profile.efficiency.attention
    #expect(curves.count == 1)
    #expect(try #require(curves.first).plateau.value == 0.3 * 125e12)
    published.assumed = []
    #expect(try setter.setup(published).scenario.strategy.defaultAttention == .unfused)
  }

  @Test("figures whose reading nobody states hold what the software's figures are known to hold")
  func reading() throws {
    let predictor = CasePredictor(setter: setter)
    var published = try shipped("cnclip-b16-flash")
    func peak(_ basis: CaseMeasurement.Basis) throws -> Double {
      published.measured = [CaseMeasurement(kind: .peakMemory, value: 56, basis: basis)]
      return try #require(try predictor.predict(published).figures.first).predicted.typical
    }
    #expect(try peak(.asReported) == peak(.device))
    published.strategy.software = "open_clip-2023"
    #expect(try peak(.asReported) == peak(.reserved))
    #expect(try peak(.reserved) < peak(.device))
  }
}
