import Quantities
import Strategies

/// The numbers that multiply to the global batch, as the file and the flags give them.
struct BatchInput {
  /// One of them: its value where there is a right one, and where it stands.
  struct Entry {
    var value: Int?
    var section: Section?
    var key = ""
    var isAbsent = true
    var isFlag = false

    /// Nobody gave it.
    init() {}

    init(_ section: Section, _ setting: Setting<Int>, _ log: SettingLog) {
      self.section = section
      key = setting.key
      isAbsent = !section.has(setting.key)
      isFlag = section.node(setting.key)?.location.line == FlagOverlay.line
      value = section.setting(setting, log)?.value
    }

    var isWrong: Bool { !isAbsent && value == nil }

    func error(_ message: String, help: String) { section?.error(key, message, help: help) }
  }

  var accelerators = Entry()
  var global = Entry()
  var micro = Entry()
  var accumulation = Entry()
  var dataParallel = Entry()
  var tensorParallel = 1
  var pipelineParallel = 1
  /// The flag that cuts the model, where one does: ranks and micro-batch of the file then give way.
  var cuttingFlag: (section: Section, key: String)?
  private var isModelCutByFlag: Bool { cuttingFlag != nil }

  /// Micro-batch, accumulation and data-parallel ranks.
  struct Split: Equatable {
    var micro: Int
    var accumulation: Int
    var ranks: Int
  }

  /// What the numbers come to.
  ///
  /// Of contradicting ones the flags win over the file: the file's
  /// micro-batch is then adapted to the largest one that divides.
  ///
  /// - Returns: nil, with errors noted where a fix can be named, if they contradict each other.
  func split(_ log: SettingLog) -> Split? {
    guard let ranks = ranks(log) else { return nil }
    guard !micro.isWrong, !accumulation.isWrong, !global.isWrong else { return nil }
    guard let global = global.value else {
      let size =
        micro.value
        ?? log.assume("strategy.micro_batch", StrategySettings.microBatch, 32, .fallback).value
      return within(Split(micro: size, accumulation: accumulation.value ?? 1, ranks: ranks))
    }
    guard global % ranks == 0 else {
      complain(global: global, ranks: ranks)
      return nil
    }
    return share(global / ranks, ranks: ranks, log)
  }

  /// Ranks follow from the accelerators; a contradiction is an error unless a flag caused it.
  private func ranks(_ log: SettingLog) -> Int? {
    guard !accelerators.isWrong, !dataParallel.isWrong else { return nil }
    let model = tensorParallel * pipelineParallel
    guard let count = accelerators.value ?? (accelerators.isAbsent ? 1 : nil) else { return nil }
    guard count % model == 0 else {
      let message =
        "\(count) accelerators cannot be split into groups of "
        + "\(tensorParallel) x \(pipelineParallel) (tensor x pipeline)"
      if let cuttingFlag, !accelerators.isFlag {
        cuttingFlag.section.error(
          cuttingFlag.key, message,
          help: "use degrees whose product divides \(count), or other accelerators")
      } else {
        accelerators.error(message, help: "write \(Self.around(count, step: model))")
      }
      return nil
    }
    let own = count / model
    guard let written = dataParallel.value, written != own else { return own }
    if accelerators.isFlag || isModelCutByFlag, !dataParallel.isFlag {
      return log.assume("strategy.data_parallel", StrategySettings.dataParallel, own, .follows)
        .value
    }
    dataParallel.error(
      "data_parallel x tensor_parallel x pipeline_parallel is "
        + "\(written) x \(tensorParallel) x \(pipelineParallel) = \(written * model), "
        + "the cluster has \(count) accelerators",
      help: "write data_parallel: \(own), or change cluster.accelerators to \(written * model)")
    return nil
  }

  /// Splits the samples of one rank into micro-batches.
  private func share(_ local: Int, ranks: Int, _ log: SettingLog) -> Split? {
    switch (micro.value, accumulation.value) {
    case (nil, nil): return Split(micro: local, accumulation: 1, ranks: ranks)
    case (nil, let steps?):
      guard local % steps == 0 else { return mismatch(local / steps, steps, local, ranks) }
      return Split(micro: local / steps, accumulation: steps, ranks: ranks)
    case (let size?, let steps):
      if let steps, size * steps == local {
        return Split(micro: size, accumulation: steps, ranks: ranks)
      }
      let mayChangeSteps = steps == nil || (!accumulation.isFlag && isFlagged)
      if mayChangeSteps, local % size == 0 {
        if steps != nil {
          log.assume(
            path: "strategy.accumulation", text: "\(local / size)", .follows)
        }
        return Split(micro: size, accumulation: local / size, ranks: ranks)
      }
      // The batch or the cluster came by flag: the file's micro-batch gives way.
      guard isFlagged, !micro.isFlag else { return mismatch(size, steps ?? 1, local, ranks) }
      if accumulation.isFlag, let steps {
        guard local % steps == 0 else { return mismatch(local / steps, steps, local, ranks) }
        return log.adapted(Split(micro: local / steps, accumulation: steps, ranks: ranks))
      }
      let best = Self.largestDivisor(of: local, upTo: size)
      return log.adapted(Split(micro: best, accumulation: local / best, ranks: ranks))
    }
  }

  private var isFlagged: Bool {
    global.isFlag || accelerators.isFlag || micro.isFlag || isModelCutByFlag
  }

  private func within(_ split: Split) -> Split? {
    let (local, overflow) = split.micro.multipliedReportingOverflow(by: split.accumulation)
    guard !overflow, !local.multipliedReportingOverflow(by: split.ranks).overflow,
      local * split.ranks <= 1 << 40
    else {
      micro.error("the global batch would be above 2^40", help: "write a smaller micro_batch")
      return nil
    }
    return split
  }

  // MARK: - Errors with the nearest legal numbers

  private func complain(global: Int, ranks: Int) {
    let legal = Self.around(global, step: ranks)
    guard accelerators.isFlag, !self.global.isFlag else {
      return self.global.error(
        "the global batch \(global) is not a multiple of \(ranks) data-parallel ranks",
        help: "write \(legal)")
    }
    // The flag is what does not fit: it is named, with the counts that do.
    let group = tensorParallel * pipelineParallel
    let below = Self.largestDivisor(of: global, upTo: ranks) * group
    let above = Self.smallestDivisor(of: global, from: ranks) * group
    accelerators.error(
      "\(ranks) data-parallel ranks do not divide the global batch \(global)",
      help: "use \(below) or \(above) accelerators, or add --global-batch "
        + legal.replacing(" or ", with: " or --global-batch "))
  }

  private func mismatch(_ size: Int, _ steps: Int, _ local: Int, _ ranks: Int) -> Split? {
    let place = micro.isAbsent || (accumulation.isFlag && !micro.isFlag) ? accumulation : micro
    let below = Self.largestDivisor(of: local, upTo: size)
    let above = Self.smallestDivisor(of: local, from: size)
    let sizes = below == above ? [below] : [below, above]
    let splits = sizes.map { "micro_batch: \($0) with accumulation: \(local / $0)" }
    let product = size.multipliedReportingOverflow(by: steps)
    let total = product.partialValue.multipliedReportingOverflow(by: ranks)
    guard !product.overflow, !total.overflow else {
      place.error("the numbers multiply to more than can be counted", help: "write smaller ones")
      return nil
    }
    place.error(
      "micro_batch x accumulation x data_parallel is \(size) x \(steps) x \(ranks) = "
        + "\(total.partialValue), the global batch is \(local * ranks)",
      help: "write " + splits.joined(separator: ", or ")
        + ", or global_batch: \(total.partialValue)")
    return nil
  }

  /// The multiples of a step below and above a number, as text.
  static func around(_ value: Int, step: Int) -> String {
    let below = value / step * step
    let above = below + step
    return below > 0 ? "\(below) or \(above)" : "\(above)"
  }

  /// The largest divisor of `value` that is at most `limit`.
  static func largestDivisor(of value: Int, upTo limit: Int) -> Int {
    var best = 1
    forEachDivisor(of: value) { if $0 <= limit, $0 > best { best = $0 } }
    return best
  }

  /// The smallest divisor of `value` that is at least `limit`; the value itself at most.
  static func smallestDivisor(of value: Int, from limit: Int) -> Int {
    var best = value
    forEachDivisor(of: value) { if $0 >= limit, $0 < best { best = $0 } }
    return best
  }

  private static func forEachDivisor(of value: Int, _ body: (Int) -> Void) {
    var divisor = 1
    while divisor * divisor <= value {
      if value % divisor == 0 {
        body(divisor)
        body(value / divisor)
      }
      divisor += 1
    }
  }
}

extension SettingLog {
  /// Notes that the micro-batch and the accumulation of a file gave way to flags.
  fileprivate func adapted(_ split: BatchInput.Split) -> BatchInput.Split {
    assume(path: "strategy.micro_batch", text: "\(split.micro)", .follows)
    assume(path: "strategy.accumulation", text: "\(split.accumulation)", .follows)
    return split
  }
}
