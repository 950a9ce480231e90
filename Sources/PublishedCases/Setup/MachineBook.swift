import Clusters
import Quantities
public import Scenarios

/// Turns names of accelerators and machines into clusters, whatever the names are.
///
/// `hardware-profiles/accelerators.csv` names devices and the profile that each is like;
/// `hardware-profiles/machines.csv` names machines and whose network they have. A name in neither is
/// matched with what is nearest.
public struct MachineBook: Sendable {
  /// A device of the table.
  private struct Device: Sendable {
    var name: String
    var like: String
    var peaks: [MatrixFormat: Double]
    var memory: Double
    var bandwidth: Double
    var multiprocessors: Int
    var link: Double?
  }

  /// A machine of the table.
  private struct Machine: Sendable {
    var name: String
    var networkOf: String
    var bus: Double?
  }

  private let devices: [Device]
  private let machines: [Machine]
  private let loader: ScenarioLoader

  /// Reads both tables.
  ///
  /// - Throws: `MissingFile` where one is not there or holds no row, `FileErrors` with everything that
  ///   is wrong in one.
  public init(loader: ScenarioLoader) throws {
    self.loader = loader
    func table<Row>(
      _ name: String, _ columns: [String], needed: [String], _ body: (Section) -> Row
    ) throws -> [Row] {
      for folder in loader.data.folders("hardware-profiles") {
        do {
          let file = try SourceFile(path: folder + "/" + name)
          let rows = try Reader.readCSV(file, columns: columns, needed: needed) { row in
            _ = row.text("source")
            return body(row)
          }
          guard rows.isEmpty else { return rows }
        } catch is MissingFile {
          continue
        }
      }
      throw MissingFile(
        path: "hardware-profiles/" + name, reason: "no data folder holds it with a row")
    }
    let own = ["name", "like", "memory_gib", "bandwidth_gb_s", "multiprocessors", "source"]
    let formats = MatrixFormat.allCases.map { $0.rawValue + "_tflops" }
    devices = try table("accelerators.csv", own + formats + ["link_gb_s"], needed: own) { row in
      var peaks: [MatrixFormat: Double] = [:]
      for format in MatrixFormat.allCases {
        peaks[format] = row.optional(format.rawValue + "_tflops", .positiveNumber).map { $0 * 1e12 }
      }
      return Device(
        name: row.text("name"), like: row.text("like"), peaks: peaks,
        memory: row.required("memory_gib", .positiveNumber) * gibibyte,
        bandwidth: row.required("bandwidth_gb_s", .positiveNumber) * 1e9,
        multiprocessors: row.count("multiprocessors"),
        link: row.optional("link_gb_s", .positiveNumber).map { $0 * 1e9 })
    }
    machines = try table(
      "machines.csv", ["name", "network_of", "bus_gb_s", "source"],
      needed: ["name", "network_of", "source"]
    ) { row in
      Machine(
        name: row.text("name"), networkOf: row.text("network_of"),
        bus: row.optional("bus_gb_s", .positiveNumber).map { $0 * 1e9 })
    }
  }

  /// The cluster of a case; what was matched with something near goes to `notes`.
  func cluster(_ hardware: CaseHardware, notes: inout CaseNotes) throws -> Cluster {
    let (device, isExact) = device(hardware.accelerator, notes: &notes)
    notes.knownAccelerator = isExact
    var profile = try loader.hardware(device.like)
    dress(&profile, as: device, isExact: isExact)
    try connect(&profile, hardware, notes: &notes)
    if let perNode = hardware.perNode {
      profile.node.accelerators = Sourced(perNode, origin: .given)
    } else if hardware.count < profile.node.accelerators.value {
      profile.node.accelerators = Sourced(hardware.count, origin: .assumed)
    }
    return Cluster(profile: profile, accelerators: hardware.count)
  }

  // MARK: Devices

  /// The device of a name, else the one whose name shares most with it.
  private func device(_ name: String, notes: inout CaseNotes) -> (Device, Bool) {
    let wanted = name.lowercased()
    if let exact = devices.first(where: { $0.name == wanted }) { return (exact, true) }
    let words = Self.words(wanted)
    let memory = words.compactMap(Self.gigabytes).first
    func score(_ device: Device) -> Double {
      let own = Self.words(device.name)
      // The first word that is shared is the family; what else is shared makes it nearer.
      var score = own.reduce(0.0) { $0 + (words.contains($1) ? 10 : 0) }
      let compact = wanted.filter { $0.isLetter || $0.isNumber }
      if own.contains(where: { $0.count >= 2 && Self.gigabytes($0) == nil && compact.contains($0) })
      {
        score += 20
      }
      if let memory {
        score -= min(5, abs(device.memory / gibibyte - memory) / max(1, memory) * 5)
      }
      return score
    }
    // In a fixed order: the first of equals wins.
    var best = devices[0]
    var top = -Double.infinity
    for device in devices where score(device) > top { (best, top) = (device, score(device)) }
    if top < 10 {
      best = devices.first { $0.name == "a100-80gb-sxm" } ?? best
      notes.add("accelerator '\(name)' is not known: priced as \(best.name), range very wide")
    } else {
      notes.add("accelerator '\(name)' is not known: priced as \(best.name)")
    }
    if let memory, abs(best.memory / gibibyte / memory - 1) > 0.03 {
      best.memory = 0.985 * memory * gibibyte
    }
    return (best, false)
  }

  private static func words(_ name: String) -> [String] {
    name.split { !($0.isLetter || $0.isNumber) }.map(String.init)
  }

  private static func gigabytes(_ word: String) -> Double? {
    word.hasSuffix("gb") ? Double(word.dropLast(2)) : nil
  }

  /// Replaces what the table says about the device in the profile that it is like.
  private func dress(_ profile: inout HardwareProfile, as device: Device, isExact: Bool) {
    let own = profile.accelerator
    func near(_ a: Double, _ b: Double) -> Bool { abs(a / b - 1) < 0.03 }
    let bandwidth = own.memoryBandwidth.value.value
    let half = own.peak[.fp16]?.value.value ?? own.peak[.bf16]?.value.value ?? 0
    let tableHalf = device.peaks[.fp16] ?? device.peaks[.bf16] ?? 0
    let isSame =
      near(bandwidth, device.bandwidth) && half > 0 && near(half, tableHalf)
      && own.multiprocessors.value == device.multiprocessors
    if !near(own.memory.value.value, device.memory) {
      profile.accelerator.memory = Sourced(Bytes(device.memory), origin: .assumed)
    }
    if !isSame {
      profile.accelerator.name = device.name
      profile.accelerator.memoryBandwidth = Sourced(
        BytesPerSecond(device.bandwidth), origin: .assumed)
      profile.accelerator.multiprocessors = Sourced(device.multiprocessors, origin: .assumed)
      profile.accelerator.peak = [:]
      for (format, peak) in device.peaks {
        profile.accelerator.peak[format] = Sourced(FlopsPerSecond(peak), origin: .assumed)
      }
      profile.datasheetOnly = true
    }
    if let link = device.link, let fabric = profile.node.fabricLink?.value.value, fabric > 0,
      !near(link, fabric)
    {
      // Collectives within the node scale with the link.
      let share = link / fabric
      profile.node.fabricLink = Sourced(BytesPerSecond(link), origin: .assumed)
      profile.node.busBandwidth = Sourced(
        BytesPerSecond(profile.node.busBandwidth.value.value * share), origin: .assumed)
      profile.node.allReduce = profile.node.allReduce.map {
        CollectivePoint(
          size: $0.size,
          time: Seconds($0.time.value < 1e-4 ? $0.time.value : $0.time.value / share))
      }
    }
    if !isExact { profile.datasheetOnly = true }
  }

  // MARK: Machines

  private func connect(
    _ profile: inout HardwareProfile, _ hardware: CaseHardware, notes: inout CaseNotes
  ) throws {
    guard let name = hardware.cluster?.lowercased() else { return }
    let exact = machines.first { $0.name == name }
    let near =
      exact ?? machines.first { name.contains($0.name) || $0.name.contains(name) }
      ?? Nearest.suggestion(for: name, among: machines.map(\.name)).flatMap { near in
        machines.first { $0.name == near }
      }
    notes.knownCluster = exact != nil
    guard let machine = near else {
      notes.add("machine '\(name)' is not known: the network of \(profile.id) is taken")
      return
    }
    if exact == nil { notes.add("machine '\(name)' is not known: taken as \(machine.name)") }
    profile.network = try loader.hardware(machine.networkOf).network
    if let bus = machine.bus {
      profile.network.busBandwidth = Sourced(BytesPerSecond(bus), origin: .assumed)
    }
  }
}
