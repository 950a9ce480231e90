import CostModel
import Quantities

/// The figures that a reader wants first.
struct Headline {
  let estimate: Estimate

  var cards: [Document.Card] {
    let marks = Marks(estimate)
    let memory = Range3(memory: estimate.memory.peakInterval)
    var cards = [
      card("Wall time", Range3(time: estimate.wall), marks.run),
      card("Step", Range3(time: estimate.step), ""),
      Document.Card(
        name: "Memory per device", value: memory.typical, unit: memory.unit,
        range: "\(memory.low) to \(memory.high), of "
          + "\(Figures.gibibytes(estimate.memory.capacity)): \(estimate.memory.verdict.short)"),
      card("Accelerator-hours", Range3(hours: estimate.acceleratorHours), "", withUnit: false),
      estimate.cost.map { card("Cost", Range3(money: $0), marks.cost) } ?? unknown("Cost"),
      estimate.energy.map { card("Energy", Range3(energy: $0), marks.energy) }
        ?? unknown("Energy"),
      estimate.carbon.map { card("Emissions", Range3(carbon: $0), marks.carbon) }
        ?? unknown("Emissions"),
    ]
    if let first = estimate.overheads.first {
      let sign = Validation.isMarked(estimate) ? " " + Validation.sign : ""
      cards.append(
        card("Time against \(first.baseline)", Range3(ratio: first.time), "", after: sign))
    }
    return cards
  }

  private func card(
    _ name: String, _ range: Range3, _ mark: String, withUnit: Bool = true,
    after sign: String = ""
  ) -> Document.Card {
    Document.Card(
      name: name, value: range.typical + mark, unit: (withUnit ? range.unit : "") + sign,
      range: "\(range.low) to \(range.high)")
  }

  private func unknown(_ name: String) -> Document.Card {
    Document.Card(name: name, value: "unknown", range: "not 0")
  }
}
