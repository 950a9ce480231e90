import Foundation
import Quantities
import Training

/// Progress of a run on stderr: a bar that redraws on a terminal, a line every few seconds elsewhere.
struct TrainProgress {
  private let last: Int
  private let batch: Int
  private let isQuiet: Bool
  private let isTerminal = Terminal.isInteractive(2)
  private let watch = Stopwatch()
  private var shown: Double?
  private var recent: [Double] = []

  /// Seconds between two lines, and between two pictures of the bar.
  private var pause: Double { isTerminal ? 0.1 : 5 }

  /// Progress towards a last step.
  init(last: Int, batch: Int, isQuiet: Bool) {
    self.last = last
    self.batch = batch
    self.isQuiet = isQuiet
  }

  /// Shows a step, unless the one before was shown just now.
  mutating func show(_ step: StepMetrics) {
    recent.append(step.seconds)
    if recent.count > 20 { recent.removeFirst() }
    let now = watch.seconds
    let isDue = shown.map { now - $0 >= pause } ?? true
    guard !isQuiet, isDue || step.step == last else { return }
    shown = now
    if isTerminal {
      Terminal.progress("\(bar(step.step)) \(line(step))")
    } else {
      Terminal.complain(line(step))
    }
  }

  /// Takes the bar away.
  func end() {
    if !isQuiet, isTerminal { Terminal.endProgress() }
  }

  private func bar(_ step: Int) -> String {
    let width = 20
    let done = min(width, width * step / max(1, last))
    return "[" + String(repeating: "#", count: done)
      + String(repeating: "-", count: width - done) + "]"
  }

  private func line(_ step: StepMetrics) -> String {
    let mean = recent.reduce(0, +) / Double(max(1, recent.count))
    var parts = [
      "step \(step.step) of \(last)", "\(Seconds(mean))/step",
      "\(Format.significant(Double(batch) / mean)) samples/s",
      "loss \(Format.fixed(step.loss, digits: 4))",
    ]
    if step.terms.count > 1 {
      let terms = step.terms.sorted { $0.key < $1.key }
        .map { "\($0.key) \(Format.fixed($0.value, digits: 4))" }
      parts[3] += " (" + terms.joined(separator: ", ") + ")"
    }
    if step.step < last {
      parts.append("\(Self.clock(mean * Double(last - step.step))) left")
    }
    return parts.joined(separator: ", ")
  }

  /// Hours, minutes and seconds, as `1:02:03`.
  private static func clock(_ seconds: Double) -> String {
    let total = Int(min(max(0, seconds), 1e12).rounded())
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
  }
}
