import Clusters
import CostModel
import Foundation
import Planning
import Quantities
import Reporting
import Strategies
import Testing
import Workloads

@Suite("Reports")
struct ReportTests {
  private static let hostile = "<script>alert('x')</script> \"q\" | a\nb\u{1B}[31m & {{c}} ]]>"

  /// A report in which every text that comes from a file is hostile.
  private func hostileReport() -> Report {
    let hostile = Self.hostile
    var estimate = Samples.estimate(.lsaITC, hardware: hostile, scenario: hostile)
    estimate.acceleratorName = hostile
    estimate.model = hostile
    estimate.memory.peakInstant = hostile
    estimate.flags = [hostile]
    estimate.overheads[0].baseline = hostile
    estimate.overheads[0].meaning = hostile
    estimate.assumptions = [
      Assumption(key: hostile, value: hostile, origin: .assumed, source: hostile)
    ]
    estimate.run.campaign[0].name = hostile
    estimate.strategy.software.id = hostile
    var scenario = Samples.scenario(.lsaITC, title: hostile)
    scenario.id = hostile
    scenario.cluster.profile.sources = [hostile: hostile]
    scenario.cluster.profile.title = hostile
    scenario.cluster.profile.site.priceNote = hostile
    var plan = Samples.plan()
    plan.rejected[0].rejection.detail = hostile
    plan.shadowPrices[0].resource = hostile
    plan.infeasible = hostile
    plan.fixed = estimate
    return Report(
      scenario: scenario, estimate: estimate, plan: plan, baselines: [estimate],
      comparison: [estimate, estimate],
      provenance: Provenance(version: hostile, scenarioHash: hostile))
  }

  @Test("Text from files cannot become markup, a table cell or an escape sequence")
  func escaping() throws {
    for file in hostileReport().files where !file.name.hasSuffix(".csv") {
      #expect(!file.contents.contains("<script"), "\(file.name)")
      #expect(!file.contents.unicodeScalars.contains("\u{1B}"), "\(file.name)")
      if file.name.hasSuffix(".svg") { #expect(SVGReader.shapes(file.contents) != nil) }
      if file.name.hasSuffix(".json") {
        #expect(throws: Never.self) {
          try JSONSerialization.jsonObject(with: Data(file.contents.utf8))
        }
      }
    }
  }

  @Test("Every row of a hostile Markdown table has as many cells as its head")
  func markdownCells() throws {
    let text = try #require(
      hostileReport().files.first { $0.name == "report.md" }?.contents)
    var width: Int?
    var rows = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("|") else {
        width = nil
        continue
      }
      let bars = line.replacing("\\|", with: "").filter { $0 == "|" }.count
      #expect(bars == width ?? bars, "\(line)")
      width = bars
      rows += 1
    }
    #expect(rows > 60)
  }

  @Test("Every hostile CSV row has as many fields as its head")
  func csvFields() {
    for file in hostileReport().files where file.name.hasSuffix(".csv") {
      let rows = CSVReader.rows(file.contents)
      #expect(rows.count > 1)
      #expect(Set(rows.map(\.count)).count == 1, "\(file.name)")
    }
  }

  @Test("Same inputs, same bytes; a stamp changes report.json alone")
  func deterministic() {
    let first = Samples.report().files
    #expect(first == Samples.report().files)
    var provenance = Samples.provenance
    provenance.stamp = .init(id: "id-4711", time: "2026-02-03T04:05:06Z")
    let report = Samples.report()
    let stamped = Report(
      scenario: report.scenario, estimate: report.estimate, plan: report.plan,
      baselines: report.baselines, comparison: report.comparison, provenance: provenance
    ).files
    let changed = zip(first, stamped).filter { $0 != $1 }.map(\.0.name)
    #expect(changed == ["report.json"])
    #expect(stamped.first { $0.name == "report.json" }?.contents.contains("id-4711") == true)
  }

  @Test("Search times and threads do not reach files that are compared byte by byte")
  func searchTime() {
    var slow = Samples.plan()
    slow.seconds = 99.75
    slow.threads = 64
    let report = Samples.report()
    let other = Report(
      scenario: report.scenario, estimate: report.estimate, plan: slow,
      baselines: report.baselines, comparison: report.comparison, provenance: report.provenance)
    #expect(other.files == report.files)
  }

  @Test("The page loads nothing: no script, no address, and a policy that forbids both")
  func selfContained() throws {
    let page = try #require(
      Samples.report().files.first { $0.name == "report.html" }?.contents)
    #expect(page.contains("default-src 'none'"))
    for forbidden in ["<script", "<link", "<img", "<iframe", "src=", "href=", "url(", "@import"] {
      #expect(!page.contains(forbidden), "\(forbidden)")
    }
    // The namespace of SVG is a name, not an address that is loaded.
    let others = page.replacing("http://www.w3.org/2000/svg", with: "")
    #expect(!others.contains("http://"))
  }

  @Test("The page says what it rests on")
  func statements() throws {
    let files = Samples.report().files
    for name in ["report.html", "report.md"] {
      let text = try #require(files.first { $0.name == name }?.contents)
      for statement in [
        "Datasheet only", "not validated on GPU", "NVIDIA A100 datasheet", "assumes China, 2023",
        "582 g/kWh", "scenario sha256:11", "seed 7", "does not fit", "One more GiB of memory",
      ] {
        #expect(text.contains(statement), "\(name): \(statement)")
      }
    }
  }

  @Test("Sections without data are left out")
  func bare() throws {
    let bare = Report(
      scenario: Samples.scenario(), estimate: Samples.estimate(), plan: nil, baselines: [],
      comparison: [], provenance: Samples.provenance)
    let names = bare.files.map(\.name)
    #expect(
      names == [
        "report.html", "report.md", "report.json", "step-time.csv", "memory.csv", "step-time.svg",
        "memory.svg",
      ])
    let text = try #require(bare.files.first { $0.name == "report.md" }?.contents)
    for heading in ["## Plans", "## Hardware", "## What calibration"] {
      #expect(!text.contains(heading))
    }
  }
}
