/// Programs that only compare: features of texts, features of images as they are and under attack.
extension ModelSpec {
  /// Features of so many texts.
  ///
  /// - Parameters:
  ///   - texts: How many.
  ///   - partial: What of each tower was trained, where that is not everything.
  ///   - style: What the kernels are.
  /// - Returns: A program that holds the texts' features at its end.
  public func textFeatureProgram(
    texts: Int, partial: [String: Trainability] = [:], style: KernelStyle
  ) -> StepProgram {
    var writer = ProgramWriter(
      model: self,
      options: evaluationOptions(samples: texts, partial: partial, style: style))
    return writer.writeTexts().frozen
  }

  /// Adapters that were trained take part in a forward; towers without any are frozen.
  private func evaluationOptions(
    samples: Int, partial: [String: Trainability], style: KernelStyle
  ) -> ProgramOptions {
    var options = ProgramOptions(microBatch: samples, defaultStyle: style)
    options.partial = partial.filter { if case .lora = $0.value { true } else { false } }
    options.frozen = Set(towerNames).subtracting(options.partial.keys)
    return options
  }

  /// Features of so many images, clean and, where there are attack steps, attacked.
  ///
  /// The attack raises the cross-entropy of every image's class among the texts whose features the
  /// caller has (arXiv 2010.11828, section 3: the evaluation by lambda).
  ///
  /// - Parameters:
  ///   - images: How many.
  ///   - texts: Classes to tell apart.
  ///   - attackSteps: K_e; 0 leaves the attack out.
  ///   - conditioning: How the trained model learns of lambda.
  ///   - partial: What of each tower was trained, where that is not everything.
  ///   - style: What the kernels are.
  /// - Returns: A program that holds both sets of features.
  public func imageFeatureProgram(
    images: Int, texts: Int, attackSteps: Int, conditioning: LambdaConditioning,
    partial: [String: Trainability] = [:], style: KernelStyle
  ) -> StepProgram {
    var settings = CalibrationSettings(method: .oat)
    settings.cleanShare = 0
    settings.attackSteps = max(1, attackSteps)
    settings.conditioning = conditioning
    var options = evaluationOptions(samples: images, partial: partial, style: style)
    options.calibration = settings
    var writer = ProgramWriter(model: self, options: options)
    return writer.writeImages(texts: texts, isAttacked: attackSteps > 0).frozen
  }
}

extension ProgramWriter {
  fileprivate mutating func writeTexts() -> StepProgram {
    let texts = layout.textChain.map {
      pieces(of: $0, branch: .clean, samples: batch, need: GradientNeed.none)
    }
    add(
      .textForward,
      texts.flatMap { forward($0, keeping: false) } + holdFeatures(.text, .clean, samples: batch)
        + dropFeatures(.text, .clean, samples: batch))
    return program
  }

  fileprivate mutating func writeImages(texts: Int, isAttacked: Bool) -> StepProgram {
    let images = inputImages
    let given = featureBuffer(.text, .clean, samples: texts)
    var opening = images.map { [Step.hold($0)] } ?? []
    if isAttacked, let given { opening.append(.hold(given)) }
    let clean = layout.imageChain.map {
      pieces(of: $0, branch: .clean, samples: batch, need: GradientNeed.none)
    }
    add(
      .imageForward,
      opening + forward(clean, .clean))
    if isAttacked {
      classes = texts
      let buffers = writeAttack()
      let attacked = layout.imageChain.map {
        pieces(of: $0, branch: .attacked, samples: batch, need: GradientNeed.none)
      }
      add(
        .adversarialForward,
        forward(attacked, .attacked) + buffers.map { .drop($0) }
          + (given.map { [.drop($0)] } ?? []))
    }
    if let images { add(.imageForward, [.drop(images)]) }
    return program
  }

  /// A forward whose features are reported, and the image tokens that it hands on.
  private func forward(_ chain: [[Piece]], _ branch: Pass.Branch) -> [Step] {
    let tokens = tokenBuffer(branch, samples: batch)
    return chain.flatMap { forward($0, keeping: false) } + (tokens.map { [.hold($0)] } ?? [])
      + holdFeatures(featureRole, branch, samples: batch)
      + dropFeatures(featureRole, branch, samples: batch) + (tokens.map { [.drop($0)] } ?? [])
  }

  private var program: StepProgram {
    StepProgram(
      towers: towers, segments: segments, phases: phases, passes: passes, microBatch: batch,
      accumulation: 1)
  }
}

extension StepProgram {
  /// The same program of towers that nobody trains.
  fileprivate var frozen: StepProgram {
    var copy = self
    for index in copy.towers.indices where copy.towers[index].name != "loss" {
      copy.towers[index].trainable = false
      copy.towers[index].trained = 0
    }
    return copy
  }
}
