import Foundation
import Scenarios
import Testing
import Workloads

@Suite("Files of the model zoo")
struct ZooFilesTests {
  @Test("every file reads, is named by its id and prices a step")
  func everyFile() throws {
    #expect(Zoo.catalog.ids.count == 85)
    for id in Zoo.catalog.ids {
      let file = try Zoo.catalog.model(id)
      #expect(!file.title.isEmpty && !file.model.source.isEmpty, "\(id)")
      #expect(file.model.parameters > 0 && file.model.forwardFlopsPerSample > 0, "\(id)")
      let towers = Set(file.model.towerNames)
      #expect(file.model.frozenByDefault.isSubset(of: towers), "\(id)")
      let program = file.model.stepProgram(
        ProgramOptions(microBatch: 2, frozen: file.model.frozenByDefault))
      #expect(program.parameters == file.model.parameters, "\(id)")
      #expect(program.phases.contains { $0.name == .backward }, "\(id)")
    }
  }

  @Test("the first line of every file states its true parameter count")
  func firstLines() throws {
    for id in Zoo.catalog.ids {
      let path = try #require(Zoo.catalog.path(id))
      let first = try #require(SourceFile(path: path).lines.first)
      let file = try Zoo.catalog.model(id)
      var digits = ""
      for (index, digit) in String(file.model.parameters).reversed().enumerated() {
        if index > 0, index.isMultiple(of: 3) { digits.append(",") }
        digits.append(digit)
      }
      #expect(first == "# \(file.title): \(String(digits.reversed())) parameters.", "\(id)")
    }
  }

  @Test("ids differ by more than case: some file systems ignore it")
  func caseFolding() {
    let ids = Zoo.catalog.ids
    #expect(Set(ids.map { $0.lowercased() }).count == ids.count)
  }

  @Test(
    "an unknown id suggests the nearest",
    arguments: [("ViT-B16", "ViT-B-16"), ("eva02-e-14-plus", "EVA02-E-14-plus")])
  func unknown(_ id: String, _ nearest: String) throws {
    let error = try #require(throws: UnknownModel.self) { try Zoo.catalog.model(id) }
    #expect(error.suggestion == nearest)
  }

  @Test("the tiny model is one that a processor trains: below 1.8 M parameters, 0.2 GFLOP a pair")
  func tiny() throws {
    let model = try Zoo.catalog.model("tiny-clip").model
    #expect(model.parameters < 1_800_000)
    #expect(model.forwardFlopsPerSample < 0.2e9)
  }

  @Test("the peer benchmark's model has as many parameters as its PyTorch twin")
  func peer() throws {
    let model = try Zoo.catalog.model("peer-tiny-clip").model
    #expect(model.parameters == 10_732_545)
  }
}
