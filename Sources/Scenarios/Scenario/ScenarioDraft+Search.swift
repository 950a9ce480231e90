import Planning
import Quantities
import Workloads

extension ScenarioDraft {
  /// `search:`: what `plan` may vary.
  ///
  /// Keys that are left out are `auto`.
  func search(_ section: Section) -> SearchSpace {
    var space = SearchSpace()
    space.microBatches = section.setting(SearchSettings.microBatches, log)?.value
    space.accumulations = section.setting(SearchSettings.accumulations, log)?.value
    space.zeroStages = section.setting(SearchSettings.zeroStages, log)?.value
    space.recomputation = section.setting(SearchSettings.recomputation, log)?.value
    space.attention = section.setting(SearchSettings.attention, log)?.value
    space.precisions = section.setting(SearchSettings.precisions, log)?.value
    space.gathers = section.setting(SearchSettings.gathers, log)?.value
    space.tensorParallel = section.setting(SearchSettings.tensorParallel, log)?.value
    space.pipelineParallel = section.setting(SearchSettings.pipelineParallel, log)?.value
    space.branches = section.setting(SearchSettings.branches, log)?.value?.map(\.method)
    return space
  }

  /// `constraints:`.
  func constraints(_ section: Section) -> Scenario.Constraints {
    var constraints = Scenario.Constraints()
    constraints.deadline = section.setting(ConstraintSettings.deadline, log)?.value
    constraints.budget = section.setting(ConstraintSettings.budget, log)?.value
    if let margin = section.setting(ConstraintSettings.memoryMargin, log) {
      constraints.memoryMargin = margin.value
    }
    return constraints
  }

  /// `campaign:`.
  func campaign(_ section: Section) -> Scenario.Campaign {
    var campaign = Scenario.Campaign()
    if let repeats = section.setting(CampaignSettings.repeats, log) {
      campaign.repeats = repeats.value
    }
    section.optionalSection("trials") { trials in
      if let runs = trials.setting(CampaignSettings.trialRuns, log) { campaign.trials = runs.value }
      if let share = trials.setting(CampaignSettings.trialShare, log) {
        campaign.trialShare = share.value
      }
    }
    if let failed = section.setting(CampaignSettings.failedRuns, log) {
      campaign.failedRuns = failed.value
    }
    if let evaluation = section.setting(CampaignSettings.evaluation, log) {
      campaign.evaluation = evaluation.value
    }
    if let interval = section.setting(CampaignSettings.checkpointInterval, log) {
      campaign.checkpointInterval = interval.value
    }
    return campaign
  }
}

/// The settings of `constraints:`.
enum ConstraintSettings {
  static var deadline: Setting<Seconds> {
    Setting("deadline", .positive(Second.self), write: SettingText.duration)
  }
  static var budget: Setting<USDollars> {
    Setting("budget", .positive(USDollar.self)) { SettingText.quantity($0, in: []) }
  }
  static var memoryMargin: Setting<Double> {
    Setting(
      "memory_margin", .number.checked("from 0 to below 1", standIn: 0) { $0 >= 0 && $0 < 1 },
      write: SettingText.number)
  }
}

/// The settings of `campaign:`.
enum CampaignSettings {
  static var repeats: Setting<Int> { WorkloadSettings.counted("repeats", upTo: 1_000_000) }
  static var trialRuns: Setting<Int> {
    Setting(
      "runs", Reading<Int>.countFromZero.checked("at most 1e6") { $0 <= 1_000_000 },
      write: SettingText.count)
  }
  static var trialShare: Setting<Double> {
    Setting("share_of_samples", .fraction, write: SettingText.number)
  }
  static var failedRuns: Setting<Double> {
    Setting("failed_runs", .nonNegativeNumber, write: SettingText.number)
  }
  static var evaluation: Setting<Double> {
    Setting("evaluation", .fraction, write: SettingText.number)
  }
  /// nil stands for `auto`.
  static var checkpointInterval: Setting<Seconds?> {
    let time = Reading<Seconds>.positive(Second.self)
    return Setting(
      "checkpoint_interval",
      Reading(standIn: nil, example: "auto") { node, context in
        if node.scalar == "auto" { return .some(nil) }
        return time.read(node, context).map { .some($0) }
      }
    ) { $0.map(SettingText.duration) ?? "auto" }
  }
}
