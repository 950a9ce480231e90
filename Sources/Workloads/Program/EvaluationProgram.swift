/// Programs that only compare: features of texts, features of images as they are and under attack.
extension ModelSpec {
  /// Features of so many texts.
  ///
  /// - Parameters:
  ///   - texts: How many.
  ///   - style: What the kernels are.
  /// - Returns: A program that holds the texts' features at its end.
  public func textFeatureProgram(texts: Int, style: KernelStyle) -> StepProgram {
    var writer = ProgramWriter(
      model: self,
      options: ProgramOptions(
        microBatch: texts, defaultStyle: style, frozen: Set(towerNames)))
    return writer.writeTexts()
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
  ///   - style: What the kernels are.
  /// - Returns: A program that holds both sets of features.
  public func imageFeatureProgram(
    images: Int, texts: Int, attackSteps: Int, conditioning: LambdaConditioning,
    style: KernelStyle
  ) -> StepProgram {
    var settings = CalibrationSettings(method: .oat)
    settings.cleanShare = 0
    settings.attackSteps = max(1, attackSteps)
    settings.conditioning = conditioning
    var writer = ProgramWriter(
      model: self,
      options: ProgramOptions(
        microBatch: images, defaultStyle: style, frozen: Set(towerNames), calibration: settings))
    return writer.writeImages(texts: texts, isAttacked: attackSteps > 0)
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
      opening + clean.flatMap { forward($0, keeping: false) }
        + holdFeatures(featureRole, .clean, samples: batch)
        + dropFeatures(featureRole, .clean, samples: batch))
    if isAttacked {
      classes = texts
      let buffers = writeAttack()
      let attacked = layout.imageChain.map {
        pieces(of: $0, branch: .attacked, samples: batch, need: GradientNeed.none)
      }
      add(
        .adversarialForward,
        attacked.flatMap { forward($0, keeping: false) }
          + holdFeatures(featureRole, .attacked, samples: batch)
          + dropFeatures(featureRole, .attacked, samples: batch) + buffers.map { .drop($0) }
          + (given.map { [.drop($0)] } ?? []))
    }
    if let images { add(.imageForward, [.drop(images)]) }
    return program
  }

  private var program: StepProgram {
    StepProgram(
      towers: towers, segments: segments, phases: phases, passes: passes, microBatch: batch,
      accumulation: 1)
  }
}
