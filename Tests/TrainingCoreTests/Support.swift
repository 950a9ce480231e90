import TrainingCore

/// SplitMix64: repeatable random numbers.
///
/// Source: Steele, Lea and Flood, Fast splittable pseudorandom number generators, OOPSLA 2014.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  mutating func floats(_ count: Int, in range: ClosedRange<Float> = -2...2) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }
}

/// The largest `|found - wanted| / max(1, |wanted|)`; infinite where any is not a number.
func worstError(_ found: Floats, _ wanted: [Double]) -> Double {
  guard found.count == wanted.count else { return .infinity }
  var worst = 0.0
  for (value, target) in zip(found.values, wanted) {
    let error = abs(Double(value) - target) / max(1, abs(target))
    guard error.isFinite else { return .infinity }
    worst = max(worst, error)
  }
  return worst
}

/// Cores under test: one and three workers, so that both the plain and the split path run.
let cores: [ComputeCore] = [1, 3].map {
  ComputeCore(backend: OpenBLASBackend(), workers: Workers(count: $0))
}
