import Foundation
import Quantities
import Scenarios
import Strategies
import Testing
import Workloads

/// Mutated models, stacks and open_clip configurations are read or refused, never worse.
@Suite("Fuzzing files that scenarios refer to")
struct FuzzedFilesTests {
  static let modelFiles: [String] = files("models")
  static let stackFiles: [String] = files("software-stacks")

  private static func files(_ folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path(folder))) ?? []
    return names.filter { $0.hasSuffix(".yaml") }.sorted().map { folder + "/" + $0 }
  }

  private static func path(_ name: String) -> String { ProjectData.root + "/" + name }

  /// Runs so many mutations of a text; the answer is how many were refused.
  ///
  /// Every refusal has a place in the file.
  private func refusals(
    of text: String, rounds: Int, seed: UInt64, _ read: (SourceFile) throws -> Void
  ) throws -> Int {
    var random = Mutator(seed: seed)
    var refused = 0
    for round in 0..<rounds {
      let file = SourceFile(name: "mutated", text: random.mutate(text))
      do {
        try read(file)
      } catch let errors as FileErrors {
        refused += 1
        #expect(!errors.diagnostics.isEmpty)
        #expect(errors.diagnostics.allSatisfy { $0.location.line >= 1 }, "round \(round)")
      }
    }
    return refused
  }

  @Test("models", arguments: modelFiles)
  func models(_ name: String) throws {
    let text = try String(contentsOfFile: Self.path(name), encoding: .utf8)
    let refused = try refusals(of: text, rounds: 40, seed: 17) { file in
      let model = try ModelReader.read(file).model
      // What reads can be counted.
      #expect(model.parameters > 0 && model.forwardFlopsPerSample > 0)
    }
    #expect(refused > 5)
  }

  @Test("software stacks", arguments: stackFiles)
  func stacks(_ name: String) throws {
    let text = try String(contentsOfFile: Self.path(name), encoding: .utf8)
    let refused = try refusals(of: text, rounds: 60, seed: 23) { file in
      let stack = try SoftwareStackReader.read(file)
      #expect(!stack.zeroStages.isEmpty && !stack.attention.isEmpty)
    }
    #expect(refused > 5)
  }

  @Test("open_clip configurations")
  func openCLIP() throws {
    let text = """
      {
        "embed_dim": 768,
        "quick_gelu": true,
        "vision_cfg": {
          "image_size": 336,
          "layers": 24,
          "width": 1024,
          "head_width": 64,
          "mlp_ratio": 4.9231,
          "patch_size": 14
        },
        "text_cfg": {
          "context_length": 77,
          "vocab_size": 49408,
          "width": 768,
          "heads": 12,
          "layers": 12
        }
      }
      """
    let refused = try refusals(of: text, rounds: 600, seed: 5) { file in
      let model = try OpenCLIPConfig.read(file, id: "mutated")
      #expect(model.parameters > 0 && model.forwardFlopsPerSample > 0)
    }
    #expect(refused > 100 && refused < 600)
  }

  @Test("files on a base")
  func overlays() throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "foretrain-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func read(_ text: String) throws -> Double {
      try text.write(
        to: folder.appending(path: "own.yaml"), atomically: true, encoding: .utf8)
      let catalog = StackCatalog(
        folders: [folder.path(percentEncoded: false), Self.path("software-stacks")])
      return try catalog.stack("own").timeRange.value.typical
    }
    func stack(_ base: String, _ rest: String = "") -> String {
      "schema: foretrain/software-stack/1\nid: own\ntitle: T\nbase: \(base)\n" + rest
    }
    let change = """
      ranges:
        time: {low: 1, typical: 1.25, high: 2, origin: measured, source: refit}
      sources:
        refit: own runs

      """
    #expect(try read(stack("open-clip-2021", change)) == 1.25)
    for (text, expected) in [
      (stack("open-clip-2012"), "own.yaml:4:7: error: there is no software stack 'open-clip-2012'"),
      (stack("own"), "stand on one another"), (stack("[a]"), "not an id"),
      (stack("open-clip-2021", "rangers: {}\n"), "unknown key 'rangers'"),
    ] {
      let errors = try #require(throws: FileErrors.self) { try read(text) }
      #expect("\(errors)".contains(expected), "\(errors)")
    }
  }
}
