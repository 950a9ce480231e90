import Workloads

/// A step program whose segments are priced: the same program, ready to be walked many times.
///
/// Recomputation is applied to items by `items(recomputing:)`, so that a search prices a program
/// once and walks it for every plan of what is kept.
struct PreparedProgram: Sendable {
  /// A phase without its steps.
  struct Phase: Sendable {
    var name: StepProgram.PhaseName
    var repeats: Int
    var every: Int
  }

  let phases: [Phase]
  let towers: [StepProgram.Tower]
  /// Steps in order; block forwards keep everything.
  let items: [StepItem]
  let accumulation: Int

  /// Looks up every segment of a program in a price book.
  ///
  /// - Precondition: the program keeps everything (it was written without recomputation).
  init(_ program: StepProgram, book: PriceBook) {
    towers = program.towers
    accumulation = program.accumulation
    phases = program.phases.map { Phase(name: $0.name, repeats: $0.repeats, every: $0.every) }
    var items: [StepItem] = []
    let loss = program.towers.firstIndex { $0.name == "loss" }
    for (phase, steps) in program.phases.map(\.steps).enumerated() {
      for step in steps {
        items.append(Self.item(step, phase: phase, program: program, book: book, loss: loss))
      }
    }
    GradientLedger(program: program, prices: book.prices).write(into: &items)
    Self.markCastsAndCaches(&items, program)
    self.items = items
  }

  private static func item(
    _ step: Step, phase: Int, program: StepProgram, book: PriceBook, loss: Int?
  ) -> StepItem {
    switch step {
    case .forward(let segment, let count, let keep, let need, let blocks, _):
      var item = StepItem(kind: .forward, phase: phase)
      item.price = book.position(of: program.segments[segment], need: need)
      item.count = count
      item.keep = keep
      item.blocks = blocks
      item.tower = program.segments[segment].tower
      item.isLoss = item.tower == loss
      return item
    case .backward(let segment, let count, let keep, let need, let blocks, _, _):
      var item = StepItem(kind: .backward, phase: phase)
      item.price = book.position(of: program.segments[segment], need: need)
      item.count = count
      item.keep = keep
      item.blocks = blocks
      item.tower = program.segments[segment].tower
      item.isLoss = item.tower == loss
      return item
    case .hold(let buffer):
      return StepItem(
        kind: .hold(isInput: buffer.content == .images), phase: phase,
        isLoss: buffer.category == .loss, bytes: Double(buffer.bytes))
    case .drop(let buffer):
      return StepItem(
        kind: .drop, phase: phase, isLoss: buffer.category == .loss, bytes: Double(buffer.bytes))
    case .collective(let collective):
      return StepItem(
        kind: .collective(collective.kind), phase: phase, bytes: Double(collective.bytes))
    case .pass(let pass):
      return StepItem(
        kind: .pass(kernels: pass.kernels, family: KernelFamily.name(of: pass.function)),
        phase: phase,
        bytes: Double(pass.bytesRead + pass.bytesWritten))
    case .update: return StepItem(kind: .update, phase: phase)
    }
  }

  /// Weights are cast once per step and tower stretch; cached first forwards are repeated later.
  private static func markCastsAndCaches(_ items: inout [StepItem], _ program: StepProgram) {
    var cast: Set<Stretch> = []
    var kept: Set<Stretch> = []
    var index = 0
    let steps = program.phases.flatMap(\.steps)
    for step in steps {
      if case .forward(let segment, _, let keep, _, let blocks, _) = step {
        // A forward that only fills a cache ends its autocast context: the next casts again.
        let isFirst = keep == .nothing && program.accumulation > 1
        let stretch = Stretch(segment, blocks, of: program)
        items[index].castsWeights = isFirst ? true : cast.insert(stretch).inserted
        if keep != .nothing { kept.insert(Stretch(segment, blocks, of: program)) }
      }
      index += 1
    }
    guard program.accumulation > 1 else { return }
    for (index, step) in steps.enumerated() {
      if case .forward(let segment, _, .nothing, _, let blocks, _) = step {
        items[index].isCachedFirst = kept.contains(Stretch(segment, blocks, of: program))
      }
    }
  }

  /// The items with blocks kept as `plans` say, by tower position; nil keeps everything.
  func items(recomputing plans: [RecomputationPlan?]) -> [StepItem] {
    guard plans.contains(where: { $0 != nil && $0 != RecomputationPlan.none }) else {
      return items
    }
    var result: [StepItem] = []
    result.reserveCapacity(items.count + 16)
    for item in items {
      guard let blocks = item.blocks, item.keep == .all, let plan = plans[item.tower] else {
        result.append(item)
        continue
      }
      let parts = plan.parts(of: blocks, count: item.count)
      func append(_ part: (keep: Keep, count: Int, blocks: BlockRange)) {
        var cut = item
        cut.keep = part.keep
        cut.count = part.count
        cut.blocks = part.blocks
        result.append(cut)
      }
      if case .backward = item.kind {
        parts.reversed().forEach(append)
      } else {
        parts.forEach(append)
      }
    }
    return result
  }
}
