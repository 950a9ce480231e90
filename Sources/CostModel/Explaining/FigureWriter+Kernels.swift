import Clusters
import Quantities
import Strategies
import Workloads

extension FigureWriter {
  /// Kernels, each with its price, and what they add up to by term.
  mutating func kernels() {
    let ranks = figure("strategy.data_parallel")
    book.add(
      "step.factor", "", "what the stack adds, times the slowest of many ranks",
      .input("software:ranges.time.typical", software.timeRange.value.typical)
        * (1 + .constant(stragglerPerDoubling) * .maximum([0, .binaryLogarithm(ranks / 8)])))
    var used: [String: Int] = [:]
    var groups: [StepTrace.Term: [(path: String, lines: [Expression])]] = [:]
    for line in trace.lines {
      let place =
        (line.tower.isEmpty ? "passes" : line.tower) + "." + label(ofPhase: line.position) + "."
        + line.role.rawValue
      let name =
        "kernels.\(place)."
        + line.label.map { $0 == " " || $0 == "." ? "_" : "\($0)" }
        .joined()
      used[name, default: 0] += 1
      let copies = used[name, default: 1]
      let path = copies > 1 ? "\(name)_\(copies)" : name
      let kernel = book.add(path, "s", "one call of '\(line.label)'", line.expression)
      let term = "terms.\(line.term.rawValue).\(place)"
      let all = .counted("calls of \(line.label)", line.calls) * kernel
      if let position = groups[line.term]?.firstIndex(where: { $0.path == term }) {
        groups[line.term]?[position].lines.append(all)
      } else {
        groups[line.term, default: []].append((term, [all]))
      }
    }
    for term in StepTrace.Term.allCases {
      guard let all = groups[term] else { continue }
      let parts = all.map { group in
        book.add(
          group.path, "s", "kernels of one place in a step, without the stack's factor",
          .sum(group.lines))
      }
      book.add(
        "terms.\(term.rawValue)", "s", "all such kernels of a step",
        figure("step.factor") * .sum(parts))
    }
  }

  /// The phase's name; the second one of a name ends in `_2`.
  private func label(ofPhase position: Int) -> String {
    let name = trace.phases[position].name
    let before = trace.phases[..<position].count { $0.name == name }
    return before == 0 ? name.rawValue : "\(name.rawValue)_\(before + 1)"
  }

  /// Sums of a phase's kernels, without the factor.
  func groups(ofPhase position: Int) -> [Expression] {
    let label = label(ofPhase: position)
    return book.figures.filter { figure in
      let path = figure.path.split(separator: ".")
      return path.count == 5 && path[0] == "terms" && path[3] == label
    }.map(\.reference)
  }
}
