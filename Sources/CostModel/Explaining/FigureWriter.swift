import Clusters
import Quantities
import Strategies
import Workloads

/// Writes down how every number of an estimate was computed.
///
/// One extension for each part of the estimate. Every figure is an expression that gives the number
/// again, bit for bit but for the order of sums.
struct FigureWriter {
  let estimate: Estimate
  let strategy: Strategy
  let calibration: CalibrationSettings
  let pricer: StepPricer
  let settings: Estimator.RunSettings
  let trace: StepTrace
  let priced: PricedStep
  let uncertainty: Uncertainty
  let stages: StepPricer.StageWalks
  var book = FigureBook()

  var cluster: Cluster { pricer.cluster }
  var profile: HardwareProfile { pricer.cluster.profile }
  var workload: Workload { pricer.workload }
  var software: SoftwareStack { strategy.software }

  /// Writes all figures.
  mutating func write() {
    counts()
    kernels()
    step()
    phases()
    memory()
    run()
    bill()
    overheads()
  }

  // MARK: Leaves

  /// A value of the hardware profile.
  func hardware<Unit>(_ path: String, _ value: Sourced<Quantity<Unit>>) -> Expression {
    .input("hardware:" + path, value.value.value)
  }

  /// A number of the hardware profile.
  func hardware(_ path: String, _ value: Sourced<Double>) -> Expression {
    .input("hardware:" + path, value.value)
  }

  /// The low or high end of a value of the profile; its middle where there is no end.
  func hardware<Unit>(
    _ path: String, _ value: Sourced<Quantity<Unit>>, isLow: Bool
  ) -> Expression {
    guard let end = isLow ? value.low : value.high else { return hardware(path, value) }
    return .input("hardware:" + path + (isLow ? ".low" : ".high"), end.value)
  }

  /// A setting of the scenario.
  func scenario(_ path: String, _ value: Double) -> Expression { .input("scenario:" + path, value) }

  /// Accelerators of the run.
  var accelerators: Expression { book["accelerators"]?.reference ?? .constant(.nan) }

  /// A figure that is in the book already.
  func figure(_ path: String) -> Expression { book[path]?.reference ?? .constant(.nan) }
}
