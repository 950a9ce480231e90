import TrainingCore

/// Numbers of fewer bits, emulated: weights are rounded before a step, gradients after it.
///
/// Activations and the update stay fp32. Backward is linear in its first gradient and a loss scale is
/// a power of two, so multiplying the finished gradients by it gives what scaling the loss would.
extension Trainer {
  /// Puts rounded weights in place of the full ones.
  func useRoundedWeights() {
    guard let master else { return }
    master.copy(executor.allValues)
    switch settings.emulation {
    case .none: break
    case .bf16: executor.core.roundToBFloat16(executor.allValues)
    case .fp16: executor.core.roundToFloat16(executor.allValues)
    }
  }

  /// Puts the full weights back and rounds the gradients.
  ///
  /// - Returns: whether the gradients may be used: a scaled one that fp16 cannot hold is infinite.
  func restoreWeights() -> Bool {
    guard let master else { return true }
    let core = executor.core
    executor.allValues.copy(master)
    switch settings.emulation {
    case .none: return true
    case .bf16:
      core.roundToBFloat16(executor.allGradients)
      return true
    case .fp16:
      let scale = scaler?.scale ?? 1
      _ = core.unscale(executor.allGradients, by: 1 / scale)
      core.roundToFloat16(executor.allGradients)
      return core.unscale(executor.allGradients, by: scale)
    }
  }
}
