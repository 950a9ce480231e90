/// Samples of shards, epoch after epoch.
///
/// A window of samples is read, shuffled and handed out; then comes the next. So a place in the
/// sequence is the start of a window and a number of samples taken from it.
struct ShardStream {
  struct Sample {
    var image: RGBImage
    var caption: String
  }

  /// A sample that is read but not decoded.
  private struct Waiting {
    var file: Int
    var offset: Int
    var entry: String
    var bytes: [UInt8]
    var caption: String
  }

  let settings: ShardSettings
  let imageSize: Int
  private(set) var report = ShardReport()
  private let onPassedOver: @Sendable (PassedOver) -> Void
  /// Nothing is counted while a window is read again.
  private var isSilent: Bool = false

  private var epoch: Int = 0
  private var order: [Int] = []
  private var reader: ShardReader?
  /// The next group: its shard's place in the epoch's order, and its number in the shard.
  private var next: (shard: Int, offset: Int) = (0, 0)
  private var window: [Waiting] = []
  private var windowStart: (shard: Int, offset: Int) = (0, 0)
  private var windowNumber: Int = -1
  private var taken: Int = 0

  init(
    settings: ShardSettings, imageSize: Int,
    onPassedOver: @escaping @Sendable (PassedOver) -> Void
  ) {
    self.settings = settings
    self.imageSize = imageSize
    self.onPassedOver = onPassedOver
    start(epoch: 0)
  }

  // MARK: Places

  func position(settings text: String) -> ShardPosition {
    ShardPosition(
      settings: text, epoch: epoch, shard: windowStart.shard, offset: windowStart.offset,
      window: windowNumber, taken: taken, counts: report.counts)
  }

  /// Goes to a place that `position` gave for the same settings and files.
  mutating func restore(_ position: ShardPosition) throws(TrainingDataError) {
    let sound = position.shard >= 0 && position.shard <= settings.files.count
    guard sound, position.offset >= 0, position.window >= -1, position.taken >= 0,
      position.epoch >= 0
    else { throw .unusableSetting("the saved position is none: \(position)") }
    start(epoch: position.epoch)
    next = (position.shard, 0)
    if position.offset > 0, let reader = try openReader() {
      while next.offset < position.offset, try reader.next(reading: false) != nil {
        next.offset += 1
      }
    }
    windowStart = next
    windowNumber = position.window
    if position.window >= 0 {
      isSilent = true
      defer { isSilent = false }
      try fill()
      guard next.offset >= 0, position.taken <= window.count else {
        throw .unusableSetting(
          "the saved position is \(position.taken) samples into a window of \(window.count): "
            + "the shards have changed")
      }
    }
    taken = position.taken
    for index in 0..<taken { window[index].bytes = [] }
    report.counts = position.counts
  }

  // MARK: Samples

  /// The next usable sample.
  mutating func sample() throws(TrainingDataError) -> Sample {
    while true {
      while taken == window.count { try nextWindow() }
      let waiting = window[taken]
      window[taken].bytes = []
      taken += 1
      do throws(ImageFailure) {
        var generator = CounterGenerator(
          seed: settings.seed, stream: RandomStream.shardCrop.rawValue,
          index: UInt64(epoch) << 48 | UInt64(waiting.file) << 32
            | UInt64(UInt32(truncatingIfNeeded: waiting.offset)))
        let image = try RGBImage(decoding: waiting.bytes, limits: settings.imageLimits)
          .cropped(settings.crop, to: imageSize, using: &generator)
        report.counts.delivered += 1
        return Sample(image: image, caption: waiting.caption)
      } catch {
        try passOver(.damaged, waiting.file, waiting.entry, error.description)
      }
    }
  }

  private mutating func nextWindow() throws(TrainingDataError) {
    if next.shard == order.count {
      guard report.counts.delivered > 0 else { throw .noUsableSamples(report.description) }
      start(epoch: epoch + 1)
    }
    windowStart = next
    windowNumber += 1
    taken = 0
    try fill()
  }

  private mutating func start(epoch: Int) {
    self.epoch = epoch
    order = Array(settings.files.indices)
    if settings.shuffleWindow > 1 {
      var generator = CounterGenerator(
        seed: settings.seed, stream: RandomStream.shardOrder.rawValue, index: UInt64(epoch))
      generator.shuffle(&order)
    }
    reader = nil
    next = (0, 0)
    window = []
    windowStart = next
    windowNumber = -1
    taken = 0
    report.counts = ShardCounts()
  }

  /// Reads the window that starts at `next`, and shuffles it.
  private mutating func fill() throws(TrainingDataError) {
    window = []
    var bytes = 0
    while window.count < settings.shuffleWindow, bytes < ShardSettings.windowBytes,
      let reader = try openReader()
    {
      guard let group = try reader.next() else {
        self.reader = nil
        next = (next.shard + 1, 0)
        continue
      }
      let offset = next.offset
      next.offset += 1
      guard let waiting = try usable(group, offset: offset) else { continue }
      bytes += waiting.bytes.count
      window.append(waiting)
    }
    if settings.shuffleWindow > 1 {
      var generator = CounterGenerator(
        seed: settings.seed, stream: RandomStream.shardWindow.rawValue,
        index: UInt64(epoch) << 32 | UInt64(UInt32(truncatingIfNeeded: windowNumber)))
      generator.shuffle(&window)
    }
  }

  /// The reader of the current shard; nil at the end of the epoch.
  private mutating func openReader() throws(TrainingDataError) -> ShardReader? {
    guard next.shard < order.count else { return nil }
    if let reader { return reader }
    let opened = try ShardReader(file: settings.files[order[next.shard]], settings: settings)
    reader = opened
    return opened
  }

  private mutating func usable(
    _ group: ShardGroup, offset: Int
  ) throws(TrainingDataError) -> Waiting? {
    let file = order[next.shard]
    if let fault = group.fault {
      try passOver(.damaged, file, fault.entry, fault.reason)
      return nil
    }
    guard let image = group.image else {
      if group.text != nil || group.json != nil {
        try passOver(.missingImage, file, group.key, "no .jpg, .jpeg or .png beside its caption")
      }
      return nil
    }
    switch group.caption {
    case .text(let caption):
      return Waiting(
        file: file, offset: offset, entry: image.entry, bytes: image.bytes, caption: caption)
    case .missing:
      try passOver(
        .missingCaption, file, group.key, "no .txt, and no .json with \"caption\", right beside it")
    case .damaged(let entry, let reason): try passOver(.damaged, file, entry, reason)
    }
    return nil
  }

  private mutating func passOver(
    _ kind: PassedOver.Kind, _ file: Int, _ entry: String, _ reason: String
  ) throws(TrainingDataError) {
    guard !isSilent else { return }
    let passed = PassedOver(
      kind: kind, file: settings.files[file], entry: entry, reason: reason)
    switch kind {
    case .damaged: report.counts.damaged += 1
    case .missingCaption: report.counts.missingCaptions += 1
    case .missingImage: report.counts.missingImages += 1
    }
    if report.examples.count < 100 { report.examples.append(passed) }
    onPassedOver(passed)
    guard report.counts.damaged <= settings.damageLimit else {
      throw .tooManyDamaged(limit: settings.damageLimit, examples: report.examples)
    }
  }
}
