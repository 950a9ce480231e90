import Clusters
import Quantities
import Strategies

/// Share of wall time that advances a run: checkpoints are written, failures lose work.
///
/// Young's interval (1974, first order): `tau = sqrt(2 delta M)` with `delta` the seconds of
/// writing a checkpoint and `M` the mean time between failures of all nodes. Goodput is
/// `1 / (1 + delta/tau + (tau/2 + restart)/M)`, times what evaluation leaves.
struct Goodput: Sendable {
  var share: Double
  var interval: Double
  var failuresPerSecond: Double
  var checkpointBytes: Double

  /// The goodput of a run with `trained` parameters on a cluster.
  ///
  /// `chosen`: seconds between checkpoints; nil: Young's interval.
  init(
    trained: Double, strategy: Strategy, moments: Int, cluster: Cluster, evaluation: Double,
    chosen: Double? = nil
  ) {
    let site = cluster.profile.site
    failuresPerSecond =
      site.failuresPer1000NodeDays.value / 1000 * Double(cluster.nodes) / 86_400
    // Weights, moments and, where there is one, the master copy, all in fp32.
    checkpointBytes = trained * 4 * Double(1 + moments)
    let writers = strategy.zeroStage >= 1 ? Double(cluster.nodes) : 1
    let write = checkpointBytes / (site.checkpointBandwidth.value.value * writers)
    let restart = site.restart.value.value
    guard failuresPerSecond > 0 else {
      // Without failures one checkpoint per day is what people keep anyway.
      interval = chosen ?? 86_400
      share = 1 / (1 + write / interval) * (1 - evaluation)
      return
    }
    let between = 1 / failuresPerSecond
    interval = max(write, chosen ?? (2 * write * between).squareRoot())
    let lost = write / interval + (interval / 2 + restart) / between
    share = 1 / (1 + lost) * (1 - evaluation)
  }
}
