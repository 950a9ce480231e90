public import Clusters
import Quantities

/// Reads a file of `hardware-profiles/` into a profile; the schema is in `schemas/`.
public enum HardwareProfileReader {
  /// What the first line of a profile says.
  public static let schema = "foretrain/hardware-profile/1"

  /// Reads a profile from disk.
  ///
  /// - Throws: `MissingFile`, or `FileErrors` with everything that is wrong.
  public static func read(path: String) throws -> HardwareProfile {
    try read(SourceFile(path: path))
  }

  /// Reads a profile.
  ///
  /// - Parameters:
  ///   - file: The text.
  ///   - expectedID: The id that the file must have, as it is looked up by it; nil for any.
  ///   - allowsUnusedSources: For profiles whose values a scenario has replaced.
  /// - Returns: A profile in which every number has an origin and physical sense.
  /// - Throws: `FileErrors` with everything that is wrong.
  public static func read(
    _ file: SourceFile, expectedID: String? = nil, allowsUnusedSources: Bool = false
  ) throws(FileErrors) -> HardwareProfile {
    try read(
      file, root: YAMLComposer.compose(file), expectedID: expectedID,
      allowsUnusedSources: allowsUnusedSources)
  }

  /// Reads a tree that was composed before, perhaps from several files.
  static func read(
    _ file: SourceFile, root: YAMLNode, expectedID: String?, allowsUnusedSources: Bool
  ) throws(FileErrors) -> HardwareProfile {
    try Reader.read(file, root: root, allowsUnusedSources: allowsUnusedSources) { root in
      _ = root.required("schema", .word(among: [(schema, schema)]))
      let id = root.required("id", .id)
      if let expectedID, !id.isEmpty, id != expectedID {
        root.error("id", "the id is '\(id)', the file's name says '\(expectedID)'", help: "rename")
      }
      return HardwareProfile(
        id: id, title: root.text("title"), asOf: root.required("as_of", .date),
        datasheetOnly: root.value("datasheet_only", .bool, default: false),
        accelerator: root.section("accelerator", accelerator),
        efficiency: root.section("efficiency", EfficiencyReader.efficiency),
        node: root.section("node", NodeReader.node),
        network: root.section("network", NodeReader.network), site: root.section("site", site),
        sources: root.reader.sources)
    }
  }

  private static func accelerator(_ section: Section) -> Accelerator {
    let rate = Reading.sourced(.positive(Per<FloatingPointOperation, Second>.self))
    let peak = section.required("peak", .dictionary(of: MatrixFormat.self, to: rate))
    if section.has("peak"), section.node("peak")?.entries?.isEmpty ?? false {
      section.error("peak", "'accelerator.peak' names no format", help: "add 'bf16: 1 TFLOP/s'")
    }
    let memory = section.sourced("memory", .positive(Byte.self))
    let context = section.sourced("memory_context", .quantity(of: Byte.self))
    if section.has("memory"), section.has("memory_context"), context.value >= memory.value {
      section.error(
        "memory_context", "'accelerator.memory_context' is not below the memory",
        help: "it is what driver and libraries take, about 1 GiB")
    }
    return Accelerator(
      name: section.text("name"), peak: peak, memory: memory, memoryContext: context,
      memoryBandwidth: section.sourced("memory_bandwidth", .positive(Per<Byte, Second>.self)),
      multiprocessors: section.sourced("multiprocessors", .count),
      powerLimit: section.optionalSourced("power_limit", .positive(Per<Joule, Second>.self)),
      powerTraining: section.optionalSourced("power_training", .positive(Per<Joule, Second>.self)))
  }

  private static func site(_ section: Section) -> Site {
    Site(
      price: section.optionalSourced(
        "price", .quantity(of: Per<USDollar, AcceleratorHour>.self)),
      priceNote: section.value("price_note", .anyText, default: ""),
      pue: section.sourced("pue", .number.checked("at least 1") { $0 >= 1 }),
      grid: section.optionalSourced("grid", .quantity(of: Per<GramOfCarbon, Joule>.self)),
      failuresPer1000NodeDays: section.sourced("failures_per_1000_node_days", .nonNegativeNumber),
      restart: section.sourced("restart", .quantity(of: Second.self)),
      checkpointBandwidth: section.sourced(
        "checkpoint_bandwidth", .positive(Per<Byte, Second>.self)))
  }
}

extension Reading where Value == String {
  /// A day as `2026-11-23`.
  static var date: Reading {
    .scalar(standIn: "2000-01-01", example: "2026-11-23") { text throws(Complaint) in
      let parts = text.split(separator: "-", omittingEmptySubsequences: false)
      let numbers = parts.compactMap { Int($0) }
      guard parts.map(\.count) == [4, 2, 2], numbers.count == 3, numbers[0] >= 2000,
        (1...12).contains(numbers[1]), (1...31).contains(numbers[2])
      else { throw Complaint("'\(text)' is not a day", help: "write 2026-11-23") }
      return text
    }
  }
}
