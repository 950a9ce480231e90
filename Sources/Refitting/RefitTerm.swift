import Clusters
import CostModel
public import Planning
public import Quantities
import Strategies

/// One overhead that a user's own runs may correct: a factor on seconds, or on bytes.
///
/// A factor of 1.1 on `products` means that matrix products take a tenth longer than the profile
/// says. Factors are few, bounded, and each has a belief of its own: the range that the profile or
/// the stack gives for it.
public enum RefitTerm: String, Sendable, Hashable, CaseIterable {
  /// Everything alike: the stack's middle.
  case stack
  /// Matrix products.
  case products
  /// Fused attention.
  case attention
  /// Kernels that move bytes.
  case memoryBound = "memory_bound"
  /// Kernels on stored scores whose rows are not a multiple of 8.
  case misalignedScores = "misaligned_scores"
  /// Collectives and messages.
  case communication
  /// Issuing kernels.
  case launch
  /// The input pipeline.
  case input
  /// What the allocator loses.
  case allocator
  /// The driver's context.
  case context

  /// Those that change seconds.
  public static let ofTime: [RefitTerm] = allCases.filter { !$0.isOfMemory }
  /// Those that change bytes.
  public static let ofMemory: [RefitTerm] = allCases.filter(\.isOfMemory)

  private var isOfMemory: Bool { self == .allocator || self == .context }

  /// What the factor multiplies, for people.
  public var meaning: String {
    switch self {
    case .stack: "all kernels and waits alike"
    case .products: "seconds of matrix products"
    case .attention: "seconds of fused attention"
    case .memoryBound: "seconds of kernels that move bytes"
    case .misalignedScores: "seconds of kernels on scores of odd row lengths"
    case .communication: "seconds of collectives"
    case .launch: "seconds in which the host issues a kernel"
    case .input: "seconds in which a sample is made ready"
    case .allocator: "bytes that the allocator loses"
    case .context: "bytes of the driver's context"
    }
  }

  /// Whether the value stands in the software stack; else it stands in the hardware profile.
  public var isOfSoftware: Bool {
    switch self {
    case .stack, .misalignedScores, .input, .allocator: true
    case .products, .attention, .memoryBound, .communication, .launch, .context: false
    }
  }

  /// The scenario with the factor applied.
  public func applied(_ factor: Double, to scenario: Scenario) -> Scenario {
    guard factor != 1 else { return scenario }
    var copy = scenario
    if isOfSoftware {
      change(&copy.strategy.software, factor, on: copy.cluster.profile.accelerator)
      if self == .input, let rate = copy.workload.inputRateLimit {
        copy.workload.inputRateLimit = rate.map { $0 / factor }
      }
    } else {
      change(&copy.cluster.profile, factor)
    }
    return copy
  }

  private func change(
    _ stack: inout SoftwareStack, _ factor: Double, on device: Accelerator
  ) {
    switch self {
    case .stack:
      // A range of own runs takes the place of what published steps say.
      stack.spreads = nil
      stack.timeRange = stack.timeRange.map {
        Range90(low: $0.low * factor, typical: $0.typical * factor, high: $0.high * factor)
      }
    case .misalignedScores:
      // The value that the device's steps are priced with: its architecture's own where it has one.
      if let own = stack.misalignedScoresByArchitecture[device.architecture] {
        stack.misalignedScoresByArchitecture[device.architecture] = own.map { $0 * factor }
      } else {
        stack.misalignedScoresFactor = stack.misalignedScoresFactor.map { $0 * factor }
      }
    case .input: stack.inputRateLimit = stack.inputRateLimit?.map { $0 / factor }
    case .allocator:
      // A share of memory; the reader takes less than 1.
      stack.allocatorLoss = stack.allocatorLoss.map { min(0.99, $0 * factor) }
    default: break
    }
  }

  private func change(_ profile: inout HardwareProfile, _ factor: Double) {
    switch self {
    case .products: profile.efficiency.gemm = profile.efficiency.gemm.map { $0.slowed(by: factor) }
    case .attention:
      for index in profile.efficiency.attention.indices {
        profile.efficiency.attention[index].plateau =
          profile.efficiency.attention[index].plateau / factor
      }
    case .memoryBound:
      let shares = profile.efficiency.memoryBound
      profile.efficiency.memoryBound.elementwise = shares.elementwise.map { $0 / factor }
      profile.efficiency.memoryBound.normalization = shares.normalization.map { $0 / factor }
      profile.efficiency.memoryBound.softmax = shares.softmax.map { $0 / factor }
    case .communication:
      profile.node.busBandwidth = profile.node.busBandwidth.map { $0 / factor }
      for index in profile.node.allReduce.indices {
        profile.node.allReduce[index].time = profile.node.allReduce[index].time * factor
      }
      profile.network.busBandwidth = profile.network.busBandwidth.map { $0 / factor }
    case .launch:
      profile.efficiency.eagerOperator = profile.efficiency.eagerOperator.map { $0 * factor }
    case .context:
      profile.accelerator.memoryContext = profile.accelerator.memoryContext.map { $0 * factor }
    default: break
    }
  }

  /// How far the truth may lie from the profile's or the stack's value, 90 %, as factors.
  public func range(in scenario: Scenario) -> Range90 {
    func relative<Value>(
      _ sourced: Sourced<Value>, _ number: (Value) -> Double, inverse: Bool = false,
      _ rest: Range90
    ) -> Range90 {
      let middle = number(sourced.value)
      guard middle > 0, let low = sourced.low.map(number), let high = sourced.high.map(number),
        low > 0
      else { return rest }
      return inverse
        ? Range90(low: min(1, middle / high), typical: 1, high: max(1, middle / low))
        : Range90(low: min(1, low / middle), typical: 1, high: max(1, high / middle))
    }
    let software = scenario.strategy.software
    let profile = scenario.cluster.profile
    let ranges = scenario.estimator().termRanges(scenario.strategy)
    switch self {
    case .stack:
      let range = software.timeRange.value
      return Range90(
        low: range.low / range.typical, typical: 1, high: range.high / range.typical)
    case .products: return ranges[.products] ?? Range90(exactly: 1)
    case .attention: return ranges[.attention] ?? Range90(exactly: 1)
    case .memoryBound: return ranges[.memoryBound] ?? Range90(exactly: 1)
    case .misalignedScores: return ranges[.misalignedScores] ?? Range90(exactly: 1)
    case .communication: return ranges[.communication] ?? Range90(exactly: 1)
    case .launch: return ranges[.launch] ?? Range90(exactly: 1)
    case .input: return ranges[.input] ?? Range90(exactly: 1)
    case .allocator:
      return relative(
        software.allocatorLoss, { $0 }, Range90(low: 0.3, typical: 1, high: 2))
    case .context:
      return relative(
        profile.accelerator.memoryContext, \.value, Range90(low: 0.5, typical: 1, high: 2))
    }
  }
}

extension GEMMCurve {
  /// The curve of products that take `factor` times as long.
  func slowed(by factor: Double) -> GEMMCurve {
    switch self {
    case .tileWave(var curve):
      curve.tiles = curve.tiles.map { tile in
        var tile = tile
        tile.efficiency = min(1, tile.efficiency / factor)
        return tile
      }
      curve.launch = curve.launch * factor
      curve.tileOverhead = curve.tileOverhead * factor
      curve.splitKOverhead = curve.splitKOverhead * factor
      curve.splitKTraffic *= factor
      curve.memoryFloor = min(1, curve.memoryFloor / factor)
      return .tileWave(curve)
    case .plateau(var curve):
      curve.efficiency = min(1, curve.efficiency / factor)
      curve.launch = curve.launch * factor
      curve.memoryFloor = min(1, curve.memoryFloor / factor)
      return .plateau(curve)
    case .linear(var law):
      law.launch = law.launch * factor
      law.perFlop *= factor
      law.perByte *= factor
      law.perOutput *= factor
      return .linear(law)
    }
  }
}
