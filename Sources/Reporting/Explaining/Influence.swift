import CostModel
public import Quantities

/// How far one number of an input file moves one figure.
public struct Influence: Sendable, Hashable {
  /// The file and the path in it, for example `hardware:accelerator.memory_bandwidth`.
  public var input: String
  /// The value as written.
  public var text: String
  /// Who vouches for it.
  public var origin: Origin
  /// The citation.
  public var source: String
  /// Relative change of the figure over the relative change of the input, for a small change;
  /// infinite where the figure was 0, not a number where the input is 0.
  public var elasticity: Double

  /// An influence.
  public init(input: String, text: String, origin: Origin, source: String, elasticity: Double) {
    self.input = input
    self.text = text
    self.origin = origin
    self.source = source
    self.elasticity = elasticity
  }

  /// The strongest first; equal ones by name.
  public static func isStronger(_ first: Influence, _ second: Influence) -> Bool {
    func size(_ influence: Influence) -> Double {
      influence.elasticity.isNaN ? 0 : influence.elasticity.magnitude
    }
    let (a, b) = (size(first), size(second))
    return a == b ? first.input < second.input : a > b
  }

  /// The value for people, with the sign of what is assumed.
  var markedText: String { short + (origin == .assumed ? " *" : "") }

  /// The value with the digits that are worth reading.
  private var short: String {
    let digits = text.prefix { "+-.0123456789e".contains($0) }
    guard digits.count > 9, let number = Double(digits) else { return text }
    return Expression.constant(number).numbers + text[digits.endIndex...]
  }

  /// The elasticity for people.
  var elasticityText: String {
    if elasticity.isNaN { return "is 0" }
    guard elasticity.isFinite else { return "from 0" }
    return (elasticity > 0 ? "+" : "") + Format.fixed(elasticity, digits: 3)
  }

  var json: JSONValue {
    [
      "input": .string(input), "value": .string(text), "origin": .string(origin.rawValue),
      "source": .string(source), "elasticity": .number(elasticity),
    ]
  }
}

/// Samples and the fit behind a measured value.
public struct MeasuredBasis: Sendable, Hashable {
  /// The inputs that rest on it, for example `hardware:efficiency.gemm.seconds_per_flop`.
  public var inputs: [String]
  /// The session, for people.
  public var session: String
  /// Kernels and sizes that were timed.
  public var sizes: Int
  /// Timings.
  public var samples: Int
  /// What was fitted to them, and how well it predicts sizes it has not seen.
  public var fit: String

  /// A basis.
  public init(inputs: [String], session: String, sizes: Int, samples: Int, fit: String) {
    self.inputs = inputs
    self.session = session
    self.sizes = sizes
    self.samples = samples
    self.fit = fit
  }

  var json: JSONValue {
    [
      "inputs": .array(inputs.map { .string($0) }), "session": .string(session),
      "sizes": .integer(sizes), "samples": .integer(samples), "fit": .string(fit),
    ]
  }

  /// For people, one line.
  var line: String {
    "\(inputs.joined(separator: ", ")): \(samples) samples of \(sizes) sizes, \(session); \(fit)"
  }
}
