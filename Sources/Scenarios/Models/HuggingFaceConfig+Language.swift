import Workloads

extension Section {
  /// BertForMaskedLM.
  func huggingFaceBERT() -> LanguageModelSpec {
    var block = huggingFaceBlock(width: 768, mlpWidth: 3072, heads: 12)
    block.mlp = huggingFaceActivation("hidden_act", default: .gelu)
    block.normPosition = .postResidual
    demand(
      "position_embedding_type", is: ["absolute"], "only absolute positions are supported")
    let positions = value("max_position_embeddings", .tokenCount, default: 512)
    var model = LanguageModelSpec(
      vocabulary: value("vocab_size", .tableSize, default: 30522), block: block,
      layers: value("num_hidden_layers", .layerCount, default: 12), positions: positions,
      tokens: positions)
    model.tokenTypes = value("type_vocab_size", .tokenCount, default: 2)
    model.embeddingNorm = true
    model.finalNorm = false
    model.headTransform = true
    model.vocabularyBias = true
    return model
  }

  /// GPT2LMHeadModel.
  func huggingFaceGPT2() -> LanguageModelSpec {
    let width = value("n_embd", .width, default: 768)
    let heads = value("n_head", .headCount, default: 12)
    var block = huggingFaceBlock(
      width: width, heads: heads,
      mlpWidth: value("n_inner", .hiddenWidth, default: 4 * width), headsKey: "n_head")
    block.mlp = huggingFaceActivation("activation_function", default: .gelu)
    block.causal = true
    demand("add_cross_attention", is: ["false"], "cross-attention is not supported")
    let positions = value("n_positions", .tokenCount, default: 1024)
    return LanguageModelSpec(
      vocabulary: value("vocab_size", .tableSize, default: 50257), block: block,
      layers: value("n_layer", .layerCount, default: 12), positions: positions, tokens: positions)
  }

  /// OPTForCausalLM: the table of positions has two more rows than the sequence.
  func huggingFaceOPT() -> LanguageModelSpec {
    let width = value("hidden_size", .width, default: 768)
    let heads = value("num_attention_heads", .headCount, default: 12)
    var block = huggingFaceBlock(
      width: width, heads: heads, mlpWidth: value("ffn_dim", .hiddenWidth, default: 3072),
      headsKey: "num_attention_heads")
    block.mlp = huggingFaceActivation("activation_function", default: .relu)
    block.causal = true
    demand("do_layer_norm_before", is: ["true"], "OPT with norms behind is not supported")
    demand(
      "word_embed_proj_dim", is: ["\(width)"], "an embedding of another width is not supported")
    demand("enable_bias", is: ["true"], "OPT without biases is not supported")
    let tokens = value("max_position_embeddings", .tokenCount, default: 2048)
    return LanguageModelSpec(
      vocabulary: value("vocab_size", .tableSize, default: 50272), block: block,
      layers: value("num_hidden_layers", .layerCount, default: 12), positions: tokens + 2,
      tokens: tokens)
  }

  /// T5ForConditionalGeneration; sequences of `n_positions` on both sides.
  func huggingFaceT5() -> LanguageModelSpec {
    let heads = value("num_heads", .headCount, default: 8)
    var block = BlockSpec(
      width: value("d_model", .width, default: 512), heads: heads,
      headWidth: value("d_kv", .width, default: 64),
      mlpWidth: value("d_ff", .hiddenWidth, default: 2048))
    let kinds: [(word: String, value: MLPKind)] = [
      ("relu", .relu), ("gated-gelu", .geGLU), ("gelu", .gelu), ("gated-silu", .swiGLU),
    ]
    block.mlp = value("feed_forward_proj", .word(among: kinds), default: .relu)
    block.norm = .rmsNorm
    block.attentionBias = .none
    block.projectionBias = false
    block.mlpBias = false
    var decoder = block
    decoder.causal = true
    decoder.crossAttentionWidth = block.width
    let layers = value("num_layers", .layerCount, default: 6)
    let tokens = value("n_positions", .tokenCount, default: 512)
    var model = LanguageModelSpec(
      vocabulary: value("vocab_size", .tableSize, default: 32128), block: decoder,
      layers: value("num_decoder_layers", .layerCount, default: layers), positions: 0,
      tokens: tokens)
    model.encoderBlock = block
    model.encoderLayers = layers
    model.decoderTokens = tokens
    model.relativePositionEntries =
      heads * value("relative_attention_num_buckets", .tokenCount, default: 32)
    model.tiedEmbeddings = value("tie_word_embeddings", .bool, default: true)
    return model
  }

  /// LlamaForCausalLM and MistralForCausalLM.
  func huggingFaceLlama() -> LanguageModelSpec {
    let width = value("hidden_size", .width, default: 4096)
    let heads = value("num_attention_heads", .headCount, default: 32)
    let headWidth = optional("head_dim", .width)
    let hidden = value("intermediate_size", .hiddenWidth, default: 11008)
    var block =
      headWidth == nil
      ? huggingFaceBlock(
        width: width, heads: heads, mlpWidth: hidden, headsKey: "num_attention_heads")
      : BlockSpec(width: width, heads: heads, headWidth: headWidth, mlpWidth: hidden)
    block.keyValueHeads = value("num_key_value_heads", .headCount, default: heads)
    if !heads.isMultiple(of: block.keyValueHeads) {
      error(
        "num_key_value_heads",
        "\(heads) heads cannot share \(block.keyValueHeads) key and value heads",
        help: "use a divisor of \(heads)")
    }
    block.mlp = .swiGLU
    block.norm = .rmsNorm
    demand("hidden_act", is: ["silu"], "only the gate 'silu' is supported")
    let hasBias = value("attention_bias", .bool, default: false)
    block.attentionBias = hasBias ? .all : .none
    block.projectionBias = hasBias
    block.mlpBias = value("mlp_bias", .bool, default: false)
    block.rotary = true
    block.causal = true
    var model = LanguageModelSpec(
      vocabulary: value("vocab_size", .tableSize, default: 32000), block: block,
      layers: value("num_hidden_layers", .layerCount, default: 32), positions: 0,
      tokens: value("max_position_embeddings", .tokenCount, default: 2048))
    model.tiedEmbeddings = value("tie_word_embeddings", .bool, default: false)
    return model
  }
}
