import Clusters
import Foundation
import Quantities
import Scenarios
import Testing

@Suite("Laws of the core's kernels in a profile")
struct KernelLawsTests {
  private func profile() throws -> HardwareProfile {
    let loader = try ScenarioLoader(data: DataFolders(data: projectFolder.path))
    var profile = try loader.hardware("rtx-3090")
    let law = KernelLaw(
      family: "linear gelu",
      terms: [
        KernelLaw.Term(count: "call", seconds: 1.25e-6),
        KernelLaw.Term(count: "flop", seconds: 3.0000000000000004e-12),
      ], measured: 1e6...2.5e9, range: Range90(low: 0.9, typical: 1, high: 1.2),
      points: [KernelLaw.Point(size: 1e6, seconds: 1e-5)])
    profile.efficiency.kernels = KernelLaws(
      laws: [law], workers: 2, origin: Sourced(true, origin: .measured, source: "bench"),
      range: Range90(low: 0.95, typical: 1, high: 1.1))
    profile.sources["bench"] = "a bench"
    // What the loader lays over a profile is no part of its file.
    profile.efficiency.fitted = .one
    return profile
  }

  @Test("they are read back as they were written")
  func roundTrip() throws {
    let profile = try profile()
    let text = HardwareProfileWriter.text(of: profile)
    let again = try HardwareProfileReader.read(
      SourceFile(name: "rtx-3090.yaml", text: text), expectedID: "rtx-3090")
    #expect(again == profile)
  }

  @Test("a law that is no law is named with its place")
  func faults() throws {
    let text = HardwareProfileWriter.text(of: try profile())
      .replacingOccurrences(of: "seconds: 1.25e-06", with: "seconds: -1")
      .replacingOccurrences(of: "seconds: 1.25e-6", with: "seconds: -1")
    #expect(text.contains("seconds: -1"))
    #expect(throws: FileErrors.self) {
      try HardwareProfileReader.read(
        SourceFile(name: "rtx-3090.yaml", text: text), expectedID: "rtx-3090")
    }
  }
}
