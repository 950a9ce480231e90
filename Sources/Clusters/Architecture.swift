/// Families of devices that share what a fit to published steps says about them.
public enum Architecture: String, Sendable, Hashable, CaseIterable {
  /// V100, T4.
  case volta
  /// A100, A800, A30.
  case ampere
  /// GA102 and its relatives: RTX 3090, A6000, A40, A10.
  case ampereGraphics = "ampere-graphics"
  /// RTX 4090, L4, L40S.
  case ada
  /// H100, H200, GH200, H800.
  case hopper
  /// B200, GB200.
  case blackwell
  /// Everything else.
  case other

  private static let words: [(part: String, architecture: Architecture)] = [
    ("b200", .blackwell), ("b100", .blackwell), ("b300", .blackwell),
    ("5090", .blackwell), ("h100", .hopper), ("h200", .hopper), ("h800", .hopper),
    ("h20", .hopper), ("a100", .ampere), ("a800", .ampere), ("a30", .ampere), ("v100", .volta),
    ("t4", .volta), ("l4", .ada), ("4090", .ada), ("6000 ada", .ada),
    ("6000-ada", .ada), ("3090", .ampereGraphics), ("3080", .ampereGraphics),
    ("a6000", .ampereGraphics), ("a5000", .ampereGraphics), ("a40", .ampereGraphics),
    ("a10", .ampereGraphics),
  ]

  /// The architecture of a device by its name, for example `NVIDIA A100-SXM4-40GB`.
  public init(device name: String) {
    let lower = name.lowercased()
    self = Self.words.first { lower.contains($0.part) }?.architecture ?? .other
  }
}

extension Accelerator {
  /// The family of devices.
  public var architecture: Architecture { Architecture(device: name) }
}
