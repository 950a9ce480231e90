import ArgumentParser
import CostModel
import Planning
import Quantities
import Reporting

/// `foretrain find`.
struct FindCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "find", abstract: "Answer a question backwards: the largest batch that fits.",
    subcommands: [FindMaxMicroBatch.self])
}

/// `foretrain find max-micro-batch`.
struct FindMaxMicroBatch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "max-micro-batch",
    abstract: "The largest micro-batch of the fixed strategy that fits into memory.",
    discussion: """
      Ranks, ZeRO stage, recomputation and calibration stay; the global batch follows.

        foretrain find max-micro-batch eva02-clip-e14-plus --calibration lsa-itc
      """)

  @OptionGroup var question: ScenarioOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let loaded = try question.load(output: output)
    let found = loaded.scenario.maxMicroBatch()
    let memory = found.next.memory
    var reason =
      "micro-batch \(found.largest + 1) would need \(memory.peak) of \(memory.capacity), in \(memory.peakPhase) (\(memory.peakInstant))"
    if let divisor = found.largestDivisor, divisor != found.largest {
      reason += "; with the global batch unchanged the largest is \(divisor)"
    }
    if found.largest == 0 {
      let one = found.ofOne.memory
      reason = "one sample per device needs \(one.peak) of \(one.capacity)"
    }
    let answer = FindAnswer(
      question: "max-micro-batch", scenario: loaded.scenario.id,
      answer: found.largest > 0 ? Double(found.largest) : nil, unit: "samples", reason: reason,
      estimate: found.estimate)
    try output.write(FindView(answer), provenance: loaded.provenance)
    if found.largest == 0 { throw Failure.no }
  }
}
