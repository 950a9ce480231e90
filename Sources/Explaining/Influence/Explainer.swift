public import CostModel
public import Planning
import Quantities
public import Reporting
public import Scenarios
public import Strategies

/// Explains the numbers of one scenario's estimate.
public struct Explainer {
  /// The estimate with everything behind it.
  public let breakdown: EstimateBreakdown
  /// All numbers that it may rest on.
  public let inputs: ScenarioInputs

  /// An explainer of a scenario's fixed strategy.
  ///
  /// - Throws: `BrokenRules` where there is no estimate, and what reading files throws.
  public init(_ scenario: Scenario, loader: ScenarioLoader) throws {
    let (estimate, broken) = scenario.estimate()
    guard let estimate else { throw BrokenRules(rejections: broken) }
    breakdown = scenario.estimator().breakdown(of: estimate, strategy: scenario.strategy)
    inputs = try ScenarioInputs(scenario, loader: loader)
  }

  /// An explainer of an estimate that was made whatever the rules say, as for a run that took place.
  ///
  /// - Throws: What reading files throws.
  public init(
    anyway scenario: Scenario, loader: ScenarioLoader
  ) throws {
    let estimator = scenario.estimator()
    breakdown = estimator.breakdown(
      of: estimator.estimate(scenario.strategy), strategy: scenario.strategy)
    inputs = try ScenarioInputs(scenario, loader: loader)
  }

  /// A strategy that breaks rules has no estimate.
  public struct BrokenRules: Error, Sendable {
    /// The rules.
    public var rejections: [Rejection]
  }

  // MARK: Paths

  /// Paths of all numbers that can be explained: those of the JSON, then those on the way.
  public var paths: [String] {
    let own = json.numbersByPath.map(\.path)
    let known = Set(own)
    return own + breakdown.figures.paths.filter { !known.contains($0) }
  }

  /// The figure at a path; a path above one figure stands for its typical value.
  ///
  /// - Throws: `UsageError` that lists the paths near it.
  public func figure(_ path: String) throws(UsageError) -> Figure {
    for candidate in [path, path + ".typical", path + "_bytes"] {
      if let figure = breakdown.figures[candidate] { return figure }
    }
    if let given = json.numbersByPath.first(where: { $0.path == path }) {
      return Figure(path, "", "as the scenario gives it", .counted("given", given.value))
    }
    let below = paths.filter { $0.hasPrefix(path + ".") || $0.hasPrefix(path + "[") }
    guard below.isEmpty else {
      throw UsageError(
        "'\(path)' is not one number",
        help: "name one of " + below.prefix(12).joined(separator: ", ")
          + (below.count > 12 ? ", ..." : ""))
    }
    throw UsageError("the estimate has no number '\(path)'", help: "near: " + near(path))
  }

  /// Up to six paths that look like a word.
  private func near(_ path: String) -> String {
    let wanted = path.lowercased()
    func words(_ text: String) -> Set<Substring> { Set(text.split { ".[]_- ".contains($0) }) }
    let own = words(wanted)
    func score(_ candidate: String) -> Double {
      let other = words(candidate)
      let common = Double(own.intersection(other).count)
      let all = Double(max(1, own.union(other).count))
      let distance = Double(Nearest.distance(wanted, candidate))
      let length = Double(max(wanted.count, candidate.count))
      return common / all - distance / length
    }
    // Kernels are many; what has a name in the JSON is more likely meant.
    let candidates = paths.filter { wanted.hasPrefix("kernels") || !$0.hasPrefix("kernels.") }
    let ranked = candidates.map { (path: $0, score: score($0.lowercased())) }
    let sorted = ranked.sorted {
      $0.score == $1.score ? $0.path < $1.path : $0.score > $1.score
    }
    return sorted.prefix(6).map(\.path).joined(separator: ", ")
  }

  private var json: JSONValue {
    breakdown.estimate.json(provenance: Provenance(version: ""))
  }

  // MARK: Influences

  /// How far every input moves every one of some numbers: each input is changed a little, and the
  /// estimate is made again.
  ///
  /// - Parameter paths: Of the JSON, of figures, or `waterfall.<bar>`.
  /// - Returns: By path, those inputs that move the number.
  public func influences(on paths: [String]) -> [String: [Influence]] {
    let wanted = Set(paths)
    let base = numbers(inputs.scenario, wanted)
    var result: [String: [Influence]] = [:]
    for input in inputs.all {
      guard let (scenario, change) = inputs.varied(input) else { continue }
      let varied = numbers(scenario, wanted)
      for path in paths {
        guard let before = base[path], let after = varied[path], after != before else { continue }
        // Sums in another order differ in their last digits.
        guard abs(after - before) > 1e-11 * max(abs(before), abs(after)) else { continue }
        result[path, default: []].append(
          Influence(
            input: input.name, text: input.number.text, origin: input.number.origin,
            source: input.number.source,
            elasticity: input.number.isZero
              ? .nan : before == 0 ? .infinity : (after / before - 1) / change))
      }
    }
    return result.mapValues { $0.sorted(by: Influence.isStronger) }
  }

  /// The wanted numbers of a scenario's estimate.
  private func numbers(_ scenario: Scenario, _ wanted: Set<String>) -> [String: Double] {
    let isComplete = wanted.contains {
      $0.hasPrefix("calibration.overhead") || $0 == "max_micro_batch"
    }
    let estimator = scenario.estimator()
    let estimate = estimator.estimate(scenario.strategy, complete: isComplete)
    var result: [String: Double] = [:]
    for (path, value) in estimate.json(provenance: Provenance(version: "")).numbersByPath
    where wanted.contains(path) { result[path] = value }
    if wanted.contains(where: { $0.hasPrefix("waterfall.") }) {
      for bar in estimator.bars(of: estimate, strategy: scenario.strategy) {
        result["waterfall." + bar.id] = bar.seconds
      }
    }
    let missing = wanted.subtracting(result.keys)
    guard !missing.isEmpty else { return result }
    let figures = estimator.breakdown(of: estimate, strategy: scenario.strategy).figures
    for path in missing {
      if let figure = figures[path] { result[path] = figure.value }
    }
    return result
  }
}
