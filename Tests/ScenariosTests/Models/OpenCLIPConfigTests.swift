import Scenarios
import Testing
import Workloads

@Suite("open_clip configurations")
struct OpenCLIPConfigTests {
  static func read(_ vision: String, text: String = "", root: String = "") throws -> ModelSpec {
    let json = """
      {
        "embed_dim": 512,\(root)
        "vision_cfg": {\(vision)},
        "text_cfg": {\(text)}
      }
      """
    return try OpenCLIPConfig.read(SourceFile(name: "config.json", text: json), id: "config")
  }

  static func messages(_ vision: String, text: String = "", root: String = "") throws -> [String] {
    let errors = try #require(throws: FileErrors.self) {
      try read(vision, text: text, root: root)
    }
    return errors.diagnostics.map(\.message)
  }

  @Test("absent fields have open_clip's defaults: ViT-B/16 and a 512-wide text tower")
  func defaults() throws {
    let model = try Self.read("")
    #expect(model.parameters == 149_620_737)
  }

  @Test("a sigmoid bias makes it SigLIP")
  func sigmoid() throws {
    let model = try Self.read("", root: "\n  \"init_logit_bias\": -10,")
    guard case .sigLIP = model.family else {
      Issue.record("\(model.family)")
      return
    }
    #expect(model.parameters == 149_620_738)
  }

  @Test("the MLP is as wide as int(width * ratio)")
  func ratio() throws {
    let model = try Self.read("\"width\": 1664, \"head_width\": 104, \"mlp_ratio\": 4.9231")
    guard case .clip(let image, _) = model.family else { return }
    #expect(image.block.mlpWidth == 8192)
    #expect(image.block.heads == 16)
  }

  @Test(
    "what cannot be built is said",
    arguments: [
      ("\"patch_size\": 15", "an image of 224 px does not divide into patches of 15 px"),
      ("\"head_width\": 1000", "a head of 1000 is wider"),
      ("\"image_size\": [224, 336]", "only square images are supported"),
      ("\"qk_norm\": true", "open_clip's 'qk_norm' is not supported"),
      ("\"pos_embed_type\": \"sin_cos_2d\"", "fixed positions are not supported"),
      ("\"pool_type\": \"map\"", "'map' is not known"),
      ("\"depth\": 12", "unknown key 'depth'"),
    ])
  func faults(_ vision: String, _ message: String) throws {
    let found = try Self.messages(vision)
    #expect(found.contains { $0.contains(message) }, "\(found)")
  }

  @Test("heads are counted as width // head_width: 100 // 64 is one head")
  func heads() throws {
    guard case .clip(let image, _) = try Self.read("\"width\": 100").family else { return }
    #expect(image.block.heads == 1 && image.block.headWidth == 100)
  }

  @Test("both towers' faults come in one pass")
  func together() throws {
    let found = try Self.messages(
      "\"timm_model_name\": \"swin\"", text: "\"hf_model_name\": \"roberta-base\"")
    #expect(found.count == 2)
  }

  @Test("text that is no JSON is a located error, not a stop")
  func broken() throws {
    for text in ["", "{", "[1, 2]", "{\"embed_dim\": 512", "nonsense: [", "{\"embed_dim\": {}}"] {
      let file = SourceFile(name: "config.json", text: text)
      let errors = try #require(throws: FileErrors.self) {
        try OpenCLIPConfig.read(file, id: "config")
      }
      #expect(!errors.diagnostics.isEmpty)
    }
  }
}
