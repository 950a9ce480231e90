import Quantities
import Workloads

/// A knob of the calibration methods: one line of a method's block.
struct CalibrationKnob {
  /// Key, or `section.key` for the nested ones.
  let key: String
  /// Methods that have it.
  let methods: Set<CalibrationMethod>
  /// Reads it into the settings, or notes the default; nothing else.
  let read: (Section, inout CalibrationSettings, SettingLog) -> Void
  /// Its value as text; nil for knobs without an effect on cost, which live in remarks.
  let write: (CalibrationSettings) -> String?

  /// A knob with a field in the settings.
  init<Value>(
    _ setting: Setting<Value>, of methods: Set<CalibrationMethod>, in group: String? = nil,
    _ field: WritableKeyPath<CalibrationSettings, Value>
  ) {
    key = group.map { $0 + "." + setting.key } ?? setting.key
    self.methods = methods
    read = { section, settings, log in
      if let value = section.setting(setting, log) { settings[keyPath: field] = value.value }
    }
    write = { setting.write($0[keyPath: field]) }
  }

  /// A knob that shapes the attack but costs nothing: checked, and repeated in the report.
  init<Value>(
    remark setting: Setting<Value>, of methods: Set<CalibrationMethod>, in group: String? = nil
  ) {
    key = group.map { $0 + "." + setting.key } ?? setting.key
    self.methods = methods
    read = { section, _, log in
      let reading = Reading<Sourced<Value>>.sourced(setting.reading)
      guard let value = section.optional(setting.key, reading) else { return }
      log.remark(
        section.path(setting.key), setting.write(value.value), value.origin, source: value.source,
        section.reader)
    }
    write = { _ in nil }
  }
}

extension CalibrationKnob {
  /// The nested groups, in the order of the file.
  static let groups = ["vulnerable_layers", "regulariser", "sweep"]

  /// All knobs, in the order in which they are written.
  static var all: [CalibrationKnob] {
    let lsa: Set<CalibrationMethod> = [.lsaITC, .lsaITCSequential]
    let conditioned = lsa.union([.oat])
    let attacking = conditioned.union([.atLR, .anchored])
    let layered = lsa.union([.atLR])
    return [
      CalibrationKnob(
        Setting("attack_steps", steps, write: SettingText.count),
        of: attacking.union([.layerProbe]), \.attackSteps),
      CalibrationKnob(site, of: attacking.union([.layerProbe]), \.attackSite),
      CalibrationKnob(resolution, of: attacking.union([.layerProbe]), \.attackImageSize),
      CalibrationKnob(
        Setting("attack_weight_gradients", .bool, write: SettingText.bool),
        of: attacking.union([.layerProbe]), \.attackWeightGradients),
      CalibrationKnob(remark: number("attack_radius"), of: attacking.union([.layerProbe])),
      CalibrationKnob(remark: number("attack_step_size"), of: attacking.union([.layerProbe])),
      CalibrationKnob(remark: share("attack_warm_up"), of: attacking),
      CalibrationKnob(remark: lambdas, of: conditioned),
      CalibrationKnob(share("clean_share"), of: conditioned, \.cleanShare),
      CalibrationKnob(
        Setting("conditioning", words: LambdaConditioning.self), of: conditioned, \.conditioning),
      CalibrationKnob(remark: number("conditioning_rate"), of: conditioned),
      CalibrationKnob(remark: cachedText, of: conditioned),
      CalibrationKnob(
        Setting("clean_branch", words: CleanBranch.self), of: attacking, \.cleanBranch),
      CalibrationKnob(share("phase_share"), of: attacking.union([.teacher]), \.phaseShare),
      CalibrationKnob(share("selected_depth"), of: layered, \.selectedDepth),
      CalibrationKnob(count("probe_samples"), of: [.layerProbe], \.probeSamples),
      CalibrationKnob(
        Setting("cached_teacher", .bool, write: SettingText.bool), of: [.teacher],
        \.teacherCached),
      CalibrationKnob(
        count("at_most"), of: layered, in: "vulnerable_layers", \.vulnerableLayers),
      CalibrationKnob(remark: number("threshold"), of: layered, in: "vulnerable_layers"),
      CalibrationKnob(
        refresh, of: layered.union([.layerProbe]), in: "vulnerable_layers", \.refreshSteps),
      CalibrationKnob(remark: number("target_share"), of: layered, in: "regulariser"),
      CalibrationKnob(remark: number("gain"), of: layered, in: "regulariser"),
      CalibrationKnob(count("points"), of: conditioned, in: "sweep", \.sweepPoints),
      CalibrationKnob(count("pairs"), of: conditioned, in: "sweep", \.sweepPairs),
      CalibrationKnob(
        Setting("attack_steps", steps, write: SettingText.count), of: conditioned, in: "sweep",
        \.sweepAttackSteps),
    ]
  }

  private static var steps: Reading<Int> {
    Reading<Int>.countFromZero.checked("at most 1000") { $0 <= 1000 }
  }

  private static var site: Setting<AttackSite> {
    Setting(
      "attack_site",
      .scalar(standIn: .pixels, example: "pixels") { text throws(Complaint) in
        if text == "pixels" { return .pixels }
        if text == "encoder-output" { return .encoderOutput }
        if text.hasPrefix("block "), let index = Int(text.dropFirst(6)), index >= 0 {
          return .block(index)
        }
        throw Complaint(
          "'\(text)' is no place for an attack",
          help: "write pixels, block 12 (0 is the first) or encoder-output")
      }
    ) { "\($0)" }
  }

  /// nil stands for `model`: the model's own image size.
  private static var resolution: Setting<Int?> {
    let pixels = Reading<Int>.pixels
    return Setting(
      "attack_resolution",
      Reading(standIn: nil, example: "model") { node, context in
        if node.scalar == "model" { return .some(nil) }
        return pixels.read(node, context).map { .some($0) }
      }
    ) { $0.map { "\($0) px" } ?? "model" }
  }

  private static var refresh: Setting<Int> {
    Setting(
      "refresh",
      Reading<Int>.scalar(standIn: 1, example: "100 steps") { text throws(Complaint) in
        guard text.hasSuffix(" steps"), let count = Int(text.dropLast(6)), count >= 1 else {
          throw Complaint("'\(text)' is not a number of steps", help: "write '100 steps'")
        }
        return count
      }
    ) { "\($0) steps" }
  }

  private static var lambdas: Setting<[Double]> {
    Setting(
      "lambdas",
      Reading<[Double]>.list(of: .fraction).checked("a list with at least one value") {
        !$0.isEmpty
      }
    ) { SettingText.list($0.map(SettingText.number)) }
  }

  /// Only the cached form is priced: the text tower runs once, outside the attack.
  private static var cachedText: Setting<Bool> {
    Setting(
      "cached_text", .bool.checked("true: the text tower runs once", standIn: true) { $0 },
      write: SettingText.bool)
  }

  private static func number(_ key: String) -> Setting<Double> {
    Setting(key, .nonNegativeNumber, write: SettingText.number)
  }
  private static func share(_ key: String) -> Setting<Double> {
    Setting(key, .fraction, write: SettingText.number)
  }
  private static func count(_ key: String) -> Setting<Int> {
    Setting(
      key, Reading<Int>.count.checked("at most 1e9") { $0 <= 1_000_000_000 },
      write: SettingText.count)
  }
}

/// The blocks of `calibration:`.
enum CalibrationBlock {
  /// One block per method that has knobs at all.
  static var names: [String] {
    CalibrationMethod.allCases.filter { $0 != .none }.map(\.rawValue)
  }
}
