import CostModel
import Planning
import Quantities
import Reporting
import Strategies
import Testing
import Workloads

@Suite("Texts for people")
struct GoldenTests {
  @Test("An estimate with a calibration method")
  func estimate() throws {
    let view = EstimateView(Samples.estimate(.lsaITC))
    try Goldens.expect(view.text(), equals: "estimate.txt")
    try Goldens.expect(view.markdown, equals: "estimate.md")
    try Goldens.expect(view.csv, equals: "estimate.csv")
  }

  @Test("the project's own core has an arena: torch reads nothing")
  func arena() {
    var estimate = Samples.estimate(.lsaITC)
    #expect(EstimateView(estimate).text().contains("; torch reads "))
    estimate.strategy.software.epilogues = true
    let text = EstimateView(estimate).text()
    #expect(text.contains("; the arena holds ") && !text.contains("torch reads"))
  }

  @Test("An estimate that does not fit, without a price")
  func doesNotFit() throws {
    let view = EstimateView(Samples.estimate(price: nil, memoryScale: 2))
    try Goldens.expect(view.text(), equals: "does-not-fit.txt")
  }

  @Test("A plan")
  func plan() throws {
    let view = PlanView(Samples.plan(), scenario: Samples.scenario())
    try Goldens.expect(view.text(), equals: "plan.txt")
    try Goldens.expect(view.markdown, equals: "plan.md")
    try Goldens.expect(view.csv, equals: "plan.csv")
  }

  @Test("A search without any plan says why")
  func infeasible() throws {
    var result = Samples.plan()
    result.plans = []
    result.points = []
    result.pareto = []
    result.fixed = nil
    result.shadowPrices = []
    result.infeasible = "memory binds: 12.1 GiB more per device would be enough"
    let text = PlanView(result, scenario: Samples.scenario()).text()
    #expect(text.contains("No plan: memory binds: 12.1 GiB more per device would be enough"))
    #expect(text.contains("needs 91.3 GiB, has 79.2 GiB"))
  }

  @Test("A comparison")
  func compare() throws {
    let view = CompareView(Samples.comparison)
    try Goldens.expect(view.text(), equals: "compare.txt")
    try Goldens.expect(view.markdown, equals: "compare.md")
    try Goldens.expect(view.csv, equals: "compare.csv")
  }

  @Test("Answers to inverse questions")
  func find() throws {
    try Goldens.expect(
      Samples.answers.map { FindView($0).text() }.joined(separator: "---\n"), equals: "find.txt")
  }

  @Test("A report in Markdown")
  func report() throws {
    let files = Samples.report().files
    try Goldens.expect(
      files.first { $0.name == "report.md" }?.contents ?? "", equals: "report.md")
  }

  @Test("Colours appear only when asked for, and change nothing else")
  func colours() {
    let view = EstimateView(Samples.estimate(.lsaITC))
    let plain = view.text(style: .plain)
    let colored = view.text(style: .ansi)
    #expect(!plain.contains("\u{1B}"))
    #expect(colored.contains("\u{1B}[1m"))
    let stripped = colored.replacing(/\u{1B}\[[0-9]+m/, with: "")
    #expect(stripped == plain)
  }

  @Test("Towers that differ are named, counts of blocks too")
  func perBlock() {
    var strategy = Samples.strategy()
    strategy.recomputation = [
      "image": RecomputationPlan(.perBlock([.init(full: 40, selective: 8)])),
      "text": RecomputationPlan(.perBlock([.init(full: 3, selective: 0)])),
    ]
    let text = EstimateView(Samples.estimate(strategy: strategy)).text()
    #expect(
      text.contains(
        "recomputation image per-block (40 full, 8 selective) / text per-block (3 full)"))
  }

  @Test("No line ends in spaces")
  func trailingSpaces() {
    let texts = [
      EstimateView(Samples.estimate(.lsaITC)).text(),
      PlanView(Samples.plan(), scenario: Samples.scenario()).text(),
      CompareView(Samples.comparison).text(),
    ]
    for line in texts.flatMap({ $0.split(separator: "\n") }) { #expect(line.last != " ") }
  }

  @Test("Only figures that rest on an assumed value carry a star")
  func stars() {
    func line(_ name: String, _ text: String) -> Substring {
      text.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
    }
    var estimate = Samples.estimate()
    var text = EstimateView(estimate).text()
    #expect(line("emissions", text).contains("*"))
    #expect(!line("cost", text).contains("*"))
    #expect(!line("energy", text).contains("*"))
    estimate.assumptions[2].origin = .assumed
    text = EstimateView(estimate).text()
    #expect(line("cost", text).contains("*"))
  }

  @Test("Every overhead on a GPU carries the mark, those of this machine do not")
  func notValidated() {
    let ratios = EstimateView(Samples.estimate(.lsaITC)).text()
      .split(separator: "\n").filter { $0.contains(" x \u{2020}") }
    #expect(ratios.count == Samples.overheads.count)
    var own = Samples.estimate(.lsaITC, hardware: "this-machine")
    own.flags = []
    #expect(!EstimateView(own).text().contains("not validated"))
  }
}
