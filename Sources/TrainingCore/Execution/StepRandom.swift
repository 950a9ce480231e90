/// Random numbers as a pure function of what they are for: equal in every order of execution.
struct StepRandom: RandomNumberGenerator {
  private var state: UInt64

  /// Purposes, so that no two draws share numbers.
  enum Purpose: UInt64 {
    case patches = 1
    case dropPath
    case attack
    case negatives
  }

  init(seed: UInt64, step: Int, purpose: Purpose, item: Int) {
    var mixed = seed
    for part in [
      UInt64(bitPattern: Int64(step)), purpose.rawValue, UInt64(bitPattern: Int64(item)),
    ] {
      mixed = Self.mix(mixed ^ (part &* 0x9E37_79B9_7F4A_7C15))
    }
    state = mixed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
  }

  /// SplitMix64's finaliser (Steele, Lea and Flood, OOPSLA 2014).
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
