import Foundation
import PublishedCases
import Quantities
import Scenarios
import Strategies
import Testing

@Suite("Fit to published steps")
struct RefitTests {
  private let loader: ScenarioLoader
  private let cases: [PublishedCase]

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path(percentEncoded: false)
    loader = ScenarioLoader(
      data: DataFolders(roots: [String(root.dropLast())], userData: root + "no-such-folder"))
    let wanted: Set<String> = ["korthikanti", "infcl-l14", "dle-bert", "eva01-video"]
    cases = try PublishedLibrary(loader: loader).cases(at: nil).filter {
      wanted.contains($0.series)
    }
  }

  @Test("the same cases give the same bytes, and the file reads back")
  func reproducible() throws {
    let first = try Refit(cases, loader: loader).constants.text
    #expect(try Refit(cases, loader: loader).constants.text == first)
    let read = try StepConstants.read(SourceFile(name: "constants.yaml", text: first))
    #expect(read.text == first)
    #expect(read.series == ["dle-bert", "eva01-video", "infcl-l14", "korthikanti"])
  }

  @Test("profiles and stacks that carry the constants give the fit's predictions")
  func applied() throws {
    let refit = try Refit(cases, loader: loader)
    var fitted = loader
    fitted.constants = refit.constants
    let predictor = CasePredictor(setter: try CaseSetter(loader: fitted))
    for row in refit.rows {
      let prediction = try predictor.predict(cases[row.index])
      let step = try #require(prediction.step).typical
      // What overlaps and what is hidden moves a little with the kernels.
      #expect(abs(step / refit.fit.prediction(row) - 1) < 0.02, "\(row.id)")
    }
  }

  @Test("both tables have one error: the fit's is that of the predictions under its constants")
  func agreement() throws {
    let refit = try Refit(cases, loader: loader)
    var fitted = loader
    fitted.constants = try StepConstants.read(
      SourceFile(name: "constants.yaml", text: refit.constants.text))
    let predictor = CasePredictor(setter: try CaseSetter(loader: fitted))
    let card = Scorecard(try cases.map(predictor.predict))
    for series in card.times {
      let own = refit.rows.indices.filter { refit.rows[$0].series == series.name }
      let mean = own.reduce(0) { $0 + abs(refit.validation.fit[$1]) } / Double(own.count)
      #expect(abs(try #require(series.mean) - mean) < 1e-9, "\(series.name)")
    }
  }

  @Test("coverage counts every row in every fold, once for all and once for its kind")
  func coverage() throws {
    let refit = try Refit(cases, loader: loader)
    #expect(refit.coverage.map(\.fold) == [.nothing, .run, .series])
    for coverage in refit.coverage {
      #expect(coverage.pooled.kind == nil && coverage.pooled.count == refit.rows.count)
      let kinds = coverage.lines.dropFirst()
      #expect(kinds.reduce(0) { $0 + $1.count } == refit.rows.count)
      #expect(kinds.reduce(0) { $0 + $1.inside } == coverage.pooled.inside)
      #expect(coverage.lines.allSatisfy { $0.medianWidth > 1 && $0.inside <= $0.count })
    }
    // An interval that is made of all rows holds no fewer of them than one that has not seen them.
    #expect(refit.coverage[0].pooled.inside >= refit.coverage[1].pooled.inside)
  }

  @Test("a fit is better on what it has seen, and better than one share of the peak")
  func leftOut() throws {
    let refit = try Refit(cases, loader: loader)
    func mean(_ errors: [Double]) -> Double {
      errors.reduce(0) { $0 + abs($1) } / Double(errors.count)
    }
    let validation = refit.validation
    #expect(mean(validation.fit) <= mean(validation.leaveOneRunOut))
    #expect(mean(validation.leaveOneRunOut) < mean(validation.constantShare))
    #expect(mean(validation.leaveOneRunOut) <= mean(validation.leaveOneSeriesOut) + 0.02)
  }

  @Test("spreads of memory lie over stacks that have constants, and over no other")
  func memoryRanges() throws {
    let refit = try Refit(cases, loader: loader)
    #expect(refit.constants.memorySeries == ["eva01-video", "infcl-l14"])
    var fitted = loader
    fitted.constants = refit.constants
    let spread = try #require(refit.constants.memory["device"])
    let range = try fitted.stack("open-clip-2021").memoryRange.value
    #expect(range.low == min(1, spread.unseenLow))
    #expect(range.typical == 1)
    #expect(range.high == max(1, spread.unseenHigh))
    let core = try fitted.stack("foretrain-core").memoryRange.value
    #expect(core.low == 0.99 && core.high == 1.01)
  }

  @Test("a peak's interval is its reading's, and wider for an unknown series")
  func memoryIntervals() throws {
    let refit = try Refit(cases, loader: loader)
    var fitted = loader
    fitted.constants = refit.constants
    let predictor = CasePredictor(setter: try CaseSetter(loader: fitted))
    var published = try #require(cases.first { $0.series == "eva01-video" })
    func ratio() throws -> (low: Double, high: Double) {
      let figure = try #require(
        try predictor.predict(published).figures.first { $0.measurement.kind == .peakMemory })
      let predicted = figure.predicted
      return (predicted.low / predicted.typical, predicted.high / predicted.typical)
    }
    let spread = try #require(refit.constants.memory["allocated"])
    let known = try ratio()
    #expect(abs(known.low - min(1, spread.low)) < 1e-9)
    #expect(abs(known.high - max(1, spread.high)) < 1e-9)
    published.group = "other/run"
    let unknown = try ratio()
    #expect(abs(unknown.low - min(1, spread.unseenLow)) < 1e-9)
    #expect(unknown.low <= known.low && unknown.high >= known.high)
  }

  @Test("series, software and devices that were not fitted have wider intervals")
  func wider() throws {
    var fitted = loader
    fitted.constants = try Refit(cases, loader: loader).constants
    let predictor = CasePredictor(setter: try CaseSetter(loader: fitted))
    func width(_ edit: (inout PublishedCase) -> Void) throws -> Double {
      var published = try #require(cases.first { $0.series == "infcl-l14" })
      edit(&published)
      let step = try #require(try predictor.predict(published).step)
      return step.high / step.low
    }
    let known = try width { _ in }
    let series = try width { $0.group = "other/run" }
    let software = try width {
      $0.group = "other/run"
      $0.strategy.software = "inf-cl-next"
    }
    let device = try width {
      $0.group = "other/run"
      $0.strategy.software = "inf-cl-next"
      $0.hardware.accelerator = "b300-288gb"
    }
    #expect(known <= series && series <= software && software < device)
  }
}
