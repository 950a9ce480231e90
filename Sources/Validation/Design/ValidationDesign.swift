import Training
import Workloads

/// The designed set of small real runs.
public enum ValidationDesign {
  /// Plain runs over widths, depths, lengths, batches and both MLPs; ways to save memory; BLIP-2;
  /// then every calibration method beside its baseline.
  public static var runs: [ValidationRun] { plain + savings + bridges + methods }

  // MARK: Plain training

  private static func pair(
    _ id: String, _ title: String, batch: Int, _ change: (inout SmallModels.Sizes) -> Void
  ) -> ValidationRun {
    var sizes = SmallModels.Sizes()
    change(&sizes)
    return ValidationRun(
      id: id, title: title, model: SmallModels.pair(id, sizes), microBatch: batch)
  }

  private static var plain: [ValidationRun] {
    [
      pair("w64-d12", "64 wide, 12 deep", batch: 48) {
        ($0.width, $0.head, $0.layers) = (64, 32, 12)
      },
      pair("w128-d2", "128 wide, 2 deep", batch: 72) {
        ($0.width, $0.head, $0.layers) = (128, 32, 2)
      },
      pair("w192-d6", "192 wide, 6 deep", batch: 36) { ($0.width, $0.layers) = (192, 6) },
      pair("w256-d8", "256 wide, 8 deep", batch: 24) { ($0.width, $0.layers) = (256, 8) },
      pair("w384-d4", "384 wide, 4 deep", batch: 28) { ($0.width, $0.layers) = (384, 4) },
      pair("w512-d3", "512 wide, 3 deep", batch: 32) { ($0.width, $0.layers) = (512, 3) },
      pair("long-image", "197 image tokens", batch: 12) {
        ($0.image, $0.patch, $0.layers) = (112, 8, 3)
      },
      pair("long-text", "77 text tokens", batch: 40) {
        ($0.text, $0.width, $0.layers) = (77, 192, 4)
      },
      pair("small-batch", "a batch of 6", batch: 6) { ($0.image, $0.layers) = (64, 4) },
      pair("large-batch", "a batch of 160", batch: 160) { ($0.width, $0.layers) = (128, 3) },
      pair("two-widths", "towers of 320 and 128", batch: 30) {
        ($0.width, $0.textWidth, $0.layers, $0.textLayers) = (320, 128, 4, 6)
      },
      pair("swiglu", "SwiGLU with norms inside and rotary positions", batch: 26) {
        ($0.gated, $0.width, $0.image, $0.layers) = (true, 256, 56, 4)
      },
      pair("swiglu-wide", "the same, 448 wide", batch: 20) {
        ($0.gated, $0.width, $0.layers) = (true, 448, 3)
      },
      pair("sigmoid", "the pairwise sigmoid loss", batch: 52) {
        ($0.sigmoid, $0.width, $0.layers) = (true, 256, 3)
      },
    ]
  }

  // MARK: Ways to save memory

  private static var savings: [ValidationRun] {
    var runs: [ValidationRun] = []
    func add(
      _ id: String, _ title: String, batch: Int, change: (inout ValidationRun) -> Void
    ) {
      var run = pair(id, title, batch: batch) { ($0.image, $0.layers) = (64, 4) }
      change(&run)
      runs.append(run)
    }
    add("unfused", "attention in three kernels", batch: 22) { $0.attention = .unfused }
    add("recompute-full", "every block run again", batch: 18) { $0.recomputation = .full }
    add("recompute-selective", "attention's core run again", batch: 21) {
      $0.recomputation = .selective
      $0.attention = .unfused
    }
    add("accumulate", "four micro-batches with cached features", batch: 11) {
      $0.accumulation = 4
    }
    add("frozen-image", "a frozen image tower", batch: 34) { $0.frozen = ["image"] }
    add("patch-dropout", "half of the patches dropped", batch: 44) { $0.patchDropout = 0.5 }
    add("lamb", "LAMB", batch: 13) { $0.rule = .lamb }
    return runs
  }

  private static var bridges: [ValidationRun] {
    [("blip2-small", 128, 4, 8, 32, 14), ("blip2-wide", 256, 2, 16, 40, 10)].map {
      id, width, layers, queries, text, batch in
      var run = ValidationRun(
        id: id, title: "BLIP-2 stage 1, \(width) wide",
        model: SmallModels.bridge(id, width: width, layers: layers, queries: queries, text: text),
        microBatch: batch)
      run.frozen = ["image"]
      return run
    }
  }

  // MARK: Calibration methods

  private static var methods: [ValidationRun] {
    let base = pair("base", "the baseline of the methods", batch: 42) {
      ($0.image, $0.width, $0.layers) = (56, 192, 4)
    }
    let wide = pair("base-wide", "the baseline of wider towers", batch: 19) {
      ($0.image, $0.width, $0.layers) = (64, 320, 3)
    }
    func run(
      _ base: ValidationRun, _ method: CalibrationMethod, _ steps: Int,
      change: (inout CalibrationSettings) -> Void = { _ in }
    ) -> ValidationRun {
      var run = base
      run.calibration = CalibrationSettings(method: method)
      run.calibration.attackSteps = steps
      // Every step compares layers, or none but the first. The clean branch of `at-lr` is kept whole
      // where it is compared, and only there: every step must hold what is priced.
      run.calibration.refreshSteps = [.layerProbe, .atLR].contains(method) ? 1 : 1000
      change(&run.calibration)
      let conditioning = run.calibration.conditioning
      let words = [.none, .classToken].contains(conditioning) ? "" : "-\(conditioning.rawValue)"
      run.id = "\(base.id)-\(method.rawValue)\(words)-k\(steps)"
      run.title = method.summary + ", K = \(steps)"
      run.baseline = base.id
      return run
    }
    return [
      base, run(base, .lossReweight, 0), run(base, .layerProbe, 2), run(base, .atLR, 2),
      run(base, .oat, 1), run(base, .oat, 3) { $0.conditioning = .dualAffine },
      run(base, .lsaITC, 0), run(base, .lsaITC, 1), run(base, .lsaITC, 2),
      run(base, .lsaITC, 3), run(base, .lsaITCSequential, 2), run(base, .anchored, 1),
      run(base, .teacher, 0), wide, run(wide, .lsaITC, 2) { $0.conditioning = .film },
      run(wide, .atLR, 3), run(wide, .lsaITCSequential, 1),
    ]
  }
}
