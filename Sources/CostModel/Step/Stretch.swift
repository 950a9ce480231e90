import Workloads

/// The weights behind a step: blocks of a tower from a layer on, or one segment outside blocks.
///
/// Steps of different batches or branches with the same weights have the same stretch.
struct Stretch: Hashable {
  private let tower: Int
  private let layer: Int
  private let spec: SegmentSpec?

  /// The weights of a segment, or of the blocks that it stands for.
  init(_ segment: Int, _ blocks: BlockRange?, of program: StepProgram) {
    tower = program.segments[segment].tower
    layer = blocks?.layer ?? -1
    spec = blocks == nil ? program.segments[segment].spec : nil
  }

  /// All blocks of the tower that a segment belongs to, or the segment itself.
  init(weightsOf segment: Int, of program: StepProgram) {
    let isBlock = program.segments[segment].spec.isBlock
    tower = program.segments[segment].tower
    layer = -1
    spec = isBlock ? nil : program.segments[segment].spec
  }
}
