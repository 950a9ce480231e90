import Foundation
import Testing

/// Whatever is typed or read: a located error with the fix, the right exit code, never a crash.
struct BadInputTests {
  private let binary: Binary
  private let good: String

  init() throws {
    binary = try Binary()
    good = try Binary.projectFile("scenarios/openclip-b16-laion400m.yaml")
  }

  private func estimate(_ text: String) throws -> Binary.Result {
    try binary.run(["estimate", try binary.file("bad.yaml", text)])
  }

  @Test func severalMistakesAreReportedAtOnce() throws {
    let bad =
      good.replacing("global_batch:", with: "globl_batch:")
      .replacing("micro_batch: 192", with: "micro_batch: -3")
      .replacing("accelerators: ", with: "acelerators: ")
    let result = try estimate(bad)
    #expect(result.status == 65)
    #expect(result.errors.contains("globl_batch"))
    #expect(result.errors.contains("global_batch"))
    #expect(result.errors.contains("acelerators"))
    #expect(result.errors.contains("-3"))
    #expect(result.errors.components(separatedBy: "bad.yaml:").count > 3)
    #expect(result.errors.contains("help: "))
    #expect(result.output.isEmpty)
  }

  @Test func unknownNamesAreSuggested() throws {
    for (flag, value, wanted) in [
      ("--model", "ViT-B-61", "ViT-B-16"), ("--hardware", "a100-40gb-sxm-juwel", "juwels"),
      ("--calibration", "lsa-itk", "lsa-itc"), ("--software", "open-clip-2012", "open-clip-2021"),
    ] {
      let result = try binary.run(["estimate", "openclip-b16-laion400m", flag, value])
      #expect(result.status == 64 || result.status == 65, "\(flag)")
      #expect(result.errors.contains(wanted), "\(flag): \(result.errors)")
    }
  }

  @Test func missingAndWrongUnits() throws {
    for price in ["1.80", "1.80 GB/s", "-2USD/accelerator-hour"] {
      let result = try binary.run(["estimate", "openclip-b16-laion400m", "--price=\(price)"])
      #expect(result.status == 64 || result.status == 65, "\(price)")
      #expect(result.errors.contains("price"), "\(price): \(result.errors)")
    }
  }

  @Test func aBatchThatDoesNotDivide() throws {
    let result = try binary.run(
      ["estimate", "openclip-b16-laion400m", "--global-batch", "33793"])
    #expect(result.status == 64 || result.status == 65)
    #expect(result.errors.contains("33793") || result.errors.contains("33,793"))
  }

  @Test func emptyHugeAndMalicousFiles() throws {
    #expect(try estimate("").status == 65)
    #expect(try estimate("\n\n").status == 65)
    #expect(try estimate("just text").status == 65)
    #expect(try estimate("\u{0}\u{1}").status == 65)
    let laughs =
      "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b]\n"
    let bomb = try estimate(laughs)
    #expect(bomb.status == 65)
    #expect(bomb.errors.contains("error:"))
    #expect(try estimate(String(repeating: "[", count: 100_000)).status == 65)
    let huge = binary.home.appending(path: "huge.yaml")
    _ = FileManager.default.createFile(atPath: huge.path, contents: nil)
    let handle = try FileHandle(forWritingTo: huge)
    // A sparse file of 100 MB.
    try handle.truncate(atOffset: 100_000_000)
    try handle.close()
    #expect(try binary.run(["estimate", huge.path]).status == 65)
  }

  @Test func aMissingFileExitsWith66() throws {
    let result = try binary.run(["estimate", "scenarios/nowhere.yaml"])
    #expect(result.status == 66)
    #expect(result.errors.contains("nowhere.yaml"))
    let near = try binary.run(["estimate", "eva02-clip-e14-pluss"])
    #expect(near.status == 66)
    #expect(near.errors.contains("eva02-clip-e14-plus"))
  }

  @Test func usageErrorsExitWith64() throws {
    #expect(try binary.run(["estimate", "--no-such-flag"]).status == 64)
    #expect(try binary.run(["frobnicate"]).status == 64)
    #expect(try binary.run(["compare", "eva02-clip-b16"]).status == 64)
    #expect(try binary.run(["plan", "eva02-clip-b16", "--limit", "0"]).status == 64)
    #expect(try binary.run(["report", "eva02-clip-b16"]).status == 64)
  }

  @Test func badDataFolder() throws {
    #expect(try binary.run(["list", "models", "--data", "/no/such/folder"]).status == 66)
  }

  /// Random single edits of a good file: always an answer or a located error.
  @Test func mutatedFilesNeverCrash() throws {
    var state: UInt64 = 42
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let lines = good.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for _ in 0..<25 {
      var changed = lines
      let line = next(changed.count)
      switch next(4) {
      case 0: changed.remove(at: line)
      case 1: changed[line] += " x"
      case 2: changed[line] = "  " + changed[line]
      default: changed[line] = String(changed[line].reversed())
      }
      let result = try estimate(changed.joined(separator: "\n"))
      #expect([0, 2, 65].contains(result.status), "\(changed[line]): \(result.errors)")
      if result.status == 65 { #expect(result.errors.contains("bad.yaml:")) }
    }
  }
}
