/// Writes many step programs of one model: what does not change between them is built once.
///
/// A search asks for hundreds of programs that differ in batch, style and method; the layout of
/// the towers, whose parameter counts come from whole graphs, is the same in all of them.
public struct ProgramFactory: Sendable {
  /// The model.
  public let model: ModelSpec
  /// Towers that are not trained.
  public let frozen: Set<String>
  /// What is trained of towers that are neither frozen nor trained whole.
  public let partial: [String: Trainability]
  /// Share of image patches dropped.
  public let patchDropout: Double
  private let layout: FamilyLayout

  /// A factory for programs that train `model` with `frozen` and `partial` towers.
  public init(
    model: ModelSpec, frozen: Set<String>, partial: [String: Trainability] = [:],
    patchDropout: Double
  ) {
    self.model = model
    self.frozen = frozen
    self.partial = partial
    self.patchDropout = patchDropout
    layout = model.layout(frozen: frozen, partial: partial, patchDropout: patchDropout)
  }

  /// The program under `options`, whose `frozen`, `partial` and `patchDropout` are the factory's.
  ///
  /// With `recomputing: false` every forward keeps everything, whatever the options say.
  public func program(_ options: ProgramOptions, recomputing: Bool = true) -> StepProgram {
    var writer = writer(options)
    let program = writer.write()
    return recomputing ? program.recomputing(options.recomputation) : program
  }

  /// Layers of the compared tower from which a gradient goes on to something trained: what LSA's
  /// regulariser can choose from.
  public func reachedLayers(_ options: ProgramOptions) -> Range<Int> {
    writer(options).reachedLayers
  }

  private func writer(_ options: ProgramOptions) -> ProgramWriter {
    var options = options
    options.frozen = frozen
    options.partial = partial
    options.patchDropout = patchDropout
    return ProgramWriter(model: model, options: options, layout: layout)
  }
}
