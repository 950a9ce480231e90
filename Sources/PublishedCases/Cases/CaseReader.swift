public import Scenarios

/// Reads files of published cases: one JSON object in a line.
///
/// The schema is in `Documentation/published-cases.md`. Keys that it does not name are kept as remarks;
/// wrong and missing values are errors with line and key. Names (of software, machines, formats)
/// are free: what is not known is matched with what is nearest when the case is set up.
public enum CaseReader {
  /// The largest file that is read.
  static let sizeLimit = 16 << 20

  /// Reads a file from disk.
  ///
  /// - Throws: `MissingFile`, or `FileErrors` with everything that is wrong.
  public static func read(path: String) throws -> [PublishedCase] {
    try read(SourceFile(path: path, limit: sizeLimit))
  }

  /// Reads a file from memory.
  ///
  /// - Throws: `FileErrors` with everything that is wrong.
  public static func read(_ file: SourceFile) throws(FileErrors) -> [PublishedCase] {
    try Reader.readJSONLines(file, publishedCase)
  }

  private static func publishedCase(_ root: Section, line: Int) -> PublishedCase {
    var unknown: [String] = []
    let measurements = Reading<[CaseMeasurement]>.list(of: measurement)
    let result = PublishedCase(
      id: root.text("id"), line: line, group: root.text("group"),
      grade: root.value("grade", .enumeration(of: PublishedCase.Grade.self), default: .b),
      source: root.value("source", .anyText, default: ""),
      workload: root.section("workload") { workload($0, &unknown) },
      hardware: root.section("hardware") { hardware($0, &unknown) },
      strategy: root.section("strategy") { strategy($0, &unknown) },
      assumed: root.list("assumed", of: .text),
      measured: root.required("measured", measurements),
      notes: root.value("notes", .anyText, default: ""), unknownKeys: unknown)
    var copy = result
    copy.unknownKeys += remark(
      root,
      known: [
        "id", "group", "grade", "source", "workload", "hardware", "strategy", "assumed", "measured",
        "notes",
      ])
    return copy
  }

  /// Keys beyond the schema: accepted, and told.
  private static func remark(_ section: Section, known: Set<String>) -> [String] {
    let unknown = section.keys.filter { !known.contains($0) }.map { section.path($0) }
    section.acceptEverything()
    return unknown
  }

  private static func workload(_ section: Section, _ unknown: inout [String]) -> CaseWorkload {
    func tower(_ key: String) -> CaseTower? {
      section.optionalSection(key) { self.tower($0, &unknown) }
    }
    let workload = CaseWorkload(
      family: section.text("family"), model: section.value("model", .anyText, default: ""),
      image: tower("image_tower"), text: tower("text_tower"), language: tower("language_model"),
      embedWidth: section.optional("embed_width", .count),
      frozen: section.list("frozen", of: .text),
      patchDropout: section.value(
        "patch_dropout",
        Reading<Double>.number.checked("at least 0 and below 1", standIn: 0) {
          $0 >= 0 && $0 < 1
        }, default: 0),
      samplesSeen: section.optional("samples_seen", .positiveNumber))
    unknown += remark(
      section,
      known: [
        "family", "model", "image_tower", "text_tower", "language_model", "embed_width", "frozen",
        "patch_dropout", "samples_seen",
      ])
    return workload
  }

  private static func tower(_ section: Section, _ unknown: inout [String]) -> CaseTower {
    var tower = CaseTower(
      width: section.required("width", size), depth: section.required("depth", size),
      heads: section.required("heads", size), mlpWidth: section.required("mlp_width", size),
      mlp: section.optional("mlp", .text))
    tower.patch = section.value("patch_px", size, default: 0)
    tower.image = section.value("image_px", size, default: 0)
    tower.classToken = section.value("class_token", .bool, default: true)
    tower.tokens = section.value("tokens", size, default: 0)
    tower.vocabulary = section.value("vocabulary", size, default: 0)
    tower.keyValueHeads = section.optional("kv_heads", size)
    tower.tiedEmbeddings = section.value("tied_embeddings", .bool, default: true)
    tower.isFrozen = section.value("frozen", .bool, default: false)
    if tower.heads > tower.width {
      section.error(
        "heads", "\(tower.heads) heads share a width of \(tower.width)", help: "use fewer heads")
    }
    if tower.patch > tower.image {
      section.error(
        "patch_px", "a patch of \(tower.patch) px in an image of \(tower.image) px",
        help: "give image_px and patch_px")
    }
    unknown += remark(
      section,
      known: [
        "width", "depth", "heads", "mlp_width", "mlp", "patch_px", "image_px", "class_token",
        "tokens", "vocabulary", "kv_heads", "tied_embeddings", "frozen",
      ])
    return tower
  }

  private static func hardware(_ section: Section, _ unknown: inout [String]) -> CaseHardware {
    let hardware = CaseHardware(
      accelerator: section.text("accelerator"), count: section.required("count", size),
      perNode: section.optional("per_node", size), cluster: section.optional("cluster", .text))
    unknown += remark(section, known: ["accelerator", "count", "per_node", "cluster"])
    return hardware
  }

  private static func strategy(_ section: Section, _ unknown: inout [String]) -> CaseStrategy {
    func ranks(_ key: String) -> Int { section.value(key, size, default: 1) }
    let strategy = CaseStrategy(
      microBatch: section.required("micro_batch", size), accumulation: ranks("accumulation"),
      dataParallel: section.required("data_parallel", size),
      tensorParallel: ranks("tensor_parallel"), pipelineParallel: ranks("pipeline_parallel"),
      virtualPipeline: ranks("virtual_pipeline"),
      sequenceParallel: section.value("sequence_parallel", .bool, default: false),
      precision: section.text("precision"),
      optimizer: section.value("optimizer", .text, default: "adamw"),
      zeroStage: section.value(
        "zero_stage", Reading<Int>.countFromZero.checked("from 0 to 3", standIn: 0) { $0 <= 3 },
        default: 0),
      recomputation: section.value("recomputation", .text, default: "none"),
      attention: section.value("attention", .text, default: "unfused"),
      contrastiveGather: section.optional("contrastive_gather", .text),
      software: section.value("software", .text, default: "unknown"),
      year: section.optional("year", .count))
    func limit(_ key: String, _ factors: [Int], _ noun: String) {
      let product = factors.reduce(1.0) { $0 * Double($1) }
      guard product > productLimit else { return }
      section.error(
        key, "\(factors.map(String.init).joined(separator: " x ")) \(noun) are too many to be true",
        help: "check the factors")
    }
    limit(
      "micro_batch", [strategy.microBatch, strategy.accumulation, strategy.dataParallel],
      "samples a step")
    limit(
      "data_parallel",
      [strategy.dataParallel, strategy.tensorParallel, strategy.pipelineParallel], "accelerators")
    unknown += remark(
      section,
      known: [
        "micro_batch", "accumulation", "data_parallel", "tensor_parallel", "pipeline_parallel",
        "virtual_pipeline", "sequence_parallel", "precision", "optimizer", "zero_stage",
        "recomputation", "attention", "contrastive_gather", "software", "year",
      ])
    return strategy
  }

  /// The most samples of a step, and accelerators: as of a scenario's global batch.
  private static let productLimit = 0x1p40

  /// Counts that stay small enough for products of two of them to be exact.
  private static var size: Reading<Int> {
    .count.checked("at most 10,000,000") { $0 <= 10_000_000 }
  }

  private static var measurement: Reading<CaseMeasurement> {
    .section(
      standIn: CaseMeasurement(kind: .fits, value: 1, bound: .exact, basis: nil),
      example: "{\"kind\": \"step_seconds\", \"value\": 1.2, \"bound\": \"exact\"}"
    ) { section in
      let kinds = Reading<CaseMeasurement.Kind>.enumeration(of: CaseMeasurement.Kind.self)
      let bounds = Reading<CaseMeasurement.Bound>.enumeration(of: CaseMeasurement.Bound.self)
      let result = CaseMeasurement(
        kind: section.required("kind", kinds), value: section.required("value", .positiveNumber),
        bound: section.value("bound", bounds, default: .exact),
        basis: section.optional("basis", .enumeration(of: CaseMeasurement.Basis.self)))
      section.acceptEverything()
      return result
    }
  }
}
