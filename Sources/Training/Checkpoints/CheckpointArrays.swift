import TrainingCore

/// The large arrays of a run in the order in which a checkpoint holds them.
///
/// All values first, then the first moments of what is trained, then the second ones; within each,
/// parameter after parameter. Numbers are fp32, little-endian.
struct CheckpointArrays {
  /// What an array holds.
  enum Part: Int, CaseIterable {
    case values
    case firstMoments
    case secondMoments

    /// For people.
    var words: String {
      switch self {
      case .values: "the values"
      case .firstMoments: "the first moments"
      case .secondMoments: "the second moments"
      }
    }
  }

  /// One parameter's stretch of an array.
  struct Section {
    var part: Part
    /// Position of the parameter in the layout.
    var parameter: Int
    var floats: Floats
  }

  let sections: [Section]

  /// The arrays of an executor.
  ///
  /// - Precondition: it has moments.
  init(_ executor: StepExecutor) {
    guard let moments = executor.allMoments else {
      preconditionFailure("a run without moments is not saved")
    }
    let arrays = [executor.allValues, moments.first, moments.second]
    var sections: [Section] = []
    for part in Part.allCases {
      for (index, entry) in executor.layout.entries.enumerated()
      where part == .values || entry.isTrained {
        sections.append(
          Section(
            part: part, parameter: index,
            floats: arrays[part.rawValue].part(entry.offset, entry.count)))
      }
    }
    self.sections = sections
  }

  /// Elements that are handled at once, so that no second copy of a model is made.
  private static let chunk = 1 << 18

  /// Hands out a section's bytes, stretch after stretch.
  static func forEachStretch(
    of floats: Floats, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    for start in stride(from: 0, to: floats.count, by: chunk) {
      let values = floats.part(start, min(chunk, floats.count - start)).values
      #if !_endian(little)
        #error("arrays are little-endian")
      #endif
      try unsafe values.withUnsafeBytes { unsafe try body($0) }
    }
  }

  /// Fills a section from bytes that `body` writes, stretch after stretch.
  static func fill(
    _ floats: Floats, _ body: (UnsafeMutableRawBufferPointer) throws -> Void
  ) rethrows {
    for start in stride(from: 0, to: floats.count, by: chunk) {
      let count = min(chunk, floats.count - start)
      var values = [Float](repeating: 0, count: count)
      try unsafe values.withUnsafeMutableBytes { unsafe try body($0) }
      floats.part(start, count).assign(values)
    }
  }

  /// The checksum of a section.
  static func checksum(of floats: Floats) -> String {
    var hash = XXH64()
    unsafe forEachStretch(of: floats) { unsafe hash.update($0) }
    return hexadecimal(hash.value)
  }

  static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
