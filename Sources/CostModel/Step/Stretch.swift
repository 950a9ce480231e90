import Workloads

/// The weights behind a step: a group of blocks of a tower, or one segment outside blocks.
///
/// Steps of different batches or branches with the same weights have the same stretch.
struct Stretch: Hashable {
  private let tower: Int
  private let group: Int
  private let spec: SegmentSpec?

  /// The weights of a segment, or of the blocks that it stands for.
  init(_ segment: Int, _ blocks: BlockRange?, of program: StepProgram) {
    tower = program.segments[segment].tower
    group = blocks?.group ?? -1
    spec = blocks == nil ? program.segments[segment].spec : nil
  }
}
