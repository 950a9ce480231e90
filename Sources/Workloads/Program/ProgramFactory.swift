/// Writes many step programs of one model: what does not change between them is built once.
///
/// A search asks for hundreds of programs that differ in batch, style and method; the layout of
/// the towers, whose parameter counts come from whole graphs, is the same in all of them.
public struct ProgramFactory: Sendable {
  /// The model.
  public let model: ModelSpec
  /// Towers that are not trained.
  public let frozen: Set<String>
  /// Share of image patches dropped.
  public let patchDropout: Double
  private let layout: FamilyLayout

  /// A factory for programs that train `model` with `frozen` towers.
  public init(model: ModelSpec, frozen: Set<String>, patchDropout: Double) {
    self.model = model
    self.frozen = frozen
    self.patchDropout = patchDropout
    layout = model.layout(frozen: frozen, patchDropout: patchDropout)
  }

  /// The program under `options`, whose `frozen` and `patchDropout` are the factory's.
  ///
  /// With `recomputing: false` every forward keeps everything, whatever the options say.
  public func program(_ options: ProgramOptions, recomputing: Bool = true) -> StepProgram {
    var options = options
    options.frozen = frozen
    options.patchDropout = patchDropout
    var writer = ProgramWriter(model: model, options: options, layout: layout)
    let program = writer.write()
    return recomputing ? program.recomputing(options.recomputation) : program
  }
}
