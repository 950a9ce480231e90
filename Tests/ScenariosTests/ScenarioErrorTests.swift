import Foundation
import Planning
import Scenarios
import Strategies
import Testing

@Suite("Errors in scenarios")
struct ScenarioErrorTests {
  @Test("everything that is wrong is told at once, with place, caret and fix")
  func golden() {
    #expect(ProjectData.errors(Self.bad) == Self.badErrors)
  }

  static let bad = #"""
    schema: foretrain/scenario/1
    id: bad
    title: Much is wrong here

    workload:
      model: EVA02-B-61
      global_batch: -5
      patch_dropuot: 0.5
      optimizer: adam
      data:
        samples_seen: 1e9
        epochs: 3

    calibration:
      method: lsa-itk
      teacher:
        attack_steps: 2

    cluster:
      hardware: a100-40gb-sxm-jewels
      accelerators: 64
      price: 2.79

    strategy:
      software: open-clip-2012
      micro_batch: 2048
      zero_stage: 4
      precision: fp12
      attention: {image: flash, text: fused}

    search:
      micro_batch: [64, x]

    constraints:
      deadline: 30

    campaign:
      evaluation: {value: 2 %, origin: published, source: nobody}
    """#

  static let badErrors = #"""
    s.yaml:6:10: error: there is no model 'EVA02-B-61'
      model: EVA02-B-61
             ^
    help: did you mean 'EVA02-B-16'?

    s.yaml:7:17: error: 'workload.global_batch' must be at least 1, not '-5'
      global_batch: -5
                    ^
    help: for example 64

    s.yaml:8:3: error: unknown key 'patch_dropuot' in 'workload'
      patch_dropuot: 0.5
      ^
    help: did you mean 'patch_dropout'?

    s.yaml:9:14: error: 'workload.optimizer': 'adam' is not known
      optimizer: adam
                 ^
    help: did you mean 'adamw'?

    s.yaml:12:13: error: the samples are given twice, as samples_seen and as epochs of a data set
        epochs: 3
                ^
    help: keep samples_seen, or epochs with dataset_size

    s.yaml:15:11: error: 'calibration.method': 'lsa-itk' is not known
      method: lsa-itk
              ^
    help: did you mean 'lsa-itc'?

    s.yaml:17:5: error: 'attack_steps' is no knob of the method 'teacher'
        attack_steps: 2
        ^
    help: remove it; it belongs to anchored, at-lr, layer-probe, lsa-itc, lsa-itc-sequential, oat

    s.yaml:20:13: error: there is no hardware profile 'a100-40gb-sxm-jewels'
      hardware: a100-40gb-sxm-jewels
                ^
    help: did you mean 'a100-40gb-sxm-juwels'?

    s.yaml:22:10: error: 'cluster.price': '2.79' has no unit
      price: 2.79
             ^
    help: add one of USD/accelerator-hour or USD/h

    s.yaml:25:13: error: there is no software stack 'open-clip-2012'
      software: open-clip-2012
                ^
    help: did you mean 'open-clip-2021'?

    s.yaml:27:15: error: 'strategy.zero_stage': '4' is not known
      zero_stage: 4
                  ^
    help: use one of 0, 1, 2, 3

    s.yaml:28:14: error: 'strategy.precision': 'fp12' is not known
      precision: fp12
                 ^
    help: did you mean 'fp32'?

    s.yaml:29:35: error: 'strategy.attention.text': 'fused' is not known
      attention: {image: flash, text: fused}
                                      ^
    help: did you mean 'unfused'?

    s.yaml:32:21: error: 'search.micro_batch[1]': 'x' is not a whole number
      micro_batch: [64, x]
                        ^
    help: counts carry no unit; write 64 or 9e9

    s.yaml:35:13: error: 'constraints.deadline': '30' has no unit
      deadline: 30
                ^
    help: add one of us, ms, s, min, h or days

    s.yaml:38:55: error: the source 'nobody' is not defined
      evaluation: {value: 2 %, origin: published, source: nobody}
                                                          ^
    help: add it to 'sources:' at the end of the file

    16 errors in s.yaml
    """#

  /// A good scenario with one part replaced.
  static func changed(_ old: String, _ new: String) -> String {
    good.replacing(old, with: new, maxReplacements: 1)
  }

  static let good = """
    schema: foretrain/scenario/1
    id: good
    title: Good

    workload:
      model: ViT-B-16
      patch_dropout: 0
      data: {samples_seen: 4e8}
      global_batch: 33792
      optimizer: adamw

    calibration:
      method: oat
      oat: {attack_steps: 2}

    cluster:
      hardware: a100-40gb-sxm-juwels
      accelerators: 176

    strategy:
      software: open-clip-2021
      micro_batch: 192
      accumulation: 1
      data_parallel: 176
      zero_stage: 0
      precision: amp-fp16
      recomputation: none
      attention: unfused
      contrastive_gather: local
    """

  @Test("the scenario that the next tests change is a good one")
  func goodReads() { #expect(ProjectData.errors(Self.good) == nil) }

  @Test("one thing wrong, one error with its fix", arguments: cases)
  func single(_ change: Change) throws {
    #expect(Self.good.contains(change.old))
    let text = try #require(ProjectData.errors(Self.changed(change.old, change.new)))
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let first = lines.first { $0.hasPrefix("s.yaml:") }
    #expect(first == "s.yaml:" + change.error, "\(text)")
    #expect(lines.contains("help: " + change.help), "\(text)")
    #expect(lines.last == "1 error in s.yaml", "\(text)")
  }

  struct Change: Sendable, CustomTestStringConvertible {
    var old: String
    var new: String
    var error: String
    var help: String
    var testDescription: String { "'\(old)' becomes '\(new)'" }
  }

  static let cases: [Change] = [
    Change(
      old: "global_batch: 33792", new: "global_batch: 33800",
      error: "9:17: error: the global batch 33800 is not a multiple of 176 data-parallel ranks",
      help: "write 33792 or 33968"),
    Change(
      old: "micro_batch: 192", new: "micro_batch: 100",
      error:
        "22:16: error: micro_batch x accumulation x data_parallel is 100 x 1 x 176 = 17600, the global batch is 33792",
      help:
        "write micro_batch: 96 with accumulation: 2, or micro_batch: 192 with accumulation: 1, or global_batch: 17600"
    ),
    Change(
      old: "data_parallel: 176", new: "data_parallel: 88",
      error:
        "24:18: error: data_parallel x tensor_parallel x pipeline_parallel is 88 x 1 x 1 = 88, the cluster has 176 accelerators",
      help: "write data_parallel: 176, or change cluster.accelerators to 88"),
    Change(
      old: "patch_dropout: 0", new: "patch_dropout: 1.5",
      error: "7:18: error: 'workload.patch_dropout' must be at least 0 and below 1, not '1.5'",
      help: "for example 0.5"),
    Change(
      old: "samples_seen: 4e8", new: "samples_seen: 4e8, epochs: 2, dataset_size: 2e8",
      error:
        "8:37: error: the samples are given twice, as samples_seen and as epochs of a data set",
      help: "keep samples_seen, or epochs with dataset_size"),
    Change(
      old: "samples_seen: 4e8", new: "epochs: 2",
      error: "8:18: error: 'workload.data.dataset_size' is missing",
      help: "add 'dataset_size', or write samples_seen alone"),
    Change(
      old: "oat: {attack_steps: 2}", new: "oat: {vulnerable_layers: {at_most: 4}}",
      error: "14:9: error: 'vulnerable_layers' is no knob of the method 'oat'",
      help: "remove it; it belongs to at-lr, layer-probe, lsa-itc, lsa-itc-sequential"),
    Change(
      old: "attack_steps: 2", new: "attack_site: block 12",
      error: "14:22: error: the image tower has 12 blocks, 0 to 11",
      help: "write block 11 or lower, or encoder-output"),
    Change(
      old: "model: ViT-B-16", new: "model: ViT-B-61",
      error: "6:10: error: there is no model 'ViT-B-61'", help: "did you mean 'ViT-B-16'?"),
    Change(
      old: "model: ViT-B-16", new: "model: ViT-B-16\n  towers: {image: {layers: 11}}",
      error: "7:28: error: 'workload.towers.image.layers' of ViT-B-16 is 12",
      help:
        "write 12, or remove the line; for another model write model: {file: my-model.json, format: open-clip}"
    ),
    Change(
      old: "model: ViT-B-16",
      new: "model: ViT-B-16\n  towers: {image: {trainable: none}, text: {trainable: none}}",
      error: "7:11: error: every tower is frozen: nothing would be trained",
      help: "leave one of image, text trainable"),
    Change(
      old: "model: ViT-B-16", new: "model: ViT-B-16\n  loss: sigmoid",
      error: "7:9: error: the loss of the family 'clip' is 'info-nce'",
      help: "write 'info-nce', or remove the line"),
    Change(
      old: "accelerators: 176", new: "accelerators: 176\n  price: 2.79 EUR/h",
      error: "19:10: error: 'cluster.price': 'EUR/h' is not a unit of this quantity",
      help: "use USD/accelerator-hour or USD/h"),
    Change(
      old: "accelerators: 176", new: "accelerators: 176\n  network: 90 GB/s",
      error: "19:12: error: 'cluster.network': '90 GB/s' does not say whose bandwidth it is",
      help: "write '90 GB/s per node'"),
    Change(
      old: "attention: unfused", new: "attention: {image: unfused, txt: unfused}",
      error: "28:14: error: the model has no tower 'txt'", help: "did you mean 'text'?"),
    Change(
      old: "schema: foretrain/scenario/1", new: "schema: foretrain/scenario/2",
      error: "1:9: error: 'foretrain/scenario/2' is not a scenario",
      help: "write 'foretrain/scenario/1'"),
  ]

  @Test("tensor and pipeline ranks share the accelerators")
  func parallel() throws {
    let text = Self.changed(
      "data_parallel: 176", "data_parallel: 44\n  tensor_parallel: 4"
    )
    .replacing("micro_batch: 192", with: "micro_batch: 768")
    let scenario = try ProjectData.read(text)
    #expect(scenario.strategy.accelerators == 176)
    #expect(scenario.strategy.tensorParallel == 4)
  }

  @Test("a file that is empty, too large, or blown up by aliases is refused")
  func hostile() throws {
    let empty = try #require(ProjectData.errors(""))
    // A caret under an empty line would point at nothing.
    #expect(empty.contains("1:1: error: the file is empty") && !empty.contains("^"))
    #expect(ProjectData.errors("- a\n- b\n")?.contains("the file holds a list") == true)
    var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...40 {
      bomb += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1), *a\(level - 1)]\n"
    }
    #expect(ProjectData.errors(bomb)?.contains("error:") == true)
    let path = FileManager.default.temporaryDirectory.appending(path: "large-\(UUID().uuidString)")
    #expect(FileManager.default.createFile(atPath: path.path(percentEncoded: false), contents: nil))
    defer { try? FileManager.default.removeItem(at: path) }
    let handle = try FileHandle(forWritingTo: path)
    try handle.truncate(atOffset: 100_000_000)
    try handle.close()
    let loader = try ProjectData.loader()
    do {
      _ = try loader.load(path.path(percentEncoded: false))
      Issue.record("a file of 100 MB was read")
    } catch {
      #expect("\(error)".contains("larger than the limit of 1 MiB"), "\(error)")
    }
  }

  @Test("a missing file is a missing file")
  func missing() throws {
    let loader = try ProjectData.loader()
    #expect(throws: MissingFile.self) { try loader.load("nowhere/at-all.yaml") }
    do {
      _ = try loader.load("eva02-clip-e14-pluz")
    } catch let error as MissingFile {
      #expect("\(error)".contains("did you mean 'eva02-clip-e14-plus'?"))
    }
  }
}
