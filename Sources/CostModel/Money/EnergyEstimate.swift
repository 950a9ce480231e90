import Clusters
import Quantities

/// Electricity and emissions with the ranges of wall time and power together.
struct EnergyEstimate {
  /// Electricity of the facility; nil where no power is known.
  let energy: Interval<Joule>?
  /// Emissions; nil where the grid is unknown too.
  let carbon: Interval<GramOfCarbon>?

  /// The energy of a wall time.
  init(bill: RunBill, wall: Interval<Second>) {
    guard let power = bill.power else {
      energy = nil
      carbon = nil
      return
    }
    let typical = bill.energy(wall.typical, power: power.value)
    // Wall time and power are unknown independently of one another.
    func combined(_ time: Seconds, _ watts: Watts?) -> Double {
      let byTime = time / wall.typical - 1
      let byPower = (watts.map { $0 / power.value } ?? 1) - 1
      return (byTime * byTime + byPower * byPower).squareRoot()
    }
    let interval = Interval<Joule>(
      low: typical * max(0, 1 - combined(wall.low, power.low)), typical: typical,
      high: typical * (1 + combined(wall.high, power.high)))
    energy = interval
    guard let low = bill.carbon(interval.low), let middle = bill.carbon(interval.typical),
      let high = bill.carbon(interval.high)
    else {
      carbon = nil
      return
    }
    carbon = Interval(low: low, typical: middle, high: high)
  }
}
