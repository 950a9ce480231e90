import Testing
import TrainingData

@Suite("Random numbers by counter")
struct CounterGeneratorTests {
  // Known answers of Random123 1.14.0, tests/kat_vectors, philox4x32 with 10 rounds.
  @Test("Philox gives its published answers")
  func knownAnswers() {
    let zero = CounterGenerator.block(counter: (0, 0, 0, 0), key: (0, 0))
    #expect(zero == (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    let full = UInt32.max
    let ones = CounterGenerator.block(counter: (full, full, full, full), key: (full, full))
    #expect(ones == (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    let pi = CounterGenerator.block(
      counter: (0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
      key: (0xa409_3822, 0x299f_31d0))
    #expect(pi == (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test("A sequence is the blocks of its counter, in order")
  func sequence() {
    var generator = CounterGenerator(seed: 0x0000_0002_0000_0001, stream: 7, index: 5 << 32 | 9)
    let first = CounterGenerator.block(counter: (9, 5, 7, 0), key: (1, 2))
    let second = CounterGenerator.block(counter: (9, 5, 7, 1), key: (1, 2))
    let drawn = (0..<5).map { _ in generator.next32() }
    #expect(drawn == [first.0, first.1, first.2, first.3, second.0])
  }

  @Test("Seed, stream and index each name another sequence")
  func names() {
    let names: [(UInt64, UInt32, UInt64)] = [(1, 0, 0), (2, 0, 0), (1, 1, 0), (1, 0, 1)]
    let firsts = names.map { name -> UInt64 in
      var generator = CounterGenerator(seed: name.0, stream: name.1, index: name.2)
      return generator.next()
    }
    #expect(Set(firsts).count == names.count)
  }

  @Test("Draws stay in their ranges and reach all of them")
  func ranges() {
    var generator = CounterGenerator(seed: 3, stream: 0, index: 0)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<7000 {
      counts[generator.below(7)] += 1
      #expect((0..<1).contains(generator.unit()))
      #expect((-2...3).contains(generator.between(-2, 3)))
    }
    // 1000 expected, standard deviation 29: 150 is five of them.
    #expect(counts.allSatisfy { abs($0 - 1000) < 150 })
    var order = Array(0..<50)
    generator.shuffle(&order)
    #expect(order != Array(0..<50))
    #expect(order.sorted() == Array(0..<50))
  }
}
