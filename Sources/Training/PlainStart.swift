import TrainingCore
import TrainingData

/// A run after some plain steps, as far as a run of another method that begins with the same steps
/// needs it: values and moments by name, and the place in the data.
///
/// Plain steps are a function of seed, settings, model and batch: methods that begin with them share
/// them, bit for bit.
public struct PlainStart: Sendable {
  /// Steps that have been made.
  public let step: Int
  private let data: BatchSourceState
  private let values: [String: [Float]]
  private let moments: [String: (first: [Float], second: [Float])]

  /// The state of a run all of whose steps so far were plain.
  public init(_ trainer: Trainer) {
    step = trainer.step
    data = trainer.source.state
    var values: [String: [Float]] = [:]
    var moments: [String: (first: [Float], second: [Float])] = [:]
    for entry in trainer.executor.layout.entries {
      values[entry.name] = trainer.executor.values(of: entry.name).values
      guard entry.isTrained, let all = trainer.executor.allMoments else { continue }
      moments[entry.name] = (
        all.first.part(entry.offset, entry.count).values,
        all.second.part(entry.offset, entry.count).values
      )
    }
    self.values = values
    self.moments = moments
  }

  /// Puts a run where this one was; parameters that it alone has keep their first values.
  ///
  /// Two affine sets begin with the one that was trained.
  ///
  /// - Precondition: seed, settings, model and batch are the same, and the run begins with at least as
  ///   many plain steps.
  /// - Throws: `TrainingDataError` where the data are other ones.
  public func apply(to trainer: Trainer) throws {
    try trainer.source.restore(data)
    trainer.step = step
    func fill(_ place: Floats, _ trained: [Float]) {
      place.part(0, min(place.count, trained.count)).assign(Array(trained.prefix(place.count)))
    }
    for entry in trainer.executor.layout.entries {
      if let trained = values[entry.name] {
        fill(trainer.executor.values(of: entry.name), trained)
      }
      if entry.isTrained, let all = trainer.executor.allMoments, let trained = moments[entry.name] {
        fill(all.first.part(entry.offset, entry.count), trained.first)
        fill(all.second.part(entry.offset, entry.count), trained.second)
      }
    }
  }
}
