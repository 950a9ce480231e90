import Foundation
import Quantities
import Scenarios
import Strategies
import Workloads
import Testing

@Suite("Errors in software stacks")
struct StackErrorTests {
  private func text() throws -> String {
    try String(
      contentsOfFile: ProjectData.root + "/software-stacks/open-clip-2021.yaml", encoding: .utf8)
  }

  private func errors(_ text: String, expectedID: String? = nil) -> [String] {
    do {
      _ = try SoftwareStackReader.read(
        SourceFile(name: "stack.yaml", text: text), expectedID: expectedID)
      return []
    } catch {
      return error.diagnostics.map { "\($0.message) | \($0.help)" }
    }
  }

  @Test("values arrive where they belong, with range, origin and source")
  func values() throws {
    // A value of the test's own: fits change the shipped one.
    let lines = try text().split(separator: "\n").map(String.init)
    let own =
      "  misaligned_scores: {value: 6.5, low: 3, high: 7, origin: published, source: cost-fit}"
    let changed = lines.map { $0.hasPrefix("  misaligned_scores:") ? own : $0 }
    let stack = try SoftwareStackReader.read(
      SourceFile(name: "stack.yaml", text: changed.joined(separator: "\n")))
    #expect(stack.misalignedScoresFactor.value == 6.5)
    #expect(stack.misalignedScoresFactor.low == 3)
    #expect(stack.misalignedScoresFactor.high == 7)
    #expect(stack.misalignedScoresFactor.origin == .published)
    #expect(stack.inputRateLimit?.value == SamplesPerSecond(800.0))
    #expect(stack.mixedState == .autocast)
    #expect(stack.attention == [.unfused])
    #expect(stack.zeroStages == [0])
    #expect(stack.bucketElements == 6_553_600)
    #expect(stack.gradientBucketCopy && stack.isEager && stack.normInFloat32)
    #expect(!stack.fusedResidual && !stack.frozenInCompute)
    #expect(stack.sources[stack.timeRange.source] != nil)
  }

  @Test("several things wrong are told at once")
  func several() throws {
    let bad = try text()
      .replacing("mixed_state: autocast", with: "mixed_state: autocasted")
      .replacing("head_copies: true", with: "head_copies: yes")
      .replacing("attention: [unfused]", with: "attention: [flesh]")
      .replacing("zero_stages: [0]", with: "zero_stages: [0, 5]")
      .replacing("buckets: 1", with: "buckets: -1")
      .replacing("value: 800 samples/s", with: "value: 800")
      .replacing("  time: {low: ", with: "  time: {low: 9")
      .replacing("gradients_persist: true", with: "gradients_presist: true")
    #expect(
      errors(bad) == [
        "'weights.mixed_state': 'autocasted' is not known | did you mean 'autocast'?",
        "'kernels.head_copies': 'yes' is neither true nor false | write true or false",
        "'kernels.attention[0]': 'flesh' is not known | did you mean 'flash'?",
        "'parallelism.zero_stages[1]': '5' is not known | use one of 0, 1, 2, 3",
        "'parallelism.buckets' must be at least 0, not '-1' | for example 64",
        "'memory.gradients_persist' is missing | add 'gradients_persist: {value: true, origin: published, source: some-id}'",
        "unknown key 'gradients_presist' in 'memory' | did you mean 'gradients_persist'?",
        "'factors.input_rate_limit.value': '800' has no unit | add one of samples/s",
        "'ranges.time.low' is above the value | low <= value <= high",
      ])
  }

  @Test("a stack under another name, an unknown id and an unused source are errors")
  func names() throws {
    #expect(
      try errors(text(), expectedID: "open-clip-2022") == [
        "the file is named 'open-clip-2022.yaml' but its id is 'open-clip-2021' | make them equal"
      ])
    let unused = try text() + "  nobody: never cited\n"
    #expect(
      errors(unused) == [
        "the source 'nobody' is never used | remove it, or cite it where it belongs"
      ])
    let catalog = StackCatalog(folders: [ProjectData.root + "/software-stacks"])
    #expect(throws: UnknownID.self) { try catalog.stack("open-clip-2002") }
  }
}
