/// Figures by path, in the order in which they were written.
public struct FigureBook: Sendable {
  /// All figures.
  public private(set) var figures: [Figure] = []
  private var index: [String: Int] = [:]

  /// An empty book.
  public init() {}

  /// The figure at a path; nil where there is none.
  public subscript(path: String) -> Figure? { index[path].map { figures[$0] } }

  /// All paths, in order.
  public var paths: [String] { figures.map(\.path) }

  /// Writes a figure; the answer stands for it in other formulas.
  @discardableResult
  mutating func add(
    _ path: String, _ unit: String, _ meaning: String, _ expression: Expression
  ) -> Expression {
    let figure = Figure(path, unit, meaning, expression)
    if let known = index[path] {
      figures[known] = figure
    } else {
      index[path] = figures.count
      figures.append(figure)
    }
    return figure.reference
  }

  /// Everything that a figure rests on, through all figures on the way: files' values and counts,
  /// each once.
  public func leaves(of path: String) -> [Expression] {
    var seen: Set<String> = []
    var result: [Expression] = []
    var taken: Set<Expression> = []
    func visit(_ path: String) {
      guard seen.insert(path).inserted, let figure = self[path] else { return }
      for leaf in figure.expression.leaves {
        if case .figure(let name, _) = leaf, self[name] != nil {
          visit(name)
        } else if taken.insert(leaf).inserted {
          result.append(leaf)
        }
      }
    }
    visit(path)
    return result
  }
}
