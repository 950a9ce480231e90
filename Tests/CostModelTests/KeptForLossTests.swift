import Clusters
import CostModel
import Quantities
import Strategies
import TestSupport
import Testing
import Workloads

/// Bytes of losses and inputs that were counted wrongly once.
struct KeptForLossTests {
  private var style: KernelStyle {
    SampleSetups.autocastStack.style(precision: .ampBF16, attention: .flash)
  }

  private func analysis(_ loss: ContrastiveLossSpec) -> SegmentAnalysis {
    let spec = SegmentSpec.contrastiveLoss(loss)
    return SegmentAnalysis(
      graph: spec.graph(BlockShape(samples: loss.imageRows, tokens: 1), style: style),
      need: .all, gradientType: .float32)
  }

  /// By hand, per logit: two fp32 log-softmaxes stay (4 + 4); the backward of one adds its fp32
  /// gradient twice (4 + 4).
  ///
  /// The scale multiplies features, so no unscaled logits stay. Published peaks of the loss alone
  /// are 16.4 to 16.8 bytes.
  @Test(arguments: [false, true])
  func contrastiveLogitsTakeSixteenBytes(isGlobal: Bool) {
    let columns = 65_536
    let rows = isGlobal ? columns : 8_192
    var loss = ContrastiveLossSpec(
      imageRows: rows, textRows: isGlobal ? 0 : rows, columns: columns, width: 64)
    loss.sharedMatrix = isGlobal
    let found = analysis(loss)
    let logits = Double(rows) * Double(columns)
    #expect(abs(Double(found.keptBytes) / logits - 8) < 0.1)
    #expect(Double(found.backwardPeakBytes) / logits > 15.9)
    #expect(Double(found.backwardPeakBytes) / logits < 17)
  }

  /// 32 queries against every text: the broadcast copy of one side, 32 w 2 bytes per pair, in both
  /// directions.
  @Test func competingVectorsAreCopiedForEveryPair() {
    let found = analysis(
      ContrastiveLossSpec(
        imageRows: 16, textRows: 16, columns: 128, width: 256, vectorsPerImage: 32))
    let copies = 2.0 * 16 * 128 * 32 * 256 * 2
    #expect(Double(found.keptBytes) > copies)
    #expect(Double(found.keptBytes) < 1.05 * copies)
  }

  /// The global form is one product: no copy for every pair.
  @Test func theGlobalFormCopiesNothing() {
    var loss = ContrastiveLossSpec(
      imageRows: 128, textRows: 0, columns: 128, width: 256, vectorsPerImage: 32)
    loss.sharedMatrix = true
    let copies = 128 * 128 * 32 * 256 * 2
    #expect(analysis(loss).backwardPeakBytes < copies / 10)
  }

  private func peak(_ microBatch: Int, accumulation: Int, size: Int) -> Double {
    let block = BlockSpec(width: 64, heads: 4, mlpWidth: 256)
    let image = VisionTowerSpec(
      imageSize: size, patchSize: size / 4, block: block, layers: 4, outputWidth: 32)
    var model = SampleModels.tiny
    guard case .clip(_, let text) = model.family else { return 0 }
    model.family = .clip(image: image, text: text)
    let strategy = SampleSetups.strategy(
      microBatch: microBatch, ranks: 1, accumulation: accumulation,
      software: SampleSetups.autocastStack)
    return Estimator(
      scenario: "images",
      workload: SampleSetups.workload(model, globalBatch: strategy.globalBatch),
      cluster: Cluster(profile: SampleHardware.a100(memoryGiB: 40), accelerators: 1)
    ).estimate(strategy, complete: false).memory.activations.value
  }

  /// Autocast holds fp32 images beside their cast, and a cached batch holds all of its images.
  @Test func imagesStayOnTheDevice() {
    let images = { (count: Int, size: Int) in Double(count * 3 * size * size) }
    // The same tokens from images four times as large: only what pixels cost differs.
    let more = peak(32, accumulation: 1, size: 256) - peak(32, accumulation: 1, size: 128)
    let pixels = images(32, 256) - images(32, 128)
    #expect(abs(more / pixels - 6) < 0.1)
    // Features of the whole batch are small: almost all of the growth is images.
    let growth = peak(8, accumulation: 16, size: 256) - peak(8, accumulation: 8, size: 256)
    #expect(abs(growth / (4 * images(64, 256)) - 1) < 0.05)
  }

  /// One kernel on 16-bit logits: 2 bytes stay and 2 are the gradient, instead of 4 + 4 + 4.
  @Test func aFusedCrossEntropyKeepsLogitsOnly() {
    let block = BlockSpec(width: 64, heads: 4, mlpWidth: 256)
    let language = LanguageModelSpec(
      vocabulary: 50_368, block: block, layers: 2, positions: 256, tokens: 256)
    func found(_ isFused: Bool) -> SegmentAnalysis {
      var style = SampleSetups.masterCopyStack.style(precision: .ampBF16, attention: .flash)
      style.fusedCrossEntropy = isFused
      let shape = BlockShape(samples: 8, tokens: 256)
      return SegmentAnalysis(
        graph: SegmentSpec.languageHead(language).graph(shape, style: style), need: .all,
        gradientType: .bfloat16)
    }
    let logits = 8.0 * 256 * 50_368
    #expect(abs(Double(found(true).keptBytes) / logits - 2) < 0.05)
    #expect(abs(Double(found(true).backwardPeakBytes) / logits - 4) < 0.05)
    #expect(Double(found(false).backwardPeakBytes) / logits > 11.9)
  }
}
