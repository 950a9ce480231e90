import Clusters
import Planning
import Quantities

extension ScenarioDraft {
  /// `cluster:`: a profile, how many of its accelerators, and what differs here.
  func cluster(_ section: Section, _ batch: inout BatchInput) {
    let name: Sourced<String>? =
      section.has("hardware") ? section.setting(ClusterSettings.hardware, log) : nil
    if !section.has("hardware") { _ = section.text("hardware") }
    let profile = name.flatMap {
      find($0.value, on: library.hardware, noun: "hardware profile", section, "hardware")
    }
    batch.accelerators = BatchInput.Entry(section, ClusterSettings.accelerators, log)
    if isFile, batch.accelerators.isAbsent { _ = section.count("accelerators") }
    var changed = profile
    if let network = section.setting(ClusterSettings.network, log) {
      changed?.network.busBandwidth = network
      cite(network, section, &changed)
    }
    if let price = section.setting(ClusterSettings.price, log) {
      changed?.site.price = price.value.map { value in
        Sourced(
          value, low: price.low ?? nil, high: price.high ?? nil, origin: price.origin,
          source: price.source)
      }
      changed?.site.priceNote =
        price.origin == .given ? "given" : section.reader.sources[price.source] ?? price.source
      cite(price, section, &changed)
    }
    section.optionalSection("site") { self.site($0, &changed) }
    let count =
      batch.accelerators.value
      ?? (isFile
        ? 1 : log.assume("cluster.accelerators", ClusterSettings.accelerators, 1, .fallback).value)
    guard let changed else { return }
    cluster = Cluster(profile: changed, accelerators: count)
  }

  private func site(_ section: Section, _ profile: inout HardwareProfile?) {
    if let pue = section.setting(ClusterSettings.pue, log) {
      profile?.site.pue = pue
      cite(pue, section, &profile)
    }
    if let grid = section.setting(ClusterSettings.grid, log) {
      profile?.site.grid = grid
      cite(grid, section, &profile)
    }
    if let failures = section.setting(ClusterSettings.failures, log) {
      profile?.site.failuresPer1000NodeDays = failures
      cite(failures, section, &profile)
    }
    if let restart = section.setting(ClusterSettings.restart, log) {
      profile?.site.restart = restart
      cite(restart, section, &profile)
    }
    if let spares = section.setting(ClusterSettings.spareNodes, log) { spareNodes = spares.value }
  }

  /// The profile takes over the citation of a value that the scenario changes.
  private func cite<Value>(
    _ value: Sourced<Value>, _ section: Section, _ profile: inout HardwareProfile?
  ) {
    guard !value.source.isEmpty else { return }
    profile?.sources[value.source] = section.reader.sources[value.source] ?? value.source
  }
}
