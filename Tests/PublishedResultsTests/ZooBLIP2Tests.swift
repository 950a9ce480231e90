import Scenarios
import Testing
import Workloads

/// Source: salesforce/LAVIS module definitions; Li et al., arXiv 2301.12597.
@Suite("Zoo against BLIP-2")
struct ZooBLIP2Tests {
  @Test("trained and frozen parameters equal the counts of the modules")
  func counts() throws {
    let rows = try Zoo.table("blip2-counts.csv")
    #expect(rows.count == 8)
    for row in rows {
      let id = try Zoo.name(row)
      let model = try Zoo.catalog.model(id).model
      let program = model.stepProgram(
        ProgramOptions(microBatch: 1, frozen: model.frozenByDefault))
      let trained = try Zoo.integer(row, "trainable_parameters")
      let frozen = try Zoo.integer(row, "frozen_parameters")
      #expect(program.trainableParameters == trained, "\(id)")
      #expect(program.parameters - program.trainableParameters == frozen, "\(id)")
      #expect(model.parameters == trained + frozen, "\(id)")
    }
  }

  /// Table 2 of the paper prints whole millions; stage 2's agree.
  ///
  /// Its totals count some heads differently and agree within 5 %.
  @Test("stage 2 rounds to the paper's figures")
  func published() throws {
    for row in try Zoo.table("blip2-counts.csv") {
      guard let total = row["published_total_billions"].flatMap({ Double($0) }) else { continue }
      let trained = try Zoo.integer(row, "trainable_parameters")
      let millions = try Zoo.integer(row, "published_trainable_millions")
      #expect((Double(trained) / 1e6).rounded() == Double(millions), "\(row)")
      let model = try Zoo.catalog.model(Zoo.name(row)).model
      #expect(abs(Double(model.parameters) / (total * 1e9) - 1) < 0.05, "\(row)")
    }
  }

  @Test("image tower and language model are frozen by default, the Q-Former never")
  func frozen() throws {
    for row in try Zoo.table("blip2-counts.csv") {
      let id = try Zoo.name(row)
      let model = try Zoo.catalog.model(id).model
      let expected: Set<String> = id.contains("stage1") ? ["image"] : ["image", "language"]
      #expect(model.frozenByDefault == expected, "\(id)")
    }
  }

  /// Hand counts in TFLOP (2 x MACs) by pass.
  ///
  /// ViT-g, then the Q-Former on queries, on text, on matching pairs (three per sample) and on
  /// captions. The second leaves its projection out.
  @Test("forward FLOP by pass of stage 1 with ViT-g")
  func flops() throws {
    let passes = try Zoo.catalog.model("blip2-stage1-vitg").model.forwardFlopsByTower
    let expected = [0.521, 0.0127, 0.0055, 0.0549, 0.0070]
    #expect(passes.count == expected.count)
    for (pass, value) in zip(passes, expected) {
      #expect(abs(pass.flops / 1e12 / value - 1) < 0.01, "\(pass)")
    }
  }
}
