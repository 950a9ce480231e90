public import Scenarios

/// A published time with an attack over one without, or over one with fewer steps.
public struct AttackPair: Sendable, Hashable {
  /// Its id.
  public var id: String
  /// What over what, of which network.
  public var method: String
  /// K of the method and of what it is compared with; 0: plain training.
  public var steps: Int
  /// K of the baseline.
  public var baselineSteps: Int
  /// Whether an attack step also forms weight gradients; nil where nobody says.
  public var formsWeightGradients: Bool?
  /// Whether the clean images are trained as well.
  public var trainsClean: Bool
  /// Forwards per step beyond attack and training, of method and baseline.
  public var extraForwards: Int
  /// The same of the baseline.
  public var baselineExtraForwards: Int
  /// The published ratio; a range where it is published as one.
  public var low: Double
  /// The ratio's high end.
  public var high: Double
  /// Where it stands.
  public var source: String

  /// Reads the pairs that come with the program; none where no folder holds them.
  ///
  /// - Throws: `FileErrors` where the file cannot be read.
  public static func shipped(_ loader: ScenarioLoader) throws -> [AttackPair] {
    for folder in loader.data.folders("scenarios/published") {
      guard let file = try? SourceFile(path: folder + "/adversarial-pairs.csv") else { continue }
      return try read(file)
    }
    return []
  }

  /// Reads pairs.
  ///
  /// - Throws: `FileErrors` where the file cannot be read.
  public static func read(_ file: SourceFile) throws(FileErrors) -> [AttackPair] {
    try PlainTable(file).rows.map { row in
      func count(_ key: String) -> Int { Int(row[key] ?? "") ?? 0 }
      let gradients = row["attack_gradients"]
      return AttackPair(
        id: row["id"] ?? "", method: row["method"] ?? "", steps: count("steps"),
        baselineSteps: count("baseline_steps"),
        formsWeightGradients: gradients == "weights"
          ? true : gradients == "input" ? false : nil,
        trainsClean: row["trains_clean"] == "true", extraForwards: count("extra_forwards"),
        baselineExtraForwards: count("baseline_extra_forwards"),
        low: Double(row["ratio_low"] ?? "") ?? 1, high: Double(row["ratio_high"] ?? "") ?? 1,
        source: row["source"] ?? "")
    }
  }

  /// The ratio by counting passes: forward 1, backward to the input 1, to the weights 1.
  ///
  /// `K (2 + w) + 3 + 3 c + extra` over the same of the baseline.
  public func passes(weightGradients: Bool) -> Double {
    func count(_ steps: Int, _ extra: Int, clean: Bool) -> Double {
      Double(steps * (weightGradients ? 3 : 2) + 3 + (clean ? 3 : 0) + extra)
    }
    return count(steps, extraForwards, clean: trainsClean)
      / count(baselineSteps, baselineExtraForwards, clean: false)
  }
}
