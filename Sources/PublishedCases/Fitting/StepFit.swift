import Clusters
import LinearProgramming
import Scenarios
import Strategies

/// A fit of few constants to measured steps.
///
/// `t = max(input, S_stack (sum_j theta_j x_j + fixed))`: theta minimises
/// `sum w |t / measured - 1| + pull sum |theta_j - 1|`, a linear program; S follows as a median of what is
/// left, shrunk to 1, in turns. Weights are `1 / sqrt(rows of the series)`, so that a long series does not
/// drown the others.
public struct StepFit: Sendable {
  /// theta by name.
  public var constants: [String: Double]
  /// S by stack.
  public var stacks: [String: Double]

  /// The pull of one unit of distance from 1, per unit of weight.
  static let pull = 0.003
  /// How many rows of weight 1 the belief in S = 1 counts.
  static let shrinkage = 2.0
  /// What a constant may be.
  static let range = 0.05...5.0

  /// Fits to rows.
  ///
  /// - Throws: `FitError`, as where there is no row.
  public init(_ rows: [FitRow], turns: Int = 4) throws {
    let used = rows.filter { !$0.isInputBound }
    let names = Set(used.flatMap(\.seconds.keys)).sorted()
    var sizes: [String: Double] = [:]
    for row in used { sizes[row.series, default: 0] += 1 }
    let weights = used.map { 1 / (sizes[$0.series] ?? 1).squareRoot() }
    let total = weights.reduce(0, +)
    constants = Dictionary(uniqueKeysWithValues: names.map { ($0, 1) })
    stacks = [:]
    for _ in 0..<turns {
      var question = LeastAbsoluteDeviation(
        "published steps",
        names.map {
          .init(
            $0, in: Bounds(lower: Self.range.lowerBound, upper: Self.range.upperBound),
            prior: .init(1, pull: Self.pull * total))
        } + [.init("fixed", in: Bounds(lower: 1, upper: 1))])
      question.observations = zip(used, weights).map { row, weight in
        let stack = stacks[row.stack] ?? 1
        return .init(
          names.map { stack * (row.seconds[$0] ?? 0) } + [stack * row.fixed],
          target: row.measured, weight: weight)
      }
      let fit = try question.fit(using: GLPKSolver())
      constants = Dictionary(uniqueKeysWithValues: zip(names, fit.coefficients))
      stacks = medians(used)
    }
  }

  /// The median of measured over predicted by stack, without the stack's own factor.
  private func medians(_ rows: [FitRow]) -> [String: Double] {
    var ratios: [String: [Double]] = [:]
    for row in rows { ratios[row.stack, default: []].append(row.measured / busy(row)) }
    return ratios.mapValues { values in
      let count = Double(values.count)
      let median = Statistics.median(values) ?? 1
      return (median * count + Self.shrinkage) / (count + Self.shrinkage)
    }
  }

  /// Seconds under the constants, without the stack's factor.
  private func busy(_ row: FitRow) -> Double {
    var sum = row.fixed
    for (name, seconds) in row.seconds.sorted(by: { $0.key < $1.key }) {
      sum += (constants[name] ?? 1) * seconds
    }
    return sum
  }

  /// Predicted seconds of a row.
  public func prediction(_ row: FitRow) -> Double {
    max(row.inputSeconds, (stacks[row.stack] ?? 1) * busy(row))
  }

  /// The constants as profiles and stacks carry them, rounded as their file has them.
  ///
  /// `software`: every stack of the project; `runs`: fitted runs by stack.
  func stepConstants(_ software: [SoftwareStack], runs: [String: Int] = [:]) -> StepConstants {
    func factor(_ name: String) -> Double { Self.rounded(constants[name] ?? 1) }
    var result = StepConstants()
    for architecture in Architecture.allCases {
      let names = (
        products: FitRow.Constant.products(architecture),
        scores: FitRow.Constant.scores(architecture)
      )
      guard constants[names.products] != nil || constants[names.scores] != nil else { continue }
      result.devices[architecture] = TermFactors(
        products: factor(names.products), misalignedScores: factor(names.scores))
    }
    for stack in software {
      result.stacks[stack.id] = StepConstants.Stack(
        kernels: TermFactors(
          narrowAttention: factor(FitRow.Constant.attention(isWide: false)),
          wideAttention: factor(FitRow.Constant.attention(isWide: true)),
          memoryBound: factor(FitRow.Constant.memory(stack))),
        whole: Self.rounded(stacks[stack.id] ?? 1), runs: runs[stack.id] ?? 0)
    }
    return result
  }

  /// As many digits as the file of constants keeps.
  private static func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }
}
