import Foundation
import Testing

@Suite("Where output goes")
struct OutputTests {
  private static let scenario = "openclip-b16-laion400m"

  @Test("a link stays a link, and what it leads to is replaced")
  func link() throws {
    let binary = try Binary()
    let target = try binary.file("target.txt", "old\n")
    let link = binary.home.appending(path: "link.txt")
    try FileManager.default.createSymbolicLink(
      atPath: link.path, withDestinationPath: target)
    let result = try binary.run(["estimate", Self.scenario, "-o", link.path])
    #expect(result.status == 0, "\(result.errors)")
    let type = try FileManager.default.attributesOfItem(atPath: link.path)[.type]
    #expect(type as? FileAttributeType == .typeSymbolicLink)
    let text = String(decoding: try Data(contentsOf: URL(filePath: target)), as: UTF8.self)
    #expect(text.contains("ViT-B-16"))
  }

  @Test("a pipe is written to, never replaced")
  func pipe() throws {
    // Not a device: a test that fails must not replace one of the machine.
    let binary = try Binary()
    let pipe = binary.home.appending(path: "pipe").path
    let copy = binary.home.appending(path: "copy").path
    #expect(unsafe mkfifo(pipe, 0o600) == 0)
    let result = try binary.shell(
      "estimate \(Self.scenario) -o \(pipe) & cat \(pipe) > \(copy); wait")
    #expect(result.errors.contains("wrote"), "\(result.errors)")
    let type = try FileManager.default.attributesOfItem(atPath: pipe)[.type]
    #expect(type as? FileAttributeType != .typeRegular)
    let text = String(decoding: try Data(contentsOf: URL(filePath: copy)), as: UTF8.self)
    #expect(text.contains("ViT-B-16"))
  }

  @Test(
    "stdout that cannot take the answer is an error; a reader that left is not",
    arguments: [("> /dev/full", Int32(1)), (">&-", 1), ("| head -n 1 > /dev/null", 0)])
  func standardOutput(redirection: String, status: Int32) throws {
    let binary = try Binary()
    let result = try binary.shell("estimate \(Self.scenario) \(redirection)")
    #expect(result.status == status, "\(result.errors)")
    #expect(result.errors.contains("cannot write stdout") == (status == 1))
  }

  @Test("messages that nobody can read change no exit code", arguments: ["2> /dev/full", "2>&-"])
  func standardError(redirection: String) throws {
    let binary = try Binary()
    #expect(try binary.shell("estimate nothing-of-this-name \(redirection)").status == 66)
  }

  @Test(
    "names of nothing are usage errors",
    arguments: [
      ["estimate", scenario, "-o", ""], ["estimate", scenario, "--save", ""],
      ["compare", scenario, "--hardware", ""], ["compare", scenario, "--hardware", ","],
    ])
  func emptyNames(arguments: [String]) throws {
    let binary = try Binary()
    let result = try binary.run(arguments)
    #expect(result.status == 64, "\(result.errors)")
    #expect(result.output.isEmpty)
  }

  @Test(
    "CSV ends with one line end", arguments: [["estimate"], ["plan"], ["find", "max-micro-batch"]])
  func endOfCSV(command: [String]) throws {
    let binary = try Binary()
    let result = try binary.run(command + [Self.scenario, "--format", "csv"])
    #expect(result.output.utf8.suffix(2).elementsEqual("\r\n".utf8))
    #expect(!result.output.utf8.suffix(3).elementsEqual("\n\r\n".utf8))
    #expect(!result.output.utf8.suffix(3).elementsEqual("\r\n\n".utf8))
  }

  @Test("where the answer is no, JSON says why")
  func reasons() throws {
    let binary = try Binary()
    let tooLarge = try binary.run([
      "estimate", "--model", "ViT-L-14", "--hardware", "rtx-3090", "--micro-batch", "10000",
      "--format", "json",
    ])
    #expect(tooLarge.status == 2)
    #expect((tooLarge.json?["reason"] as? String)?.contains("does not fit") == true)
    let illegal = try binary.run([
      "estimate", "--model", "ViT-L-14", "--hardware", "rtx-3090", "--micro-batch", "8",
      "--attention", "flash", "--recomputation", "selective", "--format", "json",
    ])
    #expect(illegal.status == 2)
    #expect((illegal.json?["reason"] as? String)?.contains("selective") == true)
    #expect((illegal.json?["rejected"] as? [Any])?.count == 2)
  }

  @Test("a model file that a flag names and that is not there has the exit code of missing files")
  func missingModel() throws {
    let binary = try Binary()
    let result = try binary.run(["estimate", "--model", "nothing.json", "--hardware", "rtx-3090"])
    #expect(result.status == 66, "\(result.errors)")
    #expect(result.errors.contains("nothing.json"))
  }
}
