import Clusters
import Foundation
import Quantities
import Scenarios
import Testing

/// The folder of the project, found from this file's place.
let projectFolder = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

let shippedHardware = HardwareCatalog(
  folders: [projectFolder.appending(path: "hardware-profiles").path])

private let contractIDs = [
  "a100-40gb-pcie", "a100-40gb-sxm-dgx", "a100-40gb-sxm-juwels", "a100-40gb-sxm-p4d",
  "a100-80gb-pcie", "a100-80gb-sxm-dgx", "a10g", "b200-sxm", "gh200", "h100-80gb-sxm-dgx",
  "h200-sxm", "l4", "l40s", "mi300x", "rtx-3090", "rtx-4090", "rtx-a6000", "v100-32gb-sxm-dgx",
]

@Suite("Shipped hardware profiles")
struct ShippedProfilesTests {
  @Test("the contract's ids are all there, and no other")
  func ids() { #expect(shippedHardware.ids == contractIDs) }

  @Test(
    "every profile reads, and writes itself so that it reads back equal", arguments: contractIDs)
  func roundTrip(id: String) throws {
    let profile = try shippedHardware.profile(id)
    let text = HardwareProfileWriter.text(of: profile)
    let back = try HardwareProfileReader.read(SourceFile(name: id, text: text), expectedID: id)
    #expect(back == profile)
    #expect(HardwareProfileWriter.text(of: back) == text)
  }

  /// One row of the vendors' datasheets.
  struct Datasheet: Sendable, CustomTestStringConvertible {
    var id: String
    var tera: Double
    var gigabytesPerSecond: Double
    var multiprocessors: Int
    var watts: Double
    var perNode: Int
    var testDescription: String { id }
  }

  @Test(
    "values are those of the datasheets",
    arguments: [
      Datasheet(
        id: "a100-40gb-sxm-juwels", tera: 312, gigabytesPerSecond: 1555, multiprocessors: 108,
        watts: 400, perNode: 4),
      Datasheet(
        id: "a100-40gb-sxm-p4d", tera: 312, gigabytesPerSecond: 1555, multiprocessors: 108,
        watts: 400, perNode: 8),
      Datasheet(
        id: "a100-80gb-sxm-dgx", tera: 312, gigabytesPerSecond: 2039, multiprocessors: 108,
        watts: 400, perNode: 8),
      Datasheet(
        id: "a100-80gb-pcie", tera: 312, gigabytesPerSecond: 1935, multiprocessors: 108,
        watts: 300, perNode: 4),
      Datasheet(
        id: "v100-32gb-sxm-dgx", tera: 125, gigabytesPerSecond: 900, multiprocessors: 80,
        watts: 300, perNode: 8),
      Datasheet(
        id: "h100-80gb-sxm-dgx", tera: 989, gigabytesPerSecond: 3350, multiprocessors: 132,
        watts: 700, perNode: 8),
      Datasheet(
        id: "h200-sxm", tera: 989, gigabytesPerSecond: 4800, multiprocessors: 132, watts: 700,
        perNode: 8),
      Datasheet(
        id: "b200-sxm", tera: 2250, gigabytesPerSecond: 8000, multiprocessors: 148, watts: 1000,
        perNode: 8),
      Datasheet(
        id: "mi300x", tera: 1307.4, gigabytesPerSecond: 5300, multiprocessors: 304, watts: 750,
        perNode: 8),
      Datasheet(
        id: "l40s", tera: 362, gigabytesPerSecond: 864, multiprocessors: 142, watts: 350,
        perNode: 4),
      Datasheet(
        id: "rtx-3090", tera: 71, gigabytesPerSecond: 936, multiprocessors: 82, watts: 350,
        perNode: 4),
    ])
  func datasheet(row: Datasheet) throws {
    let profile = try shippedHardware.profile(row.id)
    let accelerator = profile.accelerator
    #expect(accelerator.peak[.fp16]?.value == Quantity(row.tera * 1e12))
    #expect(accelerator.memoryBandwidth.value == Quantity(row.gigabytesPerSecond * 1e9))
    #expect(accelerator.multiprocessors.value == row.multiprocessors)
    #expect(accelerator.powerLimit?.value == Quantity(row.watts))
    #expect(profile.node.accelerators.value == row.perNode)
  }

  @Test("what the contract says about single profiles")
  func singleFacts() throws {
    let juwels = try shippedHardware.profile("a100-40gb-sxm-juwels")
    #expect(juwels.accelerator.memory.value == Quantity(42_297_524_224.0))
    #expect(juwels.node.networkAdapters.value == 4)
    #expect(juwels.node.networkLink.value == Quantity(25e9))
    #expect(juwels.site.price == nil)
    let cloud = try shippedHardware.profile("a100-40gb-sxm-p4d")
    #expect(cloud.node.networkAdapters.value == 4)
    #expect(cloud.node.networkLink.value == Quantity(12.5e9))
    #expect(cloud.site.price?.value == Quantity(2.745))
    let volta = try shippedHardware.profile("v100-32gb-sxm-dgx")
    #expect(volta.accelerator.peak[.bf16] == nil)
    #expect(volta.efficiency.attention.isEmpty)
  }

  @Test("a curve that was fitted on another device is assumed, and a plateau says datasheet only")
  func honesty() throws {
    #expect(try shippedHardware.profile("a100-40gb-sxm-juwels").efficiency.gemm.origin == .assumed)
    #expect(try shippedHardware.profile("rtx-a6000").efficiency.gemm.origin == .assumed)
    #expect(try shippedHardware.profile("a100-80gb-sxm-dgx").efficiency.gemm.origin == .published)
    for id in contractIDs {
      let profile = try shippedHardware.profile(id)
      let isPlateau = if case .plateau = profile.efficiency.gemm.value { true } else { false }
      #expect(isPlateau == profile.datasheetOnly, "\(id)")
      let range = profile.efficiency.gemmRange
      #expect(!isPlateau || range.high / range.low >= 1.5, "\(id): a wide range")
    }
  }

  @Test("an unknown id is answered with the nearest one")
  func unknown() throws {
    let error = try #require(throws: UnknownID.self) {
      try shippedHardware.profile("h100-80gb-sxm")
    }
    #expect(
      "\(error)"
        == "error: there is no hardware profile 'h100-80gb-sxm'\nhelp: did you mean 'h100-80gb-sxm-dgx'?"
    )
  }

  @Test("prices in profiles with a product of the table agree with it")
  func prices() throws {
    let table = try String(
      contentsOf: projectFolder.appending(path: "hardware-profiles/prices/prices.csv"),
      encoding: .utf8)
    let rows = table.split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(rows.allSatisfy { $0.count == 9 && contractIDs.contains(String($0[0])) })
    let priced = try contractIDs.map { try shippedHardware.profile($0) }.filter {
      $0.site.price != nil
    }
    #expect(priced.count >= 10)
    for profile in priced {
      let price = try #require(profile.site.price).value.value
      let isInTable = rows.contains { row in
        row[5] == "on-demand" && Double(row[6]) == price
          && profile.site.priceNote.contains(row[2].split(separator: " ")[0])
      }
      #expect(isInTable, "\(profile.id): \(price), \(profile.site.priceNote)")
    }
  }
}
