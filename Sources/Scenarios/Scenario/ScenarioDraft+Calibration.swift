import Planning
import Quantities
import Workloads

extension ScenarioDraft {
  /// What `calibration:` says.
  struct Calibrations {
    var method = CalibrationMethod.none
    var settings: [CalibrationMethod: CalibrationSettings]
    var baselines = CalibrationBaseline.allCases

    init() {
      settings = Dictionary(
        uniqueKeysWithValues: CalibrationMethod.allCases.map {
          ($0, CalibrationSettings(method: $0))
        })
    }
  }

  /// `calibration:`: the method, and one block of knobs per method.
  func calibration(_ root: Section) -> Calibrations {
    var result = Calibrations()
    root.optionalSection("calibration") { section in
      if let method = section.setting(Setting("method", words: CalibrationMethod.self), log) {
        result.method = method.value
      }
      let baselines = Setting(
        "baselines",
        Reading<[CalibrationBaseline]>.list(of: .enumeration(of: CalibrationBaseline.self))
      ) { SettingText.list($0.map(\.rawValue)) }
      if let list = section.setting(baselines, log) { result.baselines = list.value }
      var branches: Branches?
      for method in CalibrationMethod.allCases where method != .none {
        section.optionalSection(method.rawValue) { block in
          result.settings[method] = self.block(block, method, &branches)
        }
      }
      let hasOwnSequential = section.has(CalibrationMethod.lsaITCSequential.rawValue)
      if !hasOwnSequential, let together = result.settings[.lsaITC] {
        var sequential = together
        sequential.method = .lsaITCSequential
        result.settings[.lsaITCSequential] = sequential
      }
      // The order is a knob of `lsa-itc`; who asks for the sequential method has chosen it.
      if let branches, result.method == .lsaITC {
        result.method = branches.method
      }
      checkMethod(section, result.method)
    }
    assumeDefaults(root, result)
    return result
  }

  /// One block.
  ///
  /// A knob of another method is an error that says whose it is.
  private func block(
    _ block: Section, _ method: CalibrationMethod, _ branches: inout Branches?
  ) -> CalibrationSettings {
    var settings = CalibrationSettings(method: method)
    let knobs = CalibrationKnob.all
    for knob in knobs where knob.methods.contains(method) && !knob.key.contains(".") {
      knob.read(block, &settings, log)
    }
    if method == .lsaITC {
      branches = block.setting(Setting("branches", words: Branches.self), log)?.value
    }
    for group in CalibrationKnob.groups {
      let members = knobs.filter { $0.key.hasPrefix(group + ".") }
      guard members.contains(where: { $0.methods.contains(method) }) else { continue }
      block.optionalSection(group) { nested in
        for knob in members where knob.methods.contains(method) {
          knob.read(nested, &settings, log)
        }
        self.refuse(members, group: group + ".", of: method, in: nested)
      }
    }
    refuse(knobs, group: "", of: method, in: block)
    checkSite(block, settings)
    checkResolution(block, settings)
    return settings
  }

  private func refuse(
    _ knobs: [CalibrationKnob], group: String, of method: CalibrationMethod, in section: Section
  ) {
    for key in section.keys {
      let owners = knobs.filter { $0.key == group + key || $0.key.hasPrefix(group + key + ".") }
        .reduce(into: Set<CalibrationMethod>()) { $0.formUnion($1.methods) }
      guard !owners.isEmpty, !owners.contains(method), let entry = section.entry(key) else {
        continue
      }
      let names = owners.map(\.rawValue).sorted().joined(separator: ", ")
      section.reader.error(
        "'\(key)' is no knob of the method '\(method.rawValue)'",
        help: "remove it; it belongs to \(names)", at: entry.keyLocation)
    }
  }

  /// A reference is features to compare with, which only a contrastive loss makes; what is weighed are the
  /// two directions of InfoNCE.
  private func checkMethod(_ section: Section, _ method: CalibrationMethod) {
    guard let model else { return }
    let family = FamilyName(model.family)
    let (does, lacks, fits): (String, String, Set<ContrastiveKind>)
    switch method {
    case .anchored, .teacher:
      does = "compares features with those of a frozen model"
      (lacks, fits) = ("has no contrastive loss that makes any", [.infoNCE, .sigmoid])
    case .lossReweight:
      does = "weighs image-to-text against text-to-image"
      (lacks, fits) = ("has no loss of both", [.infoNCE])
    default: return
    }
    guard !(family.contrastiveLoss.map(fits.contains) ?? false) else { return }
    let families = FamilyName.allCases.filter { $0.contrastiveLoss.map(fits.contains) ?? false }
    section.error(
      "method",
      "the method '\(method.rawValue)' \(does), and the family '\(family.rawValue)' \(lacks)",
      help: "choose another method, or a family of "
        + families.map(\.rawValue).joined(separator: ", "))
  }

  /// A block that the image tower does not have cannot be attacked.
  private func checkSite(_ block: Section, _ settings: CalibrationSettings) {
    guard case .block(let index) = settings.attackSite,
      let layers = model?.facts(tower: "image")?.sizes["layers"], index >= layers
    else { return }
    block.error(
      "attack_site", "the image tower has \(layers) blocks, 0 to \(layers - 1)",
      help: "write block \(layers - 1) or lower, or encoder-output")
  }

  /// Attacked images divide into the patches of the image tower, at least one.
  private func checkResolution(_ block: Section, _ settings: CalibrationSettings) {
    guard let size = settings.attackImageSize, let patch = model?.imagePatchSize,
      !size.isMultiple(of: patch)
    else { return }
    block.error(
      "attack_resolution", "an image of \(size) px does not divide into patches of \(patch) px",
      help: "write " + BatchInput.around(size, step: patch).replacing(" or ", with: " px or ")
        + " px")
  }

  /// Knobs of the chosen method that nobody wrote are assumptions.
  private func assumeDefaults(_ root: Section, _ result: Calibrations) {
    guard result.method != .none, let settings = result.settings[result.method] else { return }
    let calibration = root.node("calibration")
    let own = result.method.rawValue
    // The sequential form reads the block of `lsa-itc` where it has none of its own.
    let hasOwn = calibration?.entries?.contains { $0.key == own } ?? false
    let block = result.method == .lsaITCSequential && !hasOwn ? "lsa-itc" : own
    let entries = calibration?.entries?.first { $0.key == block }?.value.entries ?? []
    for knob in CalibrationKnob.all where knob.methods.contains(result.method) {
      guard let text = knob.write(settings) else { continue }
      let path = knob.key.split(separator: ".").map(String.init)
      let outer = entries.first { $0.key == path[0] }
      let isWritten =
        path.count == 1 ? outer != nil : outer?.value.entries?.contains { $0.key == path[1] }
      if isWritten != true {
        log.assume(path: "calibration.\(block).\(knob.key)", text: text, .method)
      }
    }
  }
}
