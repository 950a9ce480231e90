import Workloads

/// The values of all parameters, their gradients and the optimizer's moments, in an arena.
final class ParameterStore {
  let layout: ParameterLayout
  private let arena: Arena
  let values: Region
  let gradients: Region
  /// First and second moments; both are zero before the first step.
  let moments: (first: Region, second: Region)?
  /// Parameters whose gradient holds something since `beginStep`.
  private var written: [Bool]
  private var tables: [Key: [Int: Int]] = [:]

  private struct Key: Hashable {
    var segment: StepProgram.Segment
    var need: GradientNeed
    var layer: Int?
  }

  init(_ layout: ParameterLayout, in arena: Arena, hasMoments: Bool) {
    self.layout = layout
    self.arena = arena
    values = arena.allocate(layout.count)
    gradients = arena.allocate(layout.trainedCount)
    moments =
      hasMoments
      ? (arena.allocate(layout.trainedCount), arena.allocate(layout.trainedCount)) : nil
    written = [Bool](repeating: false, count: layout.entries.count)
  }

  /// Gradients begin anew.
  func beginStep() { written = [Bool](repeating: false, count: layout.entries.count) }

  /// Gradients that nothing was written to become zero.
  func finishGradients() {
    for (index, entry) in layout.entries.enumerated() where entry.isTrained && !written[index] {
      gradient(index).fill(0)
      written[index] = true
    }
  }

  /// The positions of a segment's parameters by tensor.
  func table(
    _ plan: SegmentPlan, tower: String, layer: Int?
  ) -> [Int: Int] {
    let key = Key(segment: plan.segment, need: plan.need, layer: layer)
    if let known = tables[key] { return known }
    var table: [Int: Int] = [:]
    for (index, tensor) in plan.tensors.enumerated() {
      let name: String
      switch tensor.role {
      case .parameter: name = tensor.name
      case .parameterGradient: name = String(tensor.name.dropFirst(2))
      case .activation, .constant: continue
      }
      let whole = ParameterNames.name(name, of: plan.segment, tower: tower, layer: layer)
      table[index] = layout.position(of: whole)
    }
    tables[key] = table
    return table
  }

  /// The values of a parameter.
  func value(_ position: Int) -> Floats {
    let entry = layout.entries[position]
    return arena.floats(values).part(entry.offset, entry.count)
  }

  /// The gradient of a parameter, whatever it holds.
  func gradient(_ position: Int) -> Floats {
    let entry = layout.entries[position]
    return arena.floats(gradients).part(entry.offset, entry.count)
  }

  /// The gradient of a parameter for a kernel that overwrites it the first time and adds then.
  func claimGradient(_ position: Int) -> (floats: Floats, isAccumulating: Bool) {
    defer { written[position] = true }
    return (gradient(position), written[position])
  }

  /// The gradient of a parameter for a kernel that always adds.
  func addableGradient(_ position: Int) -> Floats {
    let floats = gradient(position)
    if !written[position] { floats.fill(0) }
    written[position] = true
    return floats
  }
}
