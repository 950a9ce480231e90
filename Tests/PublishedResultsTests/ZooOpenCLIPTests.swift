import Foundation
import Scenarios
import Testing
import Workloads

@Suite("Zoo against open_clip's own modules")
struct ZooOpenCLIPTests {
  /// Parameters exact to the last digit; FLOP exact too, although 0.1 % is the promise.
  @Test("parameters and forward FLOP equal the exact counts")
  func counts() throws {
    let rows = try Zoo.table("open-clip-counts.csv")
    #expect(rows.count == 54)
    for row in rows {
      let id = try Zoo.name(row)
      let model = try Zoo.catalog.model(id).model
      let program = model.stepProgram(ProgramOptions(microBatch: 1))
      func parameters(_ tower: String) -> Int? {
        program.towers.first { $0.name == tower }?.parameters
      }
      let parameterCount = try Zoo.integer(row, "parameters")
      let image = try Zoo.integer(row, "image_parameters")
      let text = try Zoo.integer(row, "text_parameters")
      #expect(model.parameters == parameterCount, "\(id)")
      #expect(parameters("image") == image, "\(id)")
      #expect(parameters("text") == text, "\(id)")

      let byTower = model.forwardFlopsByTower
      #expect(byTower[0].tower == "image")
      #expect(byTower[1].tower == "text")
      let imageFlops = try Zoo.integer(row, "image_flops")
      let textFlops = try Zoo.integer(row, "text_flops")
      let flops = try Zoo.integer(row, "flops")
      #expect(byTower[0].flops == Double(imageFlops), "\(id)")
      #expect(byTower[1].flops == Double(textFlops), "\(id)")
      #expect(model.forwardFlopsPerSample == Double(flops), "\(id)")
    }
  }

  /// The model that open_clip's own configuration describes is the one of the zoo.
  @Test(
    "a configuration of open_clip reads as the zoo's model",
    arguments: [
      "ViT-B-32-quickgelu", "ViT-B-16", "ViT-L-14-CLIPA-336", "ViT-H-14-378-quickgelu",
      "ViT-bigG-14", "ViT-M-16-alt", "coca_ViT-L-14", "coca_base",
    ])
  func configuration(_ id: String) throws {
    let path = Zoo.path(Zoo.fixtures.appending(path: "open-clip-configs/\(id).json"))
    let model = try OpenCLIPConfig.read(path: path)
    #expect(model.id == id)
    let zoo = try Zoo.catalog.model(id)
    #expect(model.family == zoo.model.family)
  }

  @Test(
    "what is not supported is said, at its place",
    arguments: [
      ("RN50", "\"layers\": [", "ResNet image towers are not supported"),
      ("convnext_base", "timm_model_name", "image towers of timm are not supported"),
      ("ViT-B-16-SigLIP", "timm_model_name", "image towers of timm are not supported"),
      ("roberta-ViT-B-32", "hf_model_name", "Hugging Face text towers are not supported"),
    ])
  func unsupported(_ id: String, _ culprit: String, _ message: String) throws {
    let path = Zoo.path(Zoo.fixtures.appending(path: "open-clip-configs/\(id).json"))
    let errors = try #require(throws: FileErrors.self) { try OpenCLIPConfig.read(path: path) }
    let diagnostic = try #require(errors.diagnostics.first)
    #expect(errors.diagnostics.count == 1, "\(errors)")
    #expect(diagnostic.message.contains(message), "\(errors)")
    #expect(diagnostic.sourceLine?.contains(culprit) == true, "\(errors)")
  }
}
