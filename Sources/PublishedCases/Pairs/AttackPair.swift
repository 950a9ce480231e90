public import Scenarios

/// A published time with an attack over one without, or over one with fewer steps.
public struct AttackPair: Sendable, Hashable {
  /// Its id.
  public var id: String
  /// What over what, of which network.
  public var method: String
  /// K of the method.
  public var steps: Int
  /// K of what it is compared with; 0: plain training.
  public var baselineSteps: Int
  /// Whether an attack step also forms weight gradients; nil where nobody says.
  public var formsWeightGradients: Bool?
  /// Whether the clean images are trained as well.
  public var trainsClean: Bool
  /// Forwards per step beyond attack and training, of the method.
  public var extraForwards: Int
  /// The same of the baseline.
  public var baselineExtraForwards: Int
  /// The published ratio; the low end where it is published as a range.
  public var low: Double
  /// The high end; the ratio itself where it is published as one figure.
  public var high: Double
  /// Where it stands.
  public var source: String

  /// Reads the pairs that come with the program; none where no folder holds them.
  ///
  /// - Throws: `FileErrors` where the file cannot be read.
  public static func shipped(_ loader: ScenarioLoader) throws -> [AttackPair] {
    for folder in loader.data.folders("scenarios/published") {
      do {
        return try read(SourceFile(path: folder + "/adversarial-pairs.csv"))
      } catch is MissingFile {
        continue
      }
    }
    return []
  }

  private static let columns = [
    "id", "method", "steps", "baseline_steps", "attack_gradients", "trains_clean", "extra_forwards",
    "baseline_extra_forwards", "ratio_low", "ratio_high", "source",
  ]

  /// Reads pairs.
  ///
  /// - Throws: `FileErrors` with everything that is wrong.
  public static func read(_ file: SourceFile) throws(FileErrors) -> [AttackPair] {
    let gradients = Reading<Bool?>.word(
      among: [("weights", true), ("input", false), ("unknown", nil)])
    return try Reader.readCSV(file, columns: columns, needed: columns) { row in
      AttackPair(
        id: row.text("id"), method: row.text("method"),
        steps: row.required("steps", .countFromZero),
        baselineSteps: row.required("baseline_steps", .countFromZero),
        formsWeightGradients: row.required("attack_gradients", gradients),
        trainsClean: row.bool("trains_clean"),
        extraForwards: row.required("extra_forwards", .countFromZero),
        baselineExtraForwards: row.required("baseline_extra_forwards", .countFromZero),
        low: row.required("ratio_low", .positiveNumber),
        high: row.required("ratio_high", .positiveNumber), source: row.text("source"))
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
