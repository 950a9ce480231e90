import TestSupport
import Testing
import TrainingCore

/// Sizes above the threshold below which kernels stay on one thread.
private let (samples, tokens, width) = (6, 17, 200)
private let rows = samples * tokens

@Suite("Light kernels give the same bits for any number of workers, sums over rows within rounding")
struct WorkerIndependenceTests {
  private let x: Floats
  private let dy: Floats

  init() {
    var generator = SeededGenerator(seed: 61)
    x = Floats.random(rows * width, using: &generator)
    dy = Floats.random(rows * width, using: &generator)
  }

  private func copy(_ count: Int) -> Floats { Floats((0..<count).map { Float($0 % 7) / 8 }) }

  @Test("rows that are gathered, scattered and summed")
  func gathering() {
    let ids = (0..<rows).map { Int32($0 * 37 % 50) }
    let picked = (0..<rows / 2).map { Int32(2 * $0 + 1) }
    let results = sameForAllWorkers("gathers") { core in
      let (y, table) = (Floats.garbage(rows * width), copy(50 * width))
      core.lookup(x.part(0, 50 * width), ids: ids, width: width, into: y)
      core.lookupBackward(dy, ids: ids, width: width, into: table)
      let (some, all) = (Floats.garbage(picked.count * width), Floats.garbage(rows * width))
      core.selectRows(x, width: width, rows: picked, into: some)
      core.selectRowsBackward(some, width: width, rows: picked, into: all)
      return [y, table, some, all]
    }
    let wanted = ReferenceTokens.rows(x.doubles, ids, width: width)
    #expect(results[0].map(Double.init) == wanted)
  }

  @Test("sequences put together, averaged and scaled")
  func sequences() {
    sameForAllWorkers("joins", sums: 1) { core in
      let parts = [
        (FloatMatrix(x, rows: rows, columns: width), tokens: tokens),
        (FloatMatrix(dy, rows: rows, columns: width), tokens: tokens),
      ]
      let (joined, first) = (Floats.garbage(2 * rows * width), Floats.garbage(rows * width))
      core.joinTokens(parts, samples: samples, into: joined)
      core.splitTokens(
        joined, samples: samples,
        into: [
          (FloatMatrix(first, rows: rows, columns: width), tokens: tokens), (nil, tokens: tokens),
        ])
      #expect(first.values == x.values)
      let (mean, back) = (Floats.garbage(samples * width), Floats.garbage(rows * width))
      core.meanTokens(x, samples: samples, tokens: tokens, width: width, into: mean)
      core.meanTokensBackward(mean, samples: samples, tokens: tokens, width: width, into: back)
      let (repeated, sum) = (Floats.garbage(rows * width), Floats.garbage(tokens * width))
      core.repeatRows(x.part(0, tokens * width), copies: samples, into: repeated)
      core.sumCopies(dy, copies: samples, into: sum, accumulating: false)
      let (scaled, dx) = (Floats.garbage(rows * width), Floats.garbage(rows * width))
      let dscale = copy(width)
      core.scaleColumns(x, scale: copy(width), rows: rows, into: scaled)
      core.scaleColumnsBackward(
        dy, x: x, scale: copy(width), rows: rows, into: dx, scaleGradient: dscale)
      let dropped = Floats.garbage(rows * width)
      core.scaleSamples(x, factors: copy(samples), elements: tokens * width, into: dropped)
      return [joined, first, mean, back, repeated, sum, scaled, dx, dropped, dscale]
    }
  }

  @Test("image tokens and positions, with gradients")
  func imageTokens() {
    let patches = x.part(0, samples * (tokens - 1) * width)
    sameForAllWorkers("image tokens", sums: 1) { core in
      let (y, dPatches) = (Floats.garbage(rows * width), Floats.garbage(patches.count))
      let (dClass, dRobust, dTable) = (copy(width), copy(width), copy(tokens * width))
      core.imageTokens(
        patches, classToken: copy(width), robustClassToken: dy.part(0, width),
        lambda: copy(samples), positions: copy(tokens * width), classTokenPosition: true,
        samples: samples, patches: tokens - 1, width: width, into: y)
      core.imageTokensBackward(
        dy, lambda: copy(samples), classTokenPosition: true, samples: samples,
        patches: tokens - 1, width: width, into: dPatches, classGradient: dClass,
        robustGradient: dRobust, positionsGradient: dTable)
      let (placed, dx) = (Floats.garbage(rows * width), Floats.garbage(rows * width))
      let gradients = [copy(tokens * width), copy(width)]
      core.addPositions(x, tables: gradients, tokens: tokens, width: width, into: placed)
      core.addPositionsBackward(
        dy, tokens: tokens, width: width, into: dx, tableGradients: gradients)
      return [y, dPatches, dClass, dRobust, dTable, placed, dx] + gradients
    }
  }

  @Test("features, logits and losses")
  func losses() {
    let labels = (0..<rows).map { Int32($0 % 9 == 4 ? -1 : $0) }
    let columnLabels = (0..<width).map { Int32($0 % 9 == 4 ? -1 : $0 % rows) }
    sameForAllWorkers("losses") { core in
      let (unit, dx) = (Floats.garbage(rows * width), Floats.garbage(rows * width))
      core.normaliseRows(x, rows: rows, width: width, into: unit)
      core.normaliseRowsBackward(dy, x: x, rows: rows, width: width, into: dx)
      let (scaled, ds, db) = (Floats.garbage(rows * width), copy(1), copy(1))
      core.scaleByExp(x, logScale: Floats([1.5]), into: scaled)
      core.scaleByExpBackward(
        dy, x: x, logScale: Floats([1.5]), into: nil, logScaleGradient: ds, biasGradient: db)
      let best = Floats.garbage(samples * width)
      let routed = Floats.garbage(rows * width)
      core.bestVector(x, vectors: tokens, columns: width, into: best)
      core.bestVectorBackward(best, x: x, vectors: tokens, columns: width, into: routed)
      var all = [unit, dx, scaled, ds, db, best, routed]
      for smoothing: Float in [0, 0.1] {
        let (byRow, byColumn) = (Floats.garbage(rows), Floats.garbage(width))
        let (dRows, dColumns) = (Floats.garbage(rows * width), Floats.garbage(rows * width))
        core.crossEntropyRows(x, labels: labels, smoothing: smoothing, into: byRow)
        core.crossEntropyRowsBackward(
          copy(rows), logits: x, labels: labels, smoothing: smoothing, into: dRows)
        core.crossEntropyColumns(x, labels: columnLabels, smoothing: smoothing, into: byColumn)
        core.crossEntropyColumnsBackward(
          copy(width), logits: x, labels: columnLabels, smoothing: smoothing, into: dColumns)
        all += [byRow, byColumn, dRows, dColumns]
      }
      let pairs = (0..<3).map { _ in Floats.garbage(rows) }
      let gradients = (0..<3).map { _ in Floats.garbage(rows * width) }
      core.sigmoidLoss(x, diagonalOffset: 5, into: pairs[0])
      core.sigmoidLossBackward(copy(rows), logits: x, diagonalOffset: 5, into: gradients[0])
      core.squaredDistance(x, dy, rows: rows, width: width, into: pairs[1])
      core.squaredDistanceBackward(
        copy(rows), a: x, b: dy, rows: rows, width: width, into: gradients[1])
      core.cosineDistance(x, dy, rows: rows, width: width, into: pairs[2])
      core.cosineDistanceBackward(
        copy(rows), a: x, b: dy, rows: rows, width: width, into: gradients[2])
      return all + pairs + gradients
    }
  }

  @Test("conditioning, comparison and rounding")
  func conditioning() {
    sameForAllWorkers("conditioning", sums: 1) { core in
      let (mixed, dNormed, dAffine) = (
        Floats.garbage(rows * width), Floats.garbage(rows * width), copy(4 * width)
      )
      core.mixAffine(
        x, affine: copy(4 * width), lambda: copy(samples), samples: samples, tokens: tokens,
        width: width, into: mixed)
      core.mixAffineBackward(
        dy, normed: x, affine: copy(4 * width), lambda: copy(samples), samples: samples,
        tokens: tokens, width: width, into: dNormed, affineGradient: dAffine)
      let factors = copy(samples * width)
      let (modulated, dx) = (Floats.garbage(rows * width), Floats.garbage(rows * width))
      let (dscale, dshift) = (Floats.garbage(factors.count), Floats.garbage(factors.count))
      core.film(
        x, scale: factors, shift: factors, samples: samples, tokens: tokens, width: width,
        into: modulated)
      core.filmBackward(
        dy, x: x, scale: factors, samples: samples, tokens: tokens, width: width, into: dx,
        scaleGradient: dscale, shiftGradient: dshift)
      let (d, n) = (Floats.garbage(samples), Floats.garbage(samples))
      let (dAttacked, dClean) = (Floats(x.values), Floats(dy.values))
      core.comparisonNorms(
        x, dy, samples: samples, elements: tokens * width, into: d, squaredNorms: n)
      core.comparisonBackward(
        copy(samples), clean: x, attacked: dy, squaredDistances: d, squaredNorms: n,
        samples: samples, elements: tokens * width, into: dAttacked, cleanGradient: dClean)
      let (half, brain) = (Floats(x.values), Floats(x.values))
      core.roundToFloat16(half)
      core.roundToBFloat16(brain)
      return [
        mixed, dNormed, modulated, dx, dscale, dshift, d, n, dAttacked, dClean, half, brain,
        dAffine,
      ]
    }
  }
}
