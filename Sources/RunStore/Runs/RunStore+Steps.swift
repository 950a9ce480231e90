import GRDB

/// One step of a training run.
public struct RunStep: Sendable, Hashable {
  /// Counted from 1.
  public var step: Int
  /// Seconds that it took.
  public var seconds: Double
  /// The loss that was differentiated.
  public var loss: Double
  /// The gradient's norm before clipping.
  public var gradientNorm: Double
  /// The learning rate.
  public var learningRate: Double
  /// gamma of the layer regulariser.
  public var gamma: Double
  /// Terms of the loss by name.
  public var terms: [String: Double]
  /// Mean comparison measure by layer.
  public var comparison: [Int: Double]
  /// Layers that were regularised.
  public var selection: [Int]

  /// A step.
  public init(
    step: Int, seconds: Double, loss: Double, gradientNorm: Double, learningRate: Double,
    gamma: Double, terms: [String: Double] = [:], comparison: [Int: Double] = [:],
    selection: [Int] = []
  ) {
    self.step = step
    self.seconds = seconds
    self.loss = loss
    self.gradientNorm = gradientNorm
    self.learningRate = learningRate
    self.gamma = gamma
    self.terms = terms
    self.comparison = comparison
    self.selection = selection
  }

  /// What has no column of its own.
  struct Detail: Codable {
    var terms: [String: Double]
    var comparison: [String: Double]
    var selection: [Int]
  }
}

extension RunStore {
  /// Adds steps to a run, all of them or none; a step that is there already is replaced.
  ///
  /// - Throws: `RunStoreError`.
  public func append(_ steps: [RunStep], to run: RunID) throws(RunStoreError) {
    try write { database in
      let statement = try database.makeStatement(
        sql: "INSERT OR REPLACE INTO run_steps VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      for step in steps {
        let detail = RunStep.Detail(
          terms: step.terms,
          comparison: Dictionary(
            uniqueKeysWithValues: step.comparison.map { ("\($0.key)", $0.value) }),
          selection: step.selection)
        try statement.execute(arguments: [
          run.number, step.step, step.seconds, step.loss, step.gradientNorm, step.learningRate,
          step.gamma, try text(detail),
        ])
      }
    }
  }

  /// The steps of a run, in order.
  ///
  /// - Throws: `RunStoreError`.
  public func steps(of run: RunID) throws(RunStoreError) -> [RunStep] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM run_steps WHERE run_id = ? ORDER BY step",
        arguments: [run.number]
      ).map { row in
        let detail = try value(RunStep.Detail.self, row["detail_json"])
        var comparison: [Int: Double] = [:]
        for (layer, measure) in detail.comparison {
          guard let layer = Int(layer) else {
            throw RunStoreError.unreadableRow(path: path, detail: "layer '\(layer)'")
          }
          comparison[layer] = measure
        }
        return RunStep(
          step: row["step"], seconds: row["seconds"], loss: row["loss"],
          gradientNorm: row["gradient_norm"], learningRate: row["learning_rate"],
          gamma: row["gamma"], terms: detail.terms, comparison: comparison,
          selection: detail.selection)
      }
    }
  }
}
