import Clusters
import CostModel
import Quantities
import Strategies
import Workloads

/// What one more unit of a resource would save, of the best plan.
///
/// Memory: the price of the instants in the relaxed activation plan. The others: the plan priced
/// again with a device or network that has 1 % more, scaled to the unit.
struct Sensitivity {
  let scenario: Scenario
  let estimator: Estimator
  let best: Candidate

  /// Prices in a fixed order; resources that do not bind have price 0.
  func prices() -> [PlanResult.ShadowPrice] {
    let step = best.step
    var all: [PlanResult.ShadowPrice] = []
    let problem = estimator.pricer.activationProblem(
      best.strategy, calibration: best.calibration,
      margin: scenario.constraints.memoryMargin)
    if let seconds = ActivationPlanner(problem).secondsPerGiB() {
      all.append(
        .init(resource: "memory", unit: "GiB", stepSeconds: seconds, share: seconds / step))
    }
    let device = scenario.cluster.profile.accelerator
    let format = best.strategy.precision.matrixFormat
    if let peak = device.peak[format]?.value {
      all.append(
        price("matrix_peak", unit: "TFLOP/s", amount: peak.value / 1e12) { profile, factor in
          for (format, value) in profile.accelerator.peak {
            profile.accelerator.peak[format] = value.map { $0 * factor }
          }
          for index in profile.efficiency.attention.indices {
            profile.efficiency.attention[index].plateau =
              profile.efficiency.attention[index].plateau * factor
          }
        })
    }
    all.append(
      price("memory_bandwidth", unit: "GB/s", amount: device.memoryBandwidth.value.value / 1e9) {
        profile, factor in
        profile.accelerator.memoryBandwidth = profile.accelerator.memoryBandwidth.map {
          $0 * factor
        }
      })
    if scenario.cluster.nodes > 1 {
      let network = scenario.cluster.profile.network.busBandwidth.value.value / 1e9
      all.append(
        price("network_bus_bandwidth", unit: "GB/s", amount: network) { profile, factor in
          profile.network.busBandwidth = profile.network.busBandwidth.map { $0 * factor }
        })
    }
    return all
  }

  /// Seconds per unit, from pricing the plan with 1 % more of `amount` units.
  private func price(
    _ resource: String, unit: String, amount: Double,
    _ change: (inout HardwareProfile, Double) -> Void
  ) -> PlanResult.ShadowPrice {
    let more = 1.01
    var profile = scenario.cluster.profile
    change(&profile, more)
    let pricer = StepPricer(
      workload: scenario.workload,
      cluster: Cluster(profile: profile, accelerators: scenario.cluster.accelerators))
    let changed = pricer.quick(best.strategy, calibration: best.calibration).step.value
    let perUnit = (best.step - changed) / (amount * (more - 1))
    return .init(
      resource: resource, unit: unit, stepSeconds: perUnit, share: perUnit / best.step)
  }
}
