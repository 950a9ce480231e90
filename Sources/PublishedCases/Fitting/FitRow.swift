public import Clusters
import CostModel
import Planning
import Quantities
public import Strategies

/// One measured step as a fit sees it: seconds of every term that a constant multiplies.
public struct FitRow: Sendable {
  /// The case's place among all cases.
  public var index: Int
  /// Its id.
  public var id: String
  /// Its series and run.
  public var series: String
  /// `series/run`.
  public var group: String
  /// The kind of its run.
  public var kind: RunKind
  /// The kind that it would be if input did not set the pace.
  let freeKind: RunKind
  /// The stack that it was priced as.
  public var stack: String
  /// The architecture of its device.
  public var architecture: Architecture
  /// Measured seconds of one step.
  public var measured: Double
  /// Seconds by constant, before any constant: `products ampere`, `memory megatron`.
  public var seconds: [String: Double]
  /// Seconds that no constant multiplies.
  public var fixed: Double
  /// Seconds that the input pipeline needs at least.
  public var inputSeconds: Double
  /// Seconds of the FLOP that the model needs at the device's peak.
  public var modelSeconds: Double
  /// The run as it was priced, without constants.
  let scenario: Scenario
  /// Whether the label of the software and the name of the device are known.
  let isKnown: CaseSetup.Known

  /// Whether input, not the device, set the pace in the unfitted prediction.
  public var isInputBound: Bool

  /// Names of constants: one place for rows and for what is made of the fit.
  enum Constant {
    static func products(_ architecture: Architecture) -> String {
      "products \(architecture.rawValue)"
    }
    static func scores(_ architecture: Architecture) -> String {
      "misaligned scores \(architecture.rawValue)"
    }
    static func memory(_ stack: SoftwareStack) -> String {
      "element-wise \(stack.elementwiseGroup)"
    }
    static func attention(isWide: Bool) -> String {
      isWide ? "wide fused attention" : "narrow fused attention"
    }
  }

  /// The row of a prediction that was made without fitted constants; nil where no exact time was
  /// measured or the case could not be run.
  public init?(_ prediction: CasePrediction, index: Int) {
    guard let terms = prediction.terms, let step = prediction.step?.typical, step > 0,
      let measured = prediction.measuredStep, let kind = prediction.kind,
      let scenario = prediction.scenario, let known = prediction.known
    else { return nil }
    let published = prediction.published
    self.index = index
    id = published.id
    series = published.series
    group = published.group
    self.kind = kind
    freeKind = RunKind(
      scenario.strategy, workload: scenario.workload, cluster: scenario.cluster,
      isInputBound: false)
    self.scenario = scenario
    isKnown = known
    let software = scenario.strategy.software
    stack = software.id
    architecture = Architecture(device: prediction.device)
    self.measured = measured
    let factor = software.timeRange.value.typical
    func seconds(_ term: StepTrace.Term) -> Double { terms[term].value / factor }
    let shared: [StepTrace.Term] = [.products, .attention, .memoryBound, .misalignedScores]
    let others: [StepTrace.Term] = [.tensorCommunication, .stageMessages]
    let busy = (shared + others).reduce(0) { $0 + seconds($1) }
    // Whoever waits for another stage waits for its kernels and messages.
    let waiting = busy > 0 ? 1 + seconds(.bubble) / busy : 1
    self.seconds = [:]
    let constants: KeyValuePairs<StepTrace.Term, String> = [
      .products: Constant.products(architecture), .memoryBound: Constant.memory(software),
      .misalignedScores: Constant.scores(architecture),
      .attention: Constant.attention(isWide: prediction.headWidth >= TermFactors.wideHead),
    ]
    for (term, constant) in constants {
      let value = seconds(term) * waiting
      if value > 0 { self.seconds[constant, default: 0] += value }
    }
    fixed =
      others.reduce(0) { $0 + seconds($1) } * waiting + seconds(.communication)
      + seconds(.optimizer) + seconds(.launch)
    let stall = terms[.input].value
    isInputBound = stall > 0
    inputSeconds = stall > 0 ? step : 0
    modelSeconds = prediction.modelSeconds
  }
}
