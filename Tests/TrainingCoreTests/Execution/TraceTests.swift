import Testing
import TrainingCore
import Workloads

/// What was really called against what the program says, kernel by kernel.
@Suite("Executed kernels are the program's kernels")
struct TraceTests {
  @Test(
    "fixtures of every family", arguments: PyTorchFixtureTests.cases,
    [AttentionKernel.flash, .unfused])
  func fixtures(_ name: String, _ attention: AttentionKernel) throws {
    let trace = KernelTrace()
    let run = try FixtureRun(ReferenceFixture.read(name), attention: attention, trace: trace)
    _ = run.step(number: 0)
    let expected = ExpectedTrace.calls(of: run.program, step: 1)
    let difference = ExpectedTrace.difference(expected: expected, found: trace.take())
    #expect(difference == nil, "\(difference ?? "")")
    #expect(expected.count > 80)
  }
}
