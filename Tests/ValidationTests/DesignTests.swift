import Testing
import Workloads

@testable import Validation

@Suite("The designed runs")
struct DesignTests {
  let runs = ValidationDesign.runs

  @Test("there are at least 24, each with an id of its own and a baseline that exists")
  func set() {
    #expect(runs.count >= 24)
    let ids = runs.map(\.id)
    #expect(Set(ids).count == ids.count)
    for run in runs {
      guard let baseline = run.baseline else { continue }
      #expect(ids.contains(baseline), "\(run.id)")
    }
  }

  @Test("they cover widths, depths, both MLPs, every way to save memory and every method")
  func coverage() {
    let blocks = runs.compactMap { run -> BlockSpec? in
      switch run.model.family {
      case .clip(let image, _), .sigLIP(let image, _), .blip2Stage1(let image, _): image.block
      default: nil
      }
    }
    #expect(blocks.map(\.width).min() == 64 && blocks.map(\.width).max() == 512)
    #expect(Set(blocks.map(\.mlp)).isSuperset(of: [.gelu, .swiGLU]))
    #expect(Set(runs.map(\.recomputation)).count == 3)
    #expect(runs.contains { $0.accumulation > 1 })
    #expect(runs.contains { $0.frozen == ["image"] && $0.baseline == nil })
    #expect(runs.contains { $0.patchDropout > 0 })
    #expect(Set(runs.map(\.calibration.method)) == Set(CalibrationMethod.allCases))
    let steps = Set(runs.filter { $0.calibration.method == .lsaITC }.map(\.calibration.attackSteps))
    #expect(steps == [0, 1, 2, 3])
  }

  @Test(
    "no axis of the scaling has fewer than three sizes below half of the largest, threads aside")
  func scaling() {
    for axis in ScalingAxis.all(cores: 2) where axis.kind != .threads {
      let largest = axis.sizes.last?.value ?? 0
      #expect(axis.sizes.filter { $0.value <= largest / 2 }.count >= 3, "\(axis.kind)")
      #expect(axis.sizes.map(\.value) == axis.sizes.map(\.value).sorted())
    }
    #expect(ScalingAxis.all(cores: 1).allSatisfy { $0.kind != .threads })
  }
}
