import Foundation
import Scenarios
import Testing

/// Mutated scenarios, stacks and flags are read or refused, and never end the process.
@Suite("Fuzzing scenarios")
struct ScenarioFuzzTests {
  @Test("mutated scenarios", arguments: ["eva02-clip-e14-plus", "openclip-b16-laion400m"])
  func scenarios(_ id: String) throws {
    let loader = try ProjectData.loader()
    let text = try ProjectData.text(id)
    var random = Mutator(seed: 11)
    var refused = 0
    for round in 0..<60 {
      let mutated = random.mutate(text)
      do {
        let scenario = try ProjectData.read(mutated, loader: loader)
        // What reads also writes, and reads again.
        let written = try loader.text(of: scenario)
        #expect(throws: Never.self, "round \(round)\n\(written)") {
          try ProjectData.read(written, loader: loader)
        }
      } catch let errors as FileErrors {
        refused += 1
        #expect(errors.diagnostics.allSatisfy { $0.location.line >= 1 }, "\(errors)")
      } catch is MissingFile {
        refused += 1
      }
    }
    #expect(refused > 10)
  }

  @Test("mutated stacks")
  func stacks() throws {
    let text = try String(
      contentsOfFile: ProjectData.root + "/software-stacks/open-clip-2021.yaml", encoding: .utf8)
    var random = Mutator(seed: 5)
    var refused = 0
    for _ in 0..<300 {
      let file = SourceFile(name: "stack.yaml", text: random.mutate(text))
      do { _ = try SoftwareStackReader.read(file) } catch { refused += 1 }
    }
    #expect(refused > 50)
  }

  @Test("flags out of nowhere")
  func flags() throws {
    let loader = try ProjectData.loader()
    var random = Mutator(seed: 3)
    let words = [
      "", "-1", "1e99", "[", "{a: b}", "flash", "image=flash", "=", "a=b=c", "nan", "9e18", "\n",
      "calibration", "strategy.micro_batch=0", "calibration.attack_steps=[1", "é", "null", "1/0",
      "strategy=3", "workload.data=none", "search.zero_stage=auto", "calibration.method=oat",
      "strategy.attention.image=flash", "cluster.site.grid=1 g/kWh", "lsa-itc", "full",
    ]
    let numbers = [0, 1, -1, 7, 64, 144, 1 << 40, Int.max, Int.min]
    for _ in 0..<120 {
      var overrides = ScenarioOverrides()
      func word() -> String? { random.next(3) == 0 ? words[random.next(words.count)] : nil }
      func number() -> Int? { random.next(4) == 0 ? numbers[random.next(numbers.count)] : nil }
      overrides.accelerators = number()
      overrides.microBatch = number()
      overrides.globalBatch = number()
      overrides.zero = number()
      overrides.samplesSeen = number().map(Double.init)
      overrides.patchDropout = random.next(5) == 0 ? .nan : nil
      overrides.price = word()
      overrides.attention = word()
      overrides.recomputation = word()
      overrides.calibration = word()
      overrides.set = [word(), word(), word()].compactMap(\.self)
      do {
        _ = try loader.load("eva02-clip-e14-plus", overrides: overrides)
      } catch {
        #expect(error is UsageError || error is FileErrors, "\(error)")
        #expect("\(error)".contains("error"))
      }
    }
  }
}

/// Small seeded changes of a text: lines dropped, doubled and swapped, characters replaced.
struct Mutator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  /// A number from 0 below `limit`.
  mutating func next(_ limit: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(max(1, limit)))
  }

  mutating func mutate(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for _ in 0...next(3) {
      let index = next(lines.count)
      switch next(7) {
      case 0: lines.remove(at: index)
      case 1: lines.insert(lines[index], at: index)
      case 2: lines.swapAt(index, next(lines.count))
      case 3: lines[index] = String(lines[index].dropLast(next(6)))
      case 4: lines[index] = "  " + lines[index]
      case 5:
        let digits: [Character] = [
          "-", "0", "9", "e", ".", " ", "{", "]", ":", "x", "\"", "*", "é",
        ]
        var characters = Array(lines[index])
        guard !characters.isEmpty else { continue }
        characters[next(characters.count)] = digits[next(digits.count)]
        lines[index] = String(characters)
      default:
        lines[index] = lines[index].replacing("1", with: "999999999999")
      }
      if lines.isEmpty { lines = [""] }
    }
    return lines.joined(separator: "\n")
  }
}
