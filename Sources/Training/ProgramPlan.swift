public import Workloads

/// Which program each step of a run executes.
///
/// A calibration phase comes last: with a phase share q below 1 the first `(1 - q) steps` are plain
/// training. In the phase the program follows the selected layers.
public struct ProgramPlan: Sendable {
  /// The model.
  public let model: ModelSpec
  /// Options of the programs; the calibration method's own.
  public let options: ProgramOptions
  /// Steps of plain training before the calibration phase.
  public let plainSteps: Int
  private let factory: ProgramFactory

  /// The programs of a run of so many steps.
  public init(model: ModelSpec, options: ProgramOptions, steps: Int) {
    self.model = model
    self.options = options
    let share = min(1, max(0, options.calibration.phaseShare))
    plainSteps =
      options.calibration.method == .none
      ? 0 : steps - Int((share * Double(steps)).rounded(.up))
    factory = ProgramFactory(
      model: model, frozen: options.frozen, partial: options.partial,
      patchDropout: options.patchDropout)
  }

  /// The method of a step, counted from 0.
  public func method(ofStep step: Int) -> CalibrationMethod {
    step < plainSteps ? .none : options.calibration.method
  }

  /// The program of a step, counted from 0, under a selection of layers.
  public func program(step: Int, selection: [Int]) -> StepProgram {
    if step < plainSteps {
      var plain = options
      plain.calibration = .none
      return factory.program(plain)
    }
    return program(selection: selection)
  }

  /// The calibrated program under a selection of layers, counted from 0.
  public func program(selection: [Int]) -> StepProgram {
    var exact = options
    exact.calibration.selectedLayers = selection
    return factory.program(exact)
  }

  /// The program that memory is set aside for: as many layers as may ever be selected, the last
  /// ones, whose outputs live longest; every parameter of the run is in it.
  public var fullest: StepProgram {
    let settings = options.calibration
    let count = settings.method.regularisesLayers ? settings.vulnerableLayers : 0
    return program(selection: Array(selectableLayers.suffix(count)))
  }

  /// Layers that an attack can move and from which a gradient goes on to something trained: what the
  /// regulariser can choose from.
  public var selectableLayers: Range<Int> {
    movedLayers.clamped(to: factory.reachedLayers(options))
  }

  /// Layers behind the attacked site.
  private var movedLayers: Range<Int> {
    let layers = comparedLayers
    guard !comparesBridge else { return 0..<layers }
    switch options.calibration.attackSite {
    case .pixels: return 0..<layers
    case .block(let first): return min(first, layers)..<layers
    case .encoderOutput: return layers..<layers
    }
  }

  /// Blocks of the tower whose layers are compared.
  public var comparedLayers: Int {
    let tower =
      comparesBridge ? model.blockTowerNames.first { $0 != "image" } : "image"
    return tower.map { model.blockGroups(of: $0).reduce(0, +) } ?? 0
  }

  /// Whether the image tower is frozen, so that the bridge behind it is compared.
  private var comparesBridge: Bool { options.frozen.contains("image") }
}
