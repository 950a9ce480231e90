import Scenarios
import Testing
import Workloads

@Suite("Hugging Face configurations")
struct HuggingFaceConfigTests {
  static func read(_ json: String) throws -> ModelSpec {
    try HuggingFaceConfig.read(SourceFile(name: "config.json", text: json), id: "config")
  }

  /// Parameters as the published checkpoints' modules have them.
  @Test(
    "dimensions give the published parameter counts",
    arguments: [
      (
        #"{"model_type": "clip", "vision_config": {"dropout": 0.0}, "text_config": {"eos_token_id": 2}}"#,
        151_277_313
      ),
      (
        #"{"model_type": "siglip", "vision_config": {"image_size": 224}, "text_config": {"vocab_size": 32000}}"#,
        203_155_970
      ),
      (#"{"model_type": "gpt2", "n_ctx": 1024, "n_embd": 768}"#, 124_439_808),
      (
        #"{"model_type": "opt", "hidden_size": 2560, "word_embed_proj_dim": 2560, "ffn_dim": 10240, "num_hidden_layers": 32, "num_attention_heads": 32}"#,
        2_651_596_800
      ),
      (
        #"{"model_type": "t5", "d_model": 2048, "d_ff": 5120, "num_layers": 24, "num_decoder_layers": 24, "num_heads": 32, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": false}"#,
        2_849_757_184
      ),
      (
        #"{"model_type": "llama", "intermediate_size": 14336, "num_key_value_heads": 8, "vocab_size": 128256, "max_position_embeddings": 8192}"#,
        8_030_261_248
      ),
      (
        #"{"model_type": "mistral", "intermediate_size": 14336, "num_key_value_heads": 8, "max_position_embeddings": 32768, "sliding_window": 4096}"#,
        7_241_732_096
      ),
      (
        #"{"model_type": "bert", "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096}"#,
        335_174_458
      ),
      (#"{"model_type": "vit", "num_labels": 1000}"#, 86_567_656),
    ])
  func counts(_ json: String, _ parameters: Int) throws {
    #expect(try Self.read(json).parameters == parameters)
  }

  @Test("classes are counted from the labels")
  func labels() throws {
    let model = try Self.read(
      #"{"model_type": "vit", "id2label": {"0": "cat", "1": "dog", "2": "ox"}}"#)
    guard case .imageClassifier(_, let classes) = model.family else { return }
    #expect(classes == 3)
  }

  @Test(
    "what is wrong or not supported is said",
    arguments: [
      (#"{"model_type": "llava"}"#, "'llava' is not known"),
      (#"{"hidden_size": 768}"#, "'model_type' is missing"),
      (#"{"model_type": "clip", "text_config": {}}"#, "lacks 'vision_config' or 'text_config'"),
      (#"{"model_type": "opt", "do_layer_norm_before": false}"#, "norms behind"),
      (
        #"{"model_type": "opt", "hidden_size": 1024, "word_embed_proj_dim": 512, "num_attention_heads": 16}"#,
        "another width"
      ),
      (#"{"model_type": "gpt2", "n_head": 7}"#, "does not divide into 7 heads"),
      (#"{"model_type": "llama", "num_key_value_heads": 5}"#, "cannot share 5"),
      (#"{"model_type": "vit", "patch_size": 15}"#, "does not divide into patches of 15 px"),
      (#"{"model_type": "bert", "hidden_act": "mish"}"#, "'mish' is not known"),
    ])
  func faults(_ json: String, _ message: String) throws {
    let errors = try #require(throws: FileErrors.self) { try Self.read(json) }
    #expect(errors.diagnostics.contains { $0.message.contains(message) }, "\(errors)")
  }
}
