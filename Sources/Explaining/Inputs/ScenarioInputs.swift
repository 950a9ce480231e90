public import Planning
import Clusters
import Quantities
public import Scenarios
import Strategies

/// Every number that a scenario's answer may rest on, by file.
public struct ScenarioInputs {
  /// The files.
  public enum File: String, Sendable, Hashable, CaseIterable {
    /// The hardware profile, with the scenario's own changes of it.
    case hardware
    /// The software stack.
    case software
    /// The scenario.
    case scenario
  }

  /// One number of one file.
  public struct Input: Sendable, Hashable {
    /// The file.
    public var file: File
    /// The number.
    public var number: FileNumber
    /// `file:path`, as formulas name it.
    public var name: String { file.rawValue + ":" + number.path }
  }

  /// The scenario as it is.
  public let scenario: Scenario
  private let loader: ScenarioLoader
  private let files: [File: FileNumbers]

  /// Collects the numbers of a scenario.
  ///
  /// - Throws: What reading the stack's file or the fitted constants throws.
  public init(_ scenario: Scenario, loader: ScenarioLoader) throws {
    self.scenario = scenario
    // Fitted constants are read once, not with every number that is tried.
    var loader = loader
    loader.constants = try loader.stepConstants()
    self.loader = loader
    var files: [File: FileNumbers] = [
      .hardware: try FileNumbers(
        SourceFile(
          name: scenario.cluster.profile.id,
          text: HardwareProfileWriter.text(of: scenario.cluster.profile)), fallback: .given),
      .software: try FileNumbers(loader.stackFile(scenario.strategy.software.id)),
    ]
    // Scenarios that were made from something else, as published cases, have no file of their own.
    if let text = try? loader.text(of: scenario) {
      files[.scenario] = try? FileNumbers(SourceFile(name: scenario.id, text: text))
    }
    self.files = files
  }

  /// All numbers: hardware first, then software, then the scenario's own.
  ///
  /// What a scenario says of its cluster's site and network stands in the hardware already.
  public var all: [Input] {
    File.allCases.flatMap { file in
      (files[file]?.all ?? []).map { Input(file: file, number: $0) }
    }.filter { input in
      input.file != .scenario || !input.number.path.hasPrefix("cluster.")
        || Self.ownOfCluster.contains(input.number.path)
    }
  }

  private static let ownOfCluster: Set<String> = [
    "cluster.accelerators", "cluster.site.spare_nodes",
  ]

  /// The scenario with one number a little different, and the number's relative change.
  ///
  /// One per cent up; where that may not be, one per cent down, one more, one less. Nil where the
  /// number cannot change alone, as a batch that ranks no longer divide.
  public func varied(_ input: Input) -> (scenario: Scenario, change: Double)? {
    let number = input.number.number
    let candidates =
      number == 0 ? [1e-3, 1] : [number * 1.01, number * 0.99, number + 1, number - 1]
    for candidate in candidates {
      guard let scenario = scenario(with: input, at: candidate) else { continue }
      return (scenario, number == 0 ? candidate : candidate / number - 1)
    }
    return nil
  }

  /// The scenario with one number replaced; nil where it cannot be read then.
  public func scenario(with input: Input, at value: Double) -> Scenario? {
    guard let file = files[input.file]?.text(changing: input.number, to: value) else { return nil }
    var copy = scenario
    do {
      switch input.file {
      case .hardware:
        copy.cluster.profile = try loader.stepConstants().applied(
          to: HardwareProfileReader.read(file, allowsUnusedSources: true))
      case .software:
        copy.strategy.software = try loader.priced(
          SoftwareStackReader.read(file, allowsUnusedSources: true))
      case .scenario: return try loader.read(file)
      }
      return copy
    } catch {
      return nil
    }
  }
}
