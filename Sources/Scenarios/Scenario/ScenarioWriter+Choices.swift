import Planning
import Quantities
import Strategies
import Workloads

extension ScenarioWriter {
  /// `calibration:`, with a block for every method whose knobs somebody turned.
  mutating func calibration() {
    let scenario = written
    let method = scenario.workload.calibration.method
    let sequential = scenario.calibrations[.lsaITCSequential]
    var follower = scenario.calibrations[.lsaITC]
    follower?.method = .lsaITCSequential
    // The sequential form needs a block of its own only where its knobs differ.
    let hasOwn = sequential != follower
    let named = method == .lsaITCSequential && !hasOwn ? CalibrationMethod.lsaITC : method
    put("calibration", Setting("method", words: CalibrationMethod.self), named)
    if scenario.baselines != CalibrationBaseline.allCases || isNoted("calibration.baselines") {
      put(
        "calibration", key: "baselines",
        text: SettingText.list(scenario.baselines.map(\.rawValue)))
    }
    for block in CalibrationMethod.allCases where block != .none {
      guard block != .lsaITCSequential || hasOwn,
        let settings = scenario.calibrations[block]
      else { continue }
      section(block.rawValue) { writer in
        writer.knobs(of: block, settings)
        guard block == .lsaITC else { return }
        let branches: Branches = method == .lsaITCSequential && !hasOwn ? .sequential : .together
        if branches == .sequential || writer.isNoted("calibration.lsa-itc.branches") {
          writer.put("calibration.lsa-itc", Setting("branches", words: Branches.self), branches)
        }
      }
    }
  }

  private mutating func knobs(of method: CalibrationMethod, _ settings: CalibrationSettings) {
    let usual = CalibrationSettings(method: method)
    let path = "calibration." + method.rawValue
    func isWorthALine(_ knob: CalibrationKnob, _ writer: ScenarioWriter) -> Bool {
      knob.write(settings) != knob.write(usual) || writer.isNoted(path + "." + knob.key)
    }
    let own = CalibrationKnob.all.filter { $0.methods.contains(method) }
    for knob in own where !knob.key.contains(".") && isWorthALine(knob, self) {
      put(knob, in: path, key: knob.key, settings)
    }
    for group in CalibrationKnob.groups {
      section(group) { writer in
        for knob in own where knob.key.hasPrefix(group + ".") && isWorthALine(knob, writer) {
          let key = String(knob.key.dropFirst(group.count + 1))
          writer.put(knob, in: path + "." + group, key: key, settings)
        }
      }
    }
  }

  private mutating func put(
    _ knob: CalibrationKnob, in path: String, key: String, _ settings: CalibrationSettings
  ) {
    if let text = knob.write(settings) {
      put(path, key: key, text: text)
    } else {
      putRemark(path, key: key)
    }
  }

  /// `search:`; what is `auto` is left out.
  mutating func search() {
    let space = written.search
    func list<Item>(_ setting: Setting<[Item]?>, _ value: [Item]?, _ writer: inout ScenarioWriter) {
      guard value != nil || writer.isNoted("search." + setting.key) else { return }
      writer.put("search", setting, value)
    }
    list(SearchSettings.microBatches, space.microBatches, &self)
    list(SearchSettings.accumulations, space.accumulations, &self)
    list(SearchSettings.zeroStages, space.zeroStages, &self)
    list(SearchSettings.recomputation, space.recomputation, &self)
    list(SearchSettings.attention, space.attention, &self)
    list(SearchSettings.precisions, space.precisions, &self)
    list(SearchSettings.gathers, space.gathers, &self)
    list(SearchSettings.tensorParallel, space.tensorParallel, &self)
    list(SearchSettings.pipelineParallel, space.pipelineParallel, &self)
    let branches = space.branches?.compactMap(Branches.init)
    list(SearchSettings.branches, branches, &self)
  }

  /// `campaign:`.
  mutating func campaign() {
    let campaign = written.campaign
    let usual = Scenario.Campaign()
    if campaign.repeats != usual.repeats || isNoted("campaign.repeats") {
      put("campaign", CampaignSettings.repeats, campaign.repeats)
    }
    section("trials") { writer in
      if campaign.trials != usual.trials || writer.isNoted("campaign.trials.runs") {
        writer.put("campaign.trials", CampaignSettings.trialRuns, campaign.trials)
      }
      if campaign.trialShare != usual.trialShare
        || writer.isNoted("campaign.trials.share_of_samples")
      {
        writer.put("campaign.trials", CampaignSettings.trialShare, campaign.trialShare)
      }
    }
    if campaign.failedRuns != usual.failedRuns || isNoted("campaign.failed_runs") {
      put("campaign", CampaignSettings.failedRuns, campaign.failedRuns)
    }
    if campaign.evaluation != usual.evaluation || isNoted("campaign.evaluation") {
      put("campaign", CampaignSettings.evaluation, campaign.evaluation)
    }
    if campaign.checkpointInterval != nil || isNoted("campaign.checkpoint_interval") {
      put("campaign", CampaignSettings.checkpointInterval, campaign.checkpointInterval)
    }
  }
}
