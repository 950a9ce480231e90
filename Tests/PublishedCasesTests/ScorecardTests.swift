import PublishedCases
import Quantities
import Scenarios
import Testing

struct ScorecardTests {
  /// A prediction of a step of `typical` seconds where 1.5 s were measured.
  private func prediction(
    _ typical: Double?, group: String = "s/r", grade: String = "A",
    measured: String = "{\"kind\": \"step_seconds\", \"value\": 1.5}"
  ) throws -> CasePrediction {
    let text = CaseReaderTests.line
      .replacing("s/r", with: group).replacing("\"grade\": \"A\"", with: "\"grade\": \"\(grade)\"")
      .replacing(
        "{\"kind\": \"step_seconds\", \"value\": 1.5, \"bound\": \"exact\"}", with: measured)
    let published = try #require(
      try CaseReader.read(SourceFile(name: "c", text: text)).first)
    var prediction = CasePrediction(published: published)
    guard let typical else {
      prediction.problem = "cannot"
      return prediction
    }
    prediction.figures = published.measured.map { measurement in
      PredictedFigure(
        measurement: measurement,
        predicted: Range90(low: typical * 0.9, typical: typical, high: typical * 1.1),
        agrees: typical * 0.9 <= 1.5 && 1.5 <= typical * 1.1,
        error: measurement.bound == .exact ? typical / measurement.value - 1 : nil)
    }
    return prediction
  }

  @Test func errorsAreOfTheFirstTimeAlone() throws {
    let two =
      "{\"kind\": \"step_seconds\", \"value\": 1.5}, {\"kind\": \"wall_hours\", \"value\": 3}"
    let card = Scorecard([try prediction(1.65, measured: two)])
    #expect(card.times.count == 1)
    #expect(card.times[0].errors.count == 1)
    #expect(abs(card.times[0].errors[0] - 0.1) < 1e-12)
  }

  @Test func aRateIsScoredAsSecondsOfAStep() throws {
    // Predicted 3 samples/s where 1.5 were measured: half the seconds.
    let rate = "{\"kind\": \"samples_per_second_per_accelerator\", \"value\": 1.5}"
    let card = Scorecard([try prediction(3, measured: rate)])
    #expect(card.predictions[0].time?.error == 1)
    #expect(card.times[0].errors == [-0.5])
  }

  @Test func aCaseThatCannotRunIsAMiss() throws {
    let card = Scorecard([try prediction(1.5), try prediction(nil)])
    #expect(card.times[0].missed == 1)
    #expect(card.times[0].share(within: 0.1) == 0.5)
    #expect(card.unsupported.count == 1)
  }

  @Test func gradeCIsNeverScored() throws {
    #expect(Scorecard([try prediction(9, grade: "C")]).times.isEmpty)
  }

  @Test func boundsHaveNoError() throws {
    let bound = "{\"kind\": \"step_seconds\", \"value\": 1.5, \"bound\": \"upper\"}"
    let card = Scorecard([try prediction(1.4, measured: bound)])
    #expect(card.times[0].errors.isEmpty)
    #expect(card.times[0].bounds == 1 && card.times[0].boundsKept == 1)
  }

  @Test func seriesCountAlikeHoweverManyCasesTheyHave() throws {
    let card = Scorecard([
      try prediction(1.5, group: "a/1"), try prediction(1.5, group: "a/2"),
      try prediction(3.0, group: "b/1"),
    ])
    #expect(card.meanOverSeries == 0.5)
    #expect(card.times.map(\.name) == ["a", "b"])
  }
}
