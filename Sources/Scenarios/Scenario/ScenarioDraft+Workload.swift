import Clusters
import Planning
import Quantities
import Strategies
import Workloads

extension ScenarioDraft {
  /// `workload:`.
  ///
  /// The batch is checked later, when the cluster is known.
  func workload(_ section: Section, _ batch: inout BatchInput) -> Workload? {
    model = self.model(section)
    checkFamily(section, model)
    let training = towers(section)
    let dropout = section.setting(WorkloadSettings.patchDropout, log)?.value ?? 0
    batch.global = BatchInput.Entry(section, WorkloadSettings.globalBatch, log)
    if isFile, batch.global.isAbsent { _ = section.required("global_batch", .count) }
    var limit: Sourced<SamplesPerSecond?>?
    let samples = section.optionalSection("data") { data -> Sourced<Double>? in
      if let name = data.optional("name", Reading<Sourced<String>>.sourced(.text)) {
        log.remark(
          data.path("name"), SettingText.scalar(name.value), name.origin, source: name.source,
          section.reader)
      }
      limit = data.setting(WorkloadSettings.inputRateLimit, log)
      return self.samples(data)
    }
    let optimizer = section.setting(WorkloadSettings.optimizer, default: .adamw, log)
    guard let model else { return nil }
    let seen = (samples ?? nil) ?? defaultSamples(section, model)
    var workload = Workload(
      model: model, frozen: Set(training.filter { $0.value == Trainability.none }.keys),
      patchDropout: dropout, globalBatch: 1, samplesSeen: seen,
      optimizer: optimizer,
      inputRateLimit: limit.flatMap { limit in
        limit.value.map { rate in
          Sourced(
            rate, low: limit.low ?? nil, high: limit.high ?? nil, origin: limit.origin,
            source: limit.source)
        }
      })
    workload.partial = training.filter(\.value.isPart)
    return workload
  }

  /// A zoo id, or `{file: my-model.json, format: open-clip}`.
  private func model(_ section: Section) -> ModelSpec? {
    guard let node = section.node("model") else {
      _ = section.text("model")
      return nil
    }
    let isFileForm = node.entries?.contains { $0.key == "file" || $0.key == "format" } ?? false
    if isFileForm {
      let file = section.section("model") { part in
        Scenario.ModelFile(
          path: part.text("file"),
          format: part.value(
            "format", .enumeration(of: ModelFileFormat.self), default: .foretrain
          ).rawValue)
      }
      guard !file.path.isEmpty, let format = ModelFileFormat(rawValue: file.format) else {
        return nil
      }
      // Paths typed on the command line start from where the user is.
      let isTyped = node.location.line == FlagOverlay.line
      let path = isTyped || file.path.hasPrefix("/") ? file.path : folder + "/" + file.path
      modelFile = Scenario.ModelFile(path: isTyped ? file.path : path, format: file.format)
      return load(section, "model") { try library.modelFile(path, format) }
    }
    let id = section.optional("model", Reading<Sourced<String>>.sourced(.text))
    guard let id else { return nil }
    if !id.source.isEmpty { log.note(section.path("model"), id.value, id, section.reader) }
    return find(id.value, on: library.models, noun: "model", section, "model")
  }

  /// What follows from the model may be repeated, but not contradicted.
  private func checkFamily(_ section: Section, _ model: ModelSpec?) {
    let written = section.optional(
      "family", Reading<Sourced<FamilyName>>.sourced(WorkloadSettings.family.reading))
    let loss = section.optional(
      "loss", Reading<Sourced<ContrastiveKind>>.sourced(WorkloadSettings.loss.reading))
    guard let model else { return }
    let family = FamilyName(model.family)
    if let written, written.value != family {
      section.error(
        "family", "the model \(model.id) is of the family '\(family.rawValue)'",
        help: "write '\(family.rawValue)', or remove the line")
    }
    guard let loss else { return }
    let own = family.contrastiveLoss
    guard loss.value != own else { return }
    section.error(
      "loss",
      own.map { "the loss of the family '\(family.rawValue)' is '\($0.rawValue)'" }
        ?? "the family '\(family.rawValue)' has no contrastive loss",
      help: own.map { "write '\($0.rawValue)', or remove the line" } ?? "remove the line")
  }

  /// `samples_seen`, or `epochs` with `dataset_size`.
  private func samples(_ data: Section) -> Sourced<Double>? {
    let size = Reading<Sourced<Double>>.sourced(WorkloadSettings.datasetSize.reading)
    let count = Reading<Sourced<Double>>.sourced(WorkloadSettings.epochs.reading)
    let epochs = data.optional("epochs", count)
    let dataset = data.optional("dataset_size", size)
    if data.has("samples_seen"), data.has("epochs") || data.has("dataset_size") {
      data.error(
        data.has("epochs") ? "epochs" : "dataset_size",
        "the samples are given twice, as samples_seen and as epochs of a data set",
        help: "keep samples_seen, or epochs with dataset_size")
      return nil
    }
    if data.has("epochs") || data.has("dataset_size") {
      let missing = data.has("epochs") ? "dataset_size" : "epochs"
      if !data.has(missing) {
        data.error(
          missing == "epochs" ? "dataset_size" : "epochs", "'\(data.path(missing))' is missing",
          help: "add '\(missing)', or write samples_seen alone")
      }
      guard let epochs, let dataset else { return nil }
      let total = (epochs.value * dataset.value).rounded()
      guard total <= WorkloadSettings.sampleLimit else {
        data.error(
          "epochs", "epochs x dataset_size is above 1e18 samples", help: "write fewer epochs")
        return nil
      }
      // The product is as sure as the less sure of its factors.
      let weaker = rank(epochs.origin) >= rank(dataset.origin) ? epochs : dataset
      let product = Sourced(max(1, total), origin: weaker.origin, source: weaker.source)
      log.note(data.path("samples_seen"), SettingText.number(product.value), product, data.reader)
      for part in [epochs, dataset] where !part.source.isEmpty {
        log.cite(part.source, data.reader)
      }
      return product
    }
    if isFile, !data.has("samples_seen") { _ = data.required("samples_seen", .number) }
    return data.setting(WorkloadSettings.samplesSeen, log)
  }

  private func rank(_ origin: Origin) -> Int {
    switch origin {
    case .given: 0
    case .measured: 1
    case .published: 2
    case .assumed: 3
    }
  }

  /// One pass over the data set that such models are usually trained on.
  private func defaultSamples(_ section: Section, _ model: ModelSpec) -> Sourced<Double> {
    if isFile, !section.has("data") {
      section.error(
        "data", "'workload.data.samples_seen' is missing",
        help: "add 'data: {samples_seen: 9e9}', or epochs with dataset_size")
    }
    let count: Double =
      switch model.family {
      case .clip, .sigLIP, .coca: 407_332_084  // LAION-400M
      case .blip2Stage1, .blip2Stage2: 129_000_000  // BLIP-2's images
      case .visionLanguage: 665_000  // LLaVA-1.5's instructions
      case .imageClassifier: 1_281_167  // ImageNet-1k
      case .languageModel: 100_000_000
      }
    guard !isFile else { return Sourced(count, origin: .assumed) }
    return log.assume("workload.data.samples_seen", WorkloadSettings.samplesSeen, count, .samples)
  }
}
