import Clusters
import Planning
import Quantities
import Strategies
import Workloads

extension FamilyName {
  /// The name of a model's family.
  init(_ family: ModelSpec.Family) {
    self =
      switch family {
      case .clip: .clip
      case .sigLIP: .siglip
      case .coca: .coca
      case .blip2Stage1: .blip2Stage1
      case .blip2Stage2: .blip2Stage2
      case .visionLanguage: .visionLanguage
      case .imageClassifier: .imageClassifier
      case .languageModel: .languageModel
      }
  }
}

/// The settings of `workload:`, `cluster:` and `campaign:`.
enum WorkloadSettings {
  static var family: Setting<FamilyName> { Setting("family", words: FamilyName.self) }
  static var loss: Setting<ContrastiveKind> { Setting("loss", words: ContrastiveKind.self) }
  static var patchDropout: Setting<Double> {
    Setting(
      "patch_dropout",
      .number.checked("at least 0 and below 1", standIn: 0) { $0 >= 0 && $0 < 1 },
      write: SettingText.number)
  }
  static var globalBatch: Setting<Int> { counted("global_batch", upTo: 1 << 40) }
  static var optimizer: Setting<Optimizer> { Setting("optimizer", words: Optimizer.self) }
  static var dataName: Setting<String> { Setting("name", .text, write: SettingText.scalar) }
  static var samplesSeen: Setting<Double> {
    Setting("samples_seen", samples("9e9"), write: SettingText.number)
  }
  static var epochs: Setting<Double> {
    Setting("epochs", .positiveNumber, write: SettingText.number)
  }
  static var datasetSize: Setting<Double> {
    Setting("dataset_size", samples("407332084"), write: SettingText.number)
  }
  /// nil stands for `none`.
  static var inputRateLimit: Setting<SamplesPerSecond?> {
    let rate = Reading<SamplesPerSecond>.positive(Per<Sample, Second>.self)
    return Setting(
      "input_rate_limit",
      Reading(standIn: nil, example: "none") { node, context in
        if node.scalar == "none" { return .some(nil) }
        return rate.read(node, context).map { .some($0) }
      }
    ) { $0.map { SettingText.quantity($0, in: [("samples/s", 1)]) } ?? "none" }
  }

  static func counted(_ key: String, upTo limit: Int) -> Setting<Int> {
    Setting(key, .count.checked("at most \(limit)") { $0 <= limit }, write: SettingText.count)
  }

  private static func samples(_ example: String) -> Reading<Double> {
    let number = Reading<Double>.number
    return Reading(standIn: 1, example: example, number.read)
      .checked("a whole number from 1 to 1e18") {
        $0 >= 1 && $0.rounded() == $0 && $0 <= sampleLimit
      }
  }

  /// More samples than any run sees.
  static var sampleLimit: Double { 1e18 }
}

/// The settings of `cluster:`.
enum ClusterSettings {
  static var hardware: Setting<String> { Setting("hardware", .text, write: SettingText.scalar) }
  static var accelerators: Setting<Int> {
    WorkloadSettings.counted("accelerators", upTo: 1 << 20)
  }
  static var network: Setting<BytesPerSecond> {
    let rate = Reading<BytesPerSecond>.positive(Per<Byte, Second>.self)
    return Setting(
      "network",
      .scalar(standIn: rate.standIn, example: "90 GB/s per node") { text throws(Complaint) in
        guard text.hasSuffix(" per node") else {
          throw Complaint(
            "'\(text)' does not say whose bandwidth it is", help: "write '90 GB/s per node'")
        }
        let value: BytesPerSecond
        do throws(UnitError) {
          value = try BytesPerSecond(parsing: String(text.dropLast(9)))
        } catch {
          throw Complaint(error.problem, help: error.help)
        }
        guard value.value > 0 else {
          throw Complaint("'\(text)' is not above zero", help: "write '90 GB/s per node'")
        }
        return value
      }
    ) { SettingText.bandwidth($0) + " per node" }
  }
  /// nil stands for `unknown`, which is not 0.
  static var price: Setting<USDollarsPerAcceleratorHour?> {
    let price = Reading<USDollarsPerAcceleratorHour>.quantity(
      of: Per<USDollar, AcceleratorHour>.self
    ).checked("at most 1e6 USD/accelerator-hour") { $0.value <= 1e6 }
    return Setting(
      "price",
      Reading(standIn: nil, example: "2.79 USD/accelerator-hour") { node, context in
        if node.scalar == "unknown" { return .some(nil) }
        return price.read(node, context).map { .some($0) }
      }
    ) { $0.map { SettingText.quantity($0, in: []) } ?? "unknown" }
  }
  static var pue: Setting<Double> {
    Setting("pue", .number.checked("at least 1") { $0 >= 1 }, write: SettingText.number)
  }
  static var grid: Setting<GramsPerJoule> {
    Setting("grid", .quantity(of: Per<GramOfCarbon, Joule>.self)) {
      SettingText.quantity($0, in: [("g/kWh", 1 / 3.6e6)])
    }
  }
  static var failures: Setting<Double> {
    let suffix = " per 1000 node-days"
    return Setting(
      "failures",
      .scalar(standIn: 1, example: "4 per 1000 node-days") { text throws(Complaint) in
        guard text.hasSuffix(suffix), let number = Double(fraction: String(text.dropLast(19))),
          number >= 0
        else {
          throw Complaint(
            "'\(text)' is not a failure rate", help: "write '4 per 1000 node-days'")
        }
        return number
      }
    ) { SettingText.number($0) + suffix }
  }
  static var spareNodes: Setting<Int> {
    Setting(
      "spare_nodes", Reading<Int>.countFromZero.checked("at most 1e6") { $0 <= 1_000_000 },
      write: SettingText.count)
  }
  static var restart: Setting<Seconds> {
    Setting("restart", .quantity(of: Second.self), write: SettingText.duration)
  }
}
