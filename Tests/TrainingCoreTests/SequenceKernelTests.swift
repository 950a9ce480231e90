import TestSupport
import Testing
import TrainingCore
import Workloads

/// Class token, robust class token, positions, a position for the class token.
private let layouts = [
  (false, false, false, false), (false, false, true, false), (true, false, false, false),
  (true, false, true, true), (true, false, true, false), (true, true, true, true),
  (true, true, false, false),
]

@Suite("Kernels that put token sequences together")
struct SequenceKernelTests {
  /// Sums of a few numbers of size 2, in fp32.
  private let rounding = 2e-6

  @Test("image tokens and the gradients of all their parts", arguments: layouts)
  func imageTokens(hasClass: Bool, hasRobust: Bool, hasPositions: Bool, placed: Bool) {
    var generator = SeededGenerator(seed: 21)
    let (samples, count, width) = (3, 4, 5)
    let tokens = count + (hasClass ? 1 : 0)
    let patches = Floats.random(samples * count * width, using: &generator)
    let lambda = Floats([0, 0.3, 1])
    func optional(_ wanted: Bool, _ count: Int) -> Floats? {
      wanted ? Floats.random(count, using: &generator) : nil
    }
    let classToken = optional(hasClass, width)
    let robust = optional(hasRobust, width)
    let positions = optional(hasPositions, (count + (placed ? 1 : 0)) * width)
    let dy = Floats.random(samples * tokens * width, using: &generator)
    func forward(
      patches p: [Double]? = nil, classToken c: [Double]? = nil, robust r: [Double]? = nil,
      positions e: [Double]? = nil
    ) -> [Double] {
      ReferenceTokens.image(
        patches: p ?? patches.doubles, classToken: c ?? classToken?.doubles ?? [],
        robust: r ?? robust?.doubles ?? [], lambda: lambda.doubles,
        positions: e ?? positions?.doubles ?? [], classTokenPosition: placed, samples: samples,
        width: width)
    }
    for traced in TracedCore.both {
      let y = Floats.garbage(samples * tokens * width)
      traced.core.imageTokens(
        patches, classToken: classToken, robustClassToken: robust,
        lambda: hasRobust ? lambda : nil, positions: positions, classTokenPosition: placed,
        samples: samples, patches: count, width: width, into: y)
      let parameters = [classToken, robust, positions].reduce(0) { $0 + ($1?.count ?? 0) }
      let mixing = hasRobust ? samples : 0
      traced.expect(
        .elementwise, reads: patches.count + parameters + mixing, writes: y.count)
      #expect(worstError(y, forward()) < rounding)

      let dPatches = Floats.garbage(patches.count)
      func start(_ parameter: Floats?) -> Floats? {
        parameter.map { Floats([Float](repeating: 1, count: $0.count)) }
      }
      let (dClass, dRobust) = (start(classToken), start(robust))
      let dPositions = start(positions)
      traced.core.imageTokensBackward(
        dy, lambda: hasRobust ? lambda : nil, classTokenPosition: placed, samples: samples,
        patches: count, width: width, into: dPatches, classGradient: dClass,
        robustGradient: dRobust, positionsGradient: dPositions)
      traced.expect(
        .elementwise, reads: dy.count + mixing, writes: patches.count + parameters)
      #expect(
        worstError(
          dPatches, slopes(at: patches.doubles) { inner(forward(patches: $0), dy.doubles) })
          < rounding)
      if let classToken, let dClass {
        let slope = slopes(at: classToken.doubles) { inner(forward(classToken: $0), dy.doubles) }
        #expect(worstError(dClass, slope.map { $0 + 1 }) < rounding)
      }
      if let robust, let dRobust {
        let slope = slopes(at: robust.doubles) { inner(forward(robust: $0), dy.doubles) }
        #expect(worstError(dRobust, slope.map { $0 + 1 }) < rounding)
      }
      if let positions, let dPositions {
        let slope = slopes(at: positions.doubles) { inner(forward(positions: $0), dy.doubles) }
        #expect(worstError(dPositions, slope.map { $0 + 1 }) < rounding)
      }
    }
  }

  @Test("gradients that nobody wants are neither computed nor reported")
  func imageTokensInputOnly() {
    for traced in TracedCore.both {
      let dPatches = Floats.garbage(2 * 3)
      traced.core.imageTokensBackward(
        Floats([1, 2, 3, 4, 5, 6, 7, 8]), lambda: nil, classTokenPosition: true, samples: 2,
        patches: 3, width: 1, into: dPatches, classGradient: nil, robustGradient: nil,
        positionsGradient: nil)
      traced.expect(.elementwise, reads: 8, writes: 6)
      #expect(dPatches.values == [2, 3, 4, 6, 7, 8])
    }
  }

  @Test("with lambda 0 the robust class token leaves no trace, bit for bit")
  func untransformed() {
    var generator = SeededGenerator(seed: 22)
    let (samples, count, width) = (3, 2, 37)
    let patches = Floats.random(samples * count * width, using: &generator)
    let classToken = Floats.random(width, using: &generator)
    let robust = Floats.random(width, using: &generator)
    let positions = Floats.random(3 * width, using: &generator)
    let zeros = FloatBuffer(count: samples).all
    let dy = Floats.random(samples * 3 * width, using: &generator)
    let core = cores[0]
    let results = [nil, zeros].map { lambda in
      let y = Floats.garbage(samples * 3 * width)
      core.imageTokens(
        patches, classToken: classToken, robustClassToken: lambda.map { _ in robust },
        lambda: lambda, positions: positions, classTokenPosition: true, samples: samples,
        patches: count, width: width, into: y)
      let gradient = FloatBuffer(count: width).all
      let robustGradient = FloatBuffer(count: width).all
      core.imageTokensBackward(
        dy, lambda: lambda, classTokenPosition: true, samples: samples, patches: count,
        width: width, into: nil, classGradient: gradient,
        robustGradient: lambda.map { _ in robustGradient }, positionsGradient: nil)
      #expect(robustGradient.values.allSatisfy { $0 == 0 })
      return y.values + gradient.values
    }
    #expect(results[0] == results[1])
  }

  @Test("positions and further tables, and their gradients", arguments: [0, 1, 2, 3])
  func addPositions(count: Int) {
    var generator = SeededGenerator(seed: 23)
    let (samples, tokens, width) = (3, 4, 6)
    let x = Floats.random(samples * tokens * width, using: &generator)
    // Tables may be longer than what is used of them.
    let tables = (0..<count).map { index in
      Floats.random((index == 0 ? tokens + 2 : 2) * width, using: &generator)
    }
    let dy = Floats.random(x.count, using: &generator)
    let held = tables.reduce(0) { $0 + $1.count }
    for traced in TracedCore.both where count > 0 {
      let y = Floats.garbage(x.count)
      traced.core.addPositions(x, tables: tables, tokens: tokens, width: width, into: y)
      traced.expect(.elementwise, reads: x.count + held, writes: x.count)
      let wanted = ReferenceTokens.positions(
        x.doubles, tables: tables.map(\.doubles), tokens: tokens, width: width)
      #expect(worstError(y, wanted) < rounding)
    }
    for traced in TracedCore.both {
      let dx = Floats.garbage(x.count)
      let gradients = tables.map { Floats([Float](repeating: 1, count: $0.count)) }
      traced.core.addPositionsBackward(
        dy, tokens: tokens, width: width, into: dx, tableGradients: gradients)
      traced.expect(.elementwise, reads: x.count, writes: x.count + held)
      #expect(dx.values == dy.values)
      for index in tables.indices {
        let slope = slopes(at: tables[index].doubles) { moved in
          var all = tables.map(\.doubles)
          all[index] = moved
          return inner(
            ReferenceTokens.positions(x.doubles, tables: all, tokens: tokens, width: width),
            dy.doubles)
        }
        #expect(worstError(gradients[index], slope.map { $0 + 1 }) < rounding)
      }
    }
  }

  @Test("the average token and its gradient")
  func meanTokens() {
    var generator = SeededGenerator(seed: 24)
    let (samples, tokens, width) = (3, 5, 7)
    let x = Floats.random(samples * tokens * width, using: &generator)
    let dy = Floats.random(samples * width, using: &generator)
    for traced in TracedCore.both {
      let y = Floats.garbage(samples * width)
      traced.core.meanTokens(x, samples: samples, tokens: tokens, width: width, into: y)
      traced.expect(.elementwise, reads: x.count, writes: y.count)
      let mean = { ReferenceTokens.mean($0, samples: samples, tokens: tokens, width: width) }
      #expect(worstError(y, mean(x.doubles)) < rounding)
      let dx = Floats.garbage(x.count)
      traced.core.meanTokensBackward(
        dy, samples: samples, tokens: tokens, width: width, into: dx)
      traced.expect(.elementwise, reads: dy.count, writes: dx.count)
      #expect(worstError(dx, slopes(at: x.doubles) { inner(mean($0), dy.doubles) }) < rounding)
    }
  }

  @Test("a scale by column and its two gradients, also in place")
  func scaleColumns() {
    var generator = SeededGenerator(seed: 25)
    let (rows, width) = (4, 19)
    let x = Floats.random(rows * width, using: &generator)
    let scale = Floats.random(width, using: &generator)
    let dy = Floats.random(rows * width, using: &generator)
    for traced in TracedCore.both {
      let y = Floats.garbage(rows * width)
      traced.core.scaleColumns(x, scale: scale, rows: rows, into: y)
      traced.expect(.elementwise, reads: x.count + width, writes: y.count)
      #expect(
        worstError(y, ReferenceTokens.scaledColumns(x.doubles, scale: scale.doubles)) < rounding)
      let (dx, dscale) = (Floats(dy.values), Floats([Float](repeating: 1, count: width)))
      traced.core.scaleColumnsBackward(
        dx, x: x, scale: scale, rows: rows, into: dx, scaleGradient: dscale)
      traced.expect(.elementwise, reads: 2 * x.count + width, writes: x.count + width)
      let input = slopes(at: x.doubles) {
        inner(ReferenceTokens.scaledColumns($0, scale: scale.doubles), dy.doubles)
      }
      let slope = slopes(at: scale.doubles) {
        inner(ReferenceTokens.scaledColumns(x.doubles, scale: $0), dy.doubles)
      }
      #expect(worstError(dx, input) < rounding)
      #expect(worstError(dscale, slope.map { $0 + 1 }) < rounding)
      traced.core.scaleColumnsBackward(
        dy, x: nil, scale: scale, rows: rows, into: dx, scaleGradient: nil)
      traced.expect(.elementwise, reads: x.count + width, writes: x.count)
      #expect(worstError(dx, input) < rounding)
    }
  }

  @Test("a factor for each sample, which is its own backward")
  func scaleSamples() {
    var generator = SeededGenerator(seed: 26)
    let x = Floats.random(4 * 9, using: &generator)
    let factors = Floats([0, 1.25, 1, 0.5])
    for traced in TracedCore.both {
      let y = Floats.garbage(36)
      traced.core.scaleSamples(x, factors: factors, elements: 9, into: y)
      traced.expect(.elementwise, reads: 40, writes: 36)
      #expect(
        worstError(y, ReferenceTokens.scaledSamples(x.doubles, factors: factors.doubles))
          < rounding)
    }
  }
}
