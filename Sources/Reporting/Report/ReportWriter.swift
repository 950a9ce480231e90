import Clusters
import CostModel
import Planning
import Quantities
import Strategies
import Workloads

/// Puts a report's blocks in order: the answer first, where it comes from last.
struct ReportWriter {
  let report: Report

  private var estimate: Estimate { report.estimate }
  private var charts: ReportCharts { ReportCharts(report: report) }

  var document: Document {
    var document = Document(title: report.scenario.title)
    document.blocks = [.subject(Subject(estimate: estimate).lines)]
    document.blocks += banners
    document.blocks.append(.cards(Headline(estimate: estimate).cards))
    document.blocks += answer + step + memory + calibration + plans + hardware + run + inputs
    document.blocks += provenance
    return document
  }

  private var banners: [Document.Block] {
    let memory = estimate.memory
    var blocks: [Document.Block] = []
    if memory.verdict != .fits {
      blocks.append(
        .banner(
          memory.verdict == .tight ? .warn : .bad,
          "Memory: \(memory.verdict.words), \(Figures.gibibytes(memory.peak)) of "
            + "\(Figures.gibibytes(memory.capacity)) per device."))
    }
    if report.scenario.cluster.profile.datasheetOnly {
      blocks.append(
        .banner(
          .warn,
          "Datasheet only: no measurement of \(estimate.acceleratorName) stands behind the speeds; "
            + "they follow from its datasheet and a general plateau."))
    }
    if !estimate.overheads.isEmpty, Validation.isMarked(estimate) {
      blocks.append(
        .banner(
          .warn,
          "Overheads of \(estimate.workload.calibration.method.rawValue) are \(Validation.notValidated) "
            + "(\(Validation.sign)): no published attack run of this kind has been matched."))
    }
    if let reason = report.plan?.infeasible { blocks.append(.banner(.bad, "No plan: \(reason)")) }
    // What a banner above says in full is not said twice.
    let said = ["datasheet_only", Validation.flag]
    let flags = estimate.flags.filter { flag in !said.contains { flag.hasPrefix($0) } }
    return blocks + flags.map { .banner(.warn, $0.flagSentence) }
  }

  private var answer: [Document.Block] {
    let (assumed, all) = estimate.assumedCount
    return [
      .section("The answer"), .table(estimate.figuresTable),
      .note(
        "Low to high is a 90 % prediction interval. * marks a figure that rests directly on an "
          + "assumed value; \(assumed) of \(all) inputs are assumed, see the last section. MFU counts "
          + "the FLOP that the model needs over the dense peak, HFU all that are executed."),
    ]
  }

  private var step: [Document.Block] {
    [
      .section("Where the step goes"), .chart(charts.step), .table(estimate.stepTable()),
      .table(estimate.phaseTable()),
    ]
  }

  private var memory: [Document.Block] {
    let memory = estimate.memory
    var blocks: [Document.Block] = [
      .section("Memory per device"), .chart(charts.memory), .table(estimate.memoryTable()),
      .note(
        "What is live at the fullest instant of a step, in \(memory.peakPhase.spaced)"
          + (memory.peakInstant.isEmpty ? "" : " (\(memory.peakInstant))")
          + "; " + estimate.memoryReadings + ". Host memory per node: "
          + "\(Figures.gibibytes(memory.hostNeeded)) of \(Figures.gibibytes(memory.hostCapacity))."),
    ]
    if let largest = estimate.maxMicroBatch {
      blocks.append(
        .paragraph("The largest micro-batch that fits is \(Figures.count(largest))."))
    }
    return blocks
  }

  private var calibration: [Document.Block] {
    let method = estimate.workload.calibration.method
    var blocks: [Document.Block] = []
    if !estimate.overheads.isEmpty {
      blocks += [
        .chart(charts.overhead), .table(estimate.overheadTable(withMeaning: true)),
        .note(
          "Same accelerators, strategy, global batch and samples; equal samples, not equal quality. "
            + "More than 10 % of wall time or of peak memory counts as significant, decided "
            + "beforehand; where the interval holds 10 %, it is not settled."
            + (Validation.isMarked(estimate)
              ? " \(Validation.sign) \(Validation.notValidated)." : "")),
      ]
    }
    if !report.baselines.isEmpty {
      blocks += [
        .subsection("Methods side by side"),
        .table(MethodsTable(estimates: report.baselines + [estimate]).table),
      ]
    }
    guard !blocks.isEmpty else { return [] }
    let reading: [Document.Block] =
      method == .none
      ? []
      : [
        .note(
          "How the words are read: LSA is the layer analysis of arXiv 2202.02626, in-situ trade-off "
            + "calibration the lambda-conditioned training of arXiv 2010.11828; joining them with a "
            + "contrastive loss is this project's design.")
      ]
    return [.section("What calibration costs")] + reading + blocks
  }

  private var plans: [Document.Block] {
    guard let plan = report.plan else { return [] }
    let tables = PlanTables(result: plan, scenario: report.scenario)
    var blocks: [Document.Block] = [
      .section("Plans"),
      .paragraph(
        "Ranked by \(report.scenario.objective.rawValue); global batch and samples stay fixed. "
          + tables.effort + "."),
    ]
    if let chart = charts.plans { blocks += [.chart(chart), .note(chart.summary)] }
    blocks.append(.table(tables.plansForPeople))
    if !plan.pareto.isEmpty { blocks.append(.note(PlanTables.paretoNote)) }
    if !plan.shadowPrices.isEmpty {
      blocks.append(.list(plan.shadowPrices.map(PlanTables.sentence)))
    }
    if !plan.rejected.isEmpty {
      blocks += [.subsection("Turned down"), .table(tables.rejected)]
    }
    return blocks
  }

  private var hardware: [Document.Block] {
    guard !report.comparison.isEmpty else { return [] }
    let view = CompareView(Comparison(report.comparison))
    return [.section("Clusters compared")] + charts.comparison.map { .chart($0) } + [
      .table(view.table(withSubject: true)), .list(view.verdicts),
    ]
  }

  private var run: [Document.Block] {
    [.section("The run and its campaign"), .table(estimate.runTable)]
  }

  private var inputs: [Document.Block] {
    let scenario = report.scenario
    let profile = scenario.cluster.profile
    var blocks: [Document.Block] = [
      .section("Inputs and their sources"),
      .paragraph(
        "Profile \(profile.id): \(profile.title), figures of \(profile.asOf)."
          + (profile.site.price == nil
            ? " No price is known; unknown is not 0."
            : profile.site.priceNote.isEmpty ? "" : " Price: \(profile.site.priceNote).")),
      .table(estimate.assumptionsTable),
    ]
    if !scenario.assumptions.isEmpty {
      blocks += [.subsection("Settings of the scenario"), .table(scenario.inputsTable)]
    }
    let sources = profile.sources.sorted { $0.key < $1.key }
    if !sources.isEmpty {
      blocks += [
        .subsection("Sources of the profile"), .list(sources.map { "\($0.key): \($0.value)" }),
      ]
    }
    return blocks
  }

  private var provenance: [Document.Block] {
    let provenance = report.provenance
    var lines = ["foretrain \(provenance.version), JSON schema \(Schema.version)"]
    if let hash = provenance.scenarioHash { lines.append("scenario \(hash)") }
    if let hash = provenance.profileHash { lines.append("hardware profile \(hash)") }
    if let hash = provenance.fitHash { lines.append("fitted constants \(hash)") }
    if let seed = provenance.seed { lines.append("seed \(seed)") }
    lines.append("again: foretrain report \(report.scenario.id) -o DIR")
    return [.section("Provenance"), .list(lines)]
  }
}

extension String {
  /// `input_bound: the pipeline sets the pace` as `Input bound: the pipeline sets the pace`.
  fileprivate var flagSentence: String {
    let name = prefix { $0 != ":" }
    let words = String(name).spaced
    return words.prefix(1).uppercased() + words.dropFirst() + dropFirst(name.count)
  }
}

extension Scenario {
  /// Settings of the file with their origin; assumed ones carry `*`.
  var inputsTable: Table {
    Table(
      columns: [
        .init("key", "input"), .init("value", "value"), .init("origin", "origin"),
        .init("source", "source"),
      ],
      rows: assumptions.map {
        [
          .words($0.key),
          Table.Cell(
            text: $0.value + ($0.origin == .assumed ? " *" : ""), value: .string($0.value)),
          .words($0.origin.rawValue), .words($0.source),
        ]
      })
  }
}
