import Scenarios
import Strategies
import Workloads

/// Which of the project's software stacks stands for a label of the schema.
struct StackChoice: Sendable, Hashable {
  /// The stack's id.
  var stack: String
  /// Whether the label names this very software; if not, the nearest relative stands in.
  var isKnown: Bool
  /// What a reader must know; empty for a known label.
  var note: String
  /// The kernel of attention that the software runs, where that is known; nil elsewhere.
  var attention: AttentionKernel?

  /// Labels that name a stack of the project.
  private static let known: [String: String] = [
    "open_clip-2021": "open-clip-2021", "open_clip-2022": "open-clip-2021",
    "open_clip-2023": "open-clip-2023", "open_clip-2024": "open-clip-2023",
    "open_clip-2025": "open-clip-2023", "eva-clip": "eva-clip-2023", "lavis": "lavis-2023",
    "megatron": "megatron-2021", "megatron-2024": "megatron-2024",
    "megatron-core": "megatron-2024", "nemo": "nemo-2024",
    "megatron-deepspeed": "megatron-deepspeed-2022", "llm-foundry": "llm-foundry-2023",
    "torch-fsdp": "fsdp-2024", "torchtitan": "fsdp-2024", "litgpt": "fsdp-2024",
    "deepspeed": "deepspeed-2024", "timm": "timm-2022", "inf-cl": "inf-cl-2024",
    "nvidia-dle": "nvidia-dle-2021", "chinese-clip": "chinese-clip-2023",
    "eva-01-video": "eva-01-video-2022", "torch-compile": "torch-compile-2024",
  ]

  /// Relatives, by a part of the label; the first that matches counts.
  private static let relatives: [(part: String, stack: String)] = [
    ("megatron-deepspeed", "megatron-deepspeed-2022"), ("megatron", "megatron-2024"),
    ("nemo", "nemo-2024"), ("bigscience", "megatron-deepspeed-2022"),
    ("neox", "megatron-deepspeed-2022"), ("opensci", "megatron-2024"),
    ("foundry", "llm-foundry-2023"), ("composer", "llm-foundry-2023"), ("fsdp", "fsdp-2024"),
    ("titan", "fsdp-2024"), ("litgpt", "fsdp-2024"), ("llava", "deepspeed-2024"),
    ("deepspeed", "deepspeed-2024"), ("eva", "eva-clip-2023"), ("metaclip", "open-clip-2023"),
    ("clipa", "open-clip-2023"), ("flip", "open-clip-2021"), ("openai", "open-clip-2021"),
    ("lavis", "lavis-2023"), ("blip", "lavis-2023"), ("minigpt", "lavis-2023"),
    ("inf-cl", "inf-cl-2024"), ("infcl", "inf-cl-2024"), ("chinese", "chinese-clip-2023"),
    ("compile", "torch-compile-2024"), ("timm", "timm-2022"), ("mae", "timm-2022"),
    ("deit", "timm-2022"), ("beit", "eva-01-video-2022"), ("dle", "nvidia-dle-2021"),
    ("apex", "nvidia-dle-2021"), ("bert", "nvidia-dle-2021"),
  ]

  /// Kernels of attention by a part of the label.
  ///
  /// MetaCLIP's README installs PyTorch's nightly build of
  /// late 2023, whose nn.MultiheadAttention calls scaled_dot_product_attention.
  private static let kernels: [(part: String, kernel: AttentionKernel)] = [("metaclip", .flash)]

  /// The stack of a label; what is unknown follows from the strategy and the year.
  init(_ strategy: CaseStrategy, family: String) {
    let label = strategy.software.lowercased()
    if let stack = Self.dated(label, year: strategy.year) ?? Self.known[label] {
      self.init(stack: stack, isKnown: true, note: "")
      return
    }
    let stack =
      Self.relatives.first { label.contains($0.part) }?.stack
      ?? Self.guess(strategy, label: label, family: family)
    self.init(
      stack: stack, isKnown: false,
      note: "software '\(strategy.software)' is not known: priced as \(stack)")
    attention = Self.kernels.first { label.contains($0.part) }?.kernel
  }

  /// Software whose kernels and overlaps changed from one year to the next under one name.
  private static func dated(_ label: String, year: Int?) -> String? {
    guard let year else { return nil }
    switch label {
    case "megatron": return year <= 2021 ? "megatron-2021" : year <= 2022 ? "megatron-2022" : nil
    case "megatron-deepspeed": return year >= 2023 ? "megatron-deepspeed-2023" : nil
    default: return nil
    }
  }

  private init(stack: String, isKnown: Bool, note: String) {
    self.stack = stack
    self.isKnown = isKnown
    self.note = note
  }

  private static func guess(
    _ strategy: CaseStrategy, label: String, family: String
  ) -> String {
    if strategy.tensorParallel > 1 || strategy.pipelineParallel > 1 { return "megatron-2024" }
    if strategy.zeroStage == 3 { return "fsdp-2024" }
    if strategy.zeroStage > 0 { return "deepspeed-2024" }
    let year = strategy.year ?? 2023
    switch family {
    case "clip", "coca", "siglip": return year <= 2022 ? "open-clip-2021" : "open-clip-2023"
    case "blip2-stage1", "blip2-stage2": return "lavis-2023"
    case "image-classifier": return year <= 2022 ? "timm-2022" : "open-clip-2023"
    case "bert-mlm": return year <= 2022 ? "nvidia-dle-2021" : "open-clip-2023"
    default: return year <= 2022 ? "open-clip-2021" : "open-clip-2023"
    }
  }
}
