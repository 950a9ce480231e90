import TrainingCore

extension Trainer {
  /// Before the first step of a calibration phase that follows plain training: what the method adds
  /// starts from what has been learnt, as it starts from the first values where there is no such
  /// training.
  ///
  /// The robust class token becomes the class token, the second affine set of a norm the first one,
  /// and a reference tower the tower that it stands for; a teacher's projection, which had no gradient
  /// but weight decay so far, has its first values. Once in a run: resumed with more steps, a run
  /// whose phase had begun keeps what it has learnt, even if plain steps come first again.
  func startPhase() {
    hasBegunPhase = true
    let plain = ParameterLayout(plan.program(step: 0, selection: []))
    let first = ParameterInitializer(seed: settings.seed)
    for entry in executor.layout.entries {
      let own = executor.values(of: entry.name)
      if let name = ParameterInitializer.copiedName(of: entry.name, in: executor.layout) {
        own.assign(executor.values(of: name).values)
      } else if case .affine(_, sets: 2, _) = entry.kind {
        let half = entry.count / 2
        own.part(half, half).assign(own.part(0, half).values)
      } else if plain.position(of: entry.name) == nil {
        own.assign(first.values(of: entry, in: executor.layout))
      }
    }
  }
}
