import Foundation
import PublishedCases
import Scenarios
import Testing

struct AttackPairTests {
  private let loader: ScenarioLoader

  init() {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path(percentEncoded: false)
    loader = ScenarioLoader(
      data: DataFolders(roots: [String(root.dropLast())], userData: root + "no-such-folder"))
  }

  @Test func passesAreCountedAsTheLogsDo() throws {
    let pairs = try AttackPair.shipped(loader)
    #expect(pairs.count == 8)
    func passes(_ id: String, weights: Bool) throws -> Double {
      try #require(pairs.first { $0.id == id }).passes(weightGradients: weights)
    }
    #expect(try passes("ro-pgd10-vs-fgsm-a", weights: true) == 35.0 / 8)
    #expect(try passes("ro-wrn34-10-pgd10-vs-plain", weights: true) == 35.0 / 4)
    #expect(try passes("free-c100-pgd2", weights: false) == 7.0 / 3)
    #expect(try passes("advprop-rn50-pgd1", weights: true) == 3)
  }

  @Test func predictedRatiosAreNearTheirPassCounts() throws {
    for score in try PairScore.all(AttackPair.shipped(loader), loader: loader) {
      for (predicted, passes) in zip(score.predicted, score.passes) {
        #expect(abs(predicted / passes - 1) < 0.15, "\(score.pair.id)")
      }
      #expect(score.agrees, "\(score.pair.id)")
    }
  }

  @Test func wrongCellsAreToldTogetherWithTheirPlaces() throws {
    let text = """
      id,method,steps,baseline_steps,attack_gradients,trains_clean,extra_forwards,\
      baseline_extra_forwards,ratio_low,ratio_high,source
      a,PGD-10,many,1,weights,false,2,2,4.3,4.3,x
      b,PGD-10,10,1,both,false,2,2,,4.3,x
      """
    let errors = try #require(throws: FileErrors.self) {
      try AttackPair.read(SourceFile(name: "pairs.csv", text: text))
    }
    #expect(errors.diagnostics.map(\.location.line) == [2, 3, 3])
    #expect("\(errors)".contains("pairs.csv:2:10: error: 'steps': 'many' is not a whole number"))
    #expect("\(errors)".contains("ratio_low"))
  }
}
