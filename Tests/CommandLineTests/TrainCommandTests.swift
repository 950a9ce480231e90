import Foundation
import Testing

@Suite("foretrain train")
struct TrainCommandTests {
  private let binary: Binary
  private let model: String
  init() throws {
    binary = try Binary()
    model = try binary.smallModel()
  }

  private func small(_ more: String...) -> [String] {
    [
      "train", "--model", model, "--hardware", "this-machine", "--micro-batch", "6",
      "--samples-seen", "72", "--attention", "flash", "--threads", "1",
    ] + more
  }

  private func path(_ name: String) -> String { binary.home.appending(path: name).path }

  private func rows(_ name: String) -> [[String]] {
    let text = (try? String(contentsOfFile: path(name), encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// Step and loss of every row, as written.
  private func losses(_ name: String) -> [String] {
    rows(name).dropFirst().map { $0[0] + " " + $0[2] }
  }

  // MARK: Answers

  @Test("the peer scenario answers with one object, its kernels and memory those of the program")
  func object() throws {
    let result = try binary.run([
      "train", "scenarios/peer-tiny-clip.yaml", "--steps", "4", "--format", "json", "--set",
      "workload.global_batch=4", "--set", "strategy.micro_batch=4",
    ])
    #expect(result.status == 0, "\(result.errors)")
    #expect(try result.problems(with: "train") == [])
    let json = try #require(result.json)
    #expect(
      Set(json.keys) == [
        "steps", "step_seconds", "samples_per_second", "loss", "flops_per_second",
        "kernels_match", "memory", "gemm",
      ])
    #expect(json["steps"] as? Int == 4)
    #expect(json["kernels_match"] as? Bool == true)
    let seconds = try #require(json["step_seconds"] as? [String: Double])
    #expect(Set(seconds.keys) == ["median", "p10", "p90"])
    let (low, middle, high) = (seconds["p10"] ?? 0, seconds["median"] ?? 0, seconds["p90"] ?? 0)
    #expect(low > 0 && low <= middle && middle <= high)
    let rate = try #require(json["samples_per_second"] as? Double)
    // The median is printed with ten digits, the rate is made from all of it.
    #expect(abs(rate * middle - 4) < 1e-6)
    let loss = try #require(json["loss"] as? [String: Double])
    #expect(Set(loss.keys) == ["first", "last"])
    // Untrained, every pair is as likely: ln 4.
    #expect(abs((loss["first"] ?? 0) - 1.386) < 0.4)
    let memory = try #require(json["memory"] as? [String: Int])
    let counted = try #require(memory["counted_peak_bytes"])
    let predicted = try #require(memory["predicted_peak_bytes"])
    // One program, two readers: see `ReaderAgreementTests` for the tolerance.
    #expect(abs(Double(counted) / Double(predicted) - 1) < 0.01)
    #expect((memory["resident_peak_bytes"] ?? 0) > counted)
    #expect(["openblas", "onednn"].contains(json["gemm"] as? String))
  }

  @Test(
    "every method trains from the command line", arguments: ["lsa-itc", "at-lr", "layer-probe"])
  func methods(_ method: String) throws {
    let result = try binary.run(
      small("--calibration", method, "--format", "json", "-q", "--gemm", "openblas"))
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.isEmpty)
    #expect(result.json?["kernels_match"] as? Bool == true)
    #expect(result.json?["steps"] as? Int == 12)
    #expect(result.json?["gemm"] as? String == "openblas")
  }

  // MARK: Stopping and resuming

  @Test("Ctrl-C saves and exits 130; resuming gives the losses of a run that was never stopped")
  func interruption() throws {
    func arguments(_ name: String) -> [String] {
      small(
        "--steps", "100000", "--calibration", "lsa-itc", "--metrics", path(name + ".csv"),
        "--checkpoint-dir", path(name), "--checkpoint-every", "0", "--set",
        "calibration.lsa-itc.vulnerable_layers.refresh=3 steps")
    }
    func run(_ name: String, until rows: Int, _ more: String...) throws -> Binary.Result {
      try binary.run(arguments(name) + more, signalling: SIGINT) {
        losses(name + ".csv").count >= rows
      }
    }
    let stopped = try run("part", until: 7)
    #expect(stopped.status == 130, "\(stopped.errors)")
    #expect(stopped.errors.contains("--resume"))
    let done = losses("part.csv").count
    #expect(done >= 7)
    #expect(try run("whole", until: done + 10).status == 130)
    let rest = try run("part", until: done + 10, "--resume")
    #expect(rest.status == 130, "\(rest.errors)")
    #expect(rest.errors.contains("resuming after step \(done)"))
    let whole = losses("whole.csv").prefix(done + 10)
    #expect(losses("part.csv").prefix(done + 10) == whole)
    #expect(Array(whole).count == done + 10)
    let again = try binary.run(arguments("part") + ["--resume", "--steps", "5"])
    #expect(again.status == 64)
    #expect(again.errors.contains("done"))
  }

  /// Wherever it arrives: a handler on the stack of a matrix kernel would overwrite its memory.
  @Test("Ctrl-C in the middle of products saves", arguments: 0..<6)
  func interruptedInKernels(_ number: Int) throws {
    let metrics = path("k\(number).csv")
    let stopped = try binary.run(
      [
        "train", "tiny-clip", "--steps", "1000", "-q", "--metrics", metrics, "--checkpoint-dir",
        path("k\(number)"),
      ], signalling: SIGINT
    ) {
      guard rows("k\(number).csv").count > 2 + number % 3 else { return false }
      usleep(UInt32(7_000 * number))
      return true
    }
    #expect(stopped.status == 130, "\(stopped.errors.prefix(400))")
    #expect(stopped.errors.contains("is saved"))
  }

  @Test("a request to terminate is a request to stop")
  func termination() throws {
    let stopped = try binary.run(
      small("--steps", "100000", "--metrics", path("a.csv"), "--checkpoint-every", "0"),
      signalling: SIGTERM
    ) { rows("a.csv").count > 3 }
    #expect(stopped.status == 130, "\(stopped.errors)")
    // Without a folder of its own choice, a run saves in the data folder.
    #expect(stopped.errors.contains(path("data/foretrain/runs/command-line")))
  }

  @Test("a damaged checkpoint is named, with the command that goes on from the one before")
  func damage() throws {
    let arguments = small("--checkpoint-dir", path("c"), "--checkpoint-every", "4", "-q")
    #expect(try binary.run(arguments).status == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: path("c")).sorted()
    #expect(
      names
        == [4, 8, 12].map {
          "step-0000000\($0).checkpoint".replacing("000000012", with: "00000012")
        })
    let file = path("c/step-00000012.checkpoint")
    var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    bytes[bytes.count - 5] ^= 1
    try bytes.write(to: URL(fileURLWithPath: file))
    let broken = try binary.run(arguments + ["--resume", "--steps", "13"])
    #expect(broken.status == 65)
    #expect(broken.errors.contains("damaged"))
    #expect(broken.errors.contains("--resume \(path("c/step-00000008.checkpoint"))"))
    let older = try binary.run(
      arguments + ["--resume", path("c/step-00000008.checkpoint"), "--format", "json"])
    #expect(older.status == 0, "\(older.errors)")
    #expect(older.json?["steps"] as? Int == 4)
  }

  @Test("a checkpoint of another scenario, and a folder with another run's, are refused")
  func strangers() throws {
    let arguments = small("--checkpoint-dir", path("d"), "--checkpoint-every", "12", "-q")
    #expect(try binary.run(arguments).status == 0)
    let other = try binary.run(
      arguments + ["--steps", "20", "--resume", "--set", "workload.optimizer=lamb"])
    #expect(other.status == 65)
    #expect(other.errors.contains("adamw") && other.errors.contains("lamb"))
    let seed = try binary.run(arguments + ["--steps", "20", "--resume", "--seed", "9"])
    #expect(seed.status == 64)
    let fresh = try binary.run(arguments)
    #expect(fresh.status == 64)
    #expect(fresh.errors.contains("--resume"))
    let none = try binary.run(small("--checkpoint-dir", path("nothing"), "--resume"))
    #expect(none.status == 66)
  }

  @Test("a full disk is said clearly: older checkpoints stay, and the run goes on")
  func fullDisk() throws {
    let arguments = small("--checkpoint-dir", path("e"), "--checkpoint-every", "6", "-q")
    #expect(try binary.run(arguments + ["--steps", "6"]).status == 0)
    let saved = path("e/step-00000006.checkpoint")
    let before = try Data(contentsOf: URL(fileURLWithPath: saved))
    // The shell counts files in blocks of 512 bytes: no file may grow beyond 50 KiB.
    let words = arguments + ["--steps", "12", "--resume", "--metrics", path("e.csv")]
    let limited = try binary.shell(words.joined(separator: " "), after: "ulimit -f 100")
    #expect(limited.status == 1, "\(limited.errors)")
    #expect(limited.errors.contains("cannot save the checkpoint"))
    #expect(limited.errors.contains("the run goes on"))
    // It did go on, to its last step.
    #expect(losses("e.csv").last?.hasPrefix("12 ") == true)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: path("e")) == ["step-00000006.checkpoint"]
    )
    #expect(try Data(contentsOf: URL(fileURLWithPath: saved)) == before)
  }

  // MARK: Metrics

  @Test("metrics have a row for every step, terms and layers in columns")
  func metrics() throws {
    let result = try binary.run(
      small("--calibration", "lsa-itc", "--metrics", path("m.csv"), "-q"))
    #expect(result.status == 0, "\(result.errors)")
    let rows = rows("m.csv")
    #expect(
      rows.first == [
        "step", "seconds", "loss", "gradient_norm", "learning_rate", "gamma", "selected_layers",
        "attacked_contrastive", "clean_contrastive", "layer_regulariser", "cm_0", "cm_1", "cm_2",
      ])
    #expect(rows.count == 13)
    #expect(rows.dropFirst().allSatisfy { $0.count == 13 && Double($0[2]) != nil })
    // The first step compares all layers.
    #expect(rows[1].suffix(3).allSatisfy { Double($0) ?? -1 >= 0 })
  }

  @Test("a database that cannot be used is a warning, and the run goes on")
  func database() throws {
    let folder = path("data/foretrain")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data("no database".utf8).write(to: URL(fileURLWithPath: folder + "/foretrain.sqlite"))
    let result = try binary.run(small("--format", "json"))
    #expect(result.status == 0)
    #expect(result.errors.contains("foretrain.sqlite"))
    #expect(result.json?["steps"] as? Int == 12)
  }

  // MARK: Refusals

  @Test(
    "bad options are usage errors",
    arguments: [
      ["--steps", "0"], ["--gemm", "mkl"], ["--threads", "0"], ["--threads", "100000"],
      ["--learning-rate", "-1"], ["--checkpoint-every", "-1"], ["--emulate", "fp8"],
      ["--training-data", "x.tar"], ["--keep-checkpoints", "0"], ["--metrics", ""],
    ])
  func usage(_ options: [String]) throws {
    let result = try binary.run(["train", "tiny-clip"] + options)
    #expect(result.status == 64, "\(result.errors)")
    #expect(result.output.isEmpty)
  }

  @Test(
    "files that are not there",
    arguments: [
      ["--training-data", "x.tar", "--vocabulary", "/nowhere/merges.txt"],
      ["--resume", "/nowhere/step-00000001.checkpoint"],
    ])
  func missing(_ options: [String]) throws {
    #expect(try binary.run(["train", "tiny-clip"] + options).status == 66)
  }

  @Test("a scenario that is too large for this machine is a no, with the memory that it needs")
  func tooLarge() throws {
    let result = try binary.run(["train", "eva02-clip-e14-plus", "--format", "json"])
    #expect(result.status == 2)
    #expect(result.errors.contains("too large for this machine"))
    let memory = try #require(result.json?["memory"] as? [String: Double])
    #expect((memory["predicted_peak_bytes"] ?? 0) > (memory["available_bytes"] ?? .infinity))
    #expect(result.json?["predicted_step_seconds"] is NSNull)
  }

  @Test("what is priced only is a no, with a reason")
  func pricedOnly() throws {
    let model = try binary.run([
      "train", "--model", "gpt2", "--hardware", "this-machine", "--micro-batch", "2",
      "--samples-seen", "2",
    ])
    #expect(model.status == 2, "\(model.errors)")
    #expect(model.errors.contains("a language model reads something else"))
    let attack = try binary.run(
      small("--calibration", "oat", "--set", "calibration.oat.attack_resolution=8 px"))
    #expect(attack.status == 2, "\(attack.errors)")
    #expect(attack.errors.contains("not implemented here"))
  }
}
