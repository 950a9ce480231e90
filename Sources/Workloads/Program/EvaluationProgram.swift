/// Programs that only compare: features of texts, features of images as they are and under attack.
extension ModelSpec {
  /// Features of so many texts.
  ///
  /// - Parameters:
  ///   - texts: How many.
  ///   - conditioning: How the trained model learns of lambda: a bridge whose weights serve texts too is
  ///     told 0.
  ///   - frozen: Towers that were not trained.
  ///   - partial: What of each tower was trained, where that is not everything.
  ///   - style: What the kernels are.
  /// - Returns: A program that holds the texts' features at its end.
  public func textFeatureProgram(
    texts: Int, conditioning: LambdaConditioning = .none, frozen: Set<String> = [],
    partial: [String: Trainability] = [:], style: KernelStyle
  ) -> StepProgram {
    var writer = ProgramWriter(
      model: self,
      options: evaluationOptions(
        samples: texts, attackSteps: 1, conditioning, frozen, partial, style))
    return writer.writeTexts().frozen
  }

  /// Towers are frozen and adapted as in training, so that what is told lambda is the tower that was:
  /// the forward takes the values of every parameter by its name.
  private func evaluationOptions(
    samples: Int, attackSteps: Int, _ conditioning: LambdaConditioning, _ frozen: Set<String>,
    _ partial: [String: Trainability], _ style: KernelStyle
  ) -> ProgramOptions {
    var settings = CalibrationSettings(method: .oat)
    settings.cleanShare = 0
    settings.attackSteps = max(1, attackSteps)
    settings.conditioning = conditioning
    var options = ProgramOptions(microBatch: samples, defaultStyle: style)
    options.calibration = settings
    options.frozen = frozen
    options.partial = partial
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
  ///   - frozen: Towers that were not trained.
  ///   - partial: What of each tower was trained, where that is not everything.
  ///   - style: What the kernels are.
  /// - Returns: A program that holds both sets of features.
  public func imageFeatureProgram(
    images: Int, texts: Int, attackSteps: Int, conditioning: LambdaConditioning,
    frozen: Set<String> = [], partial: [String: Trainability] = [:], style: KernelStyle
  ) -> StepProgram {
    var writer = ProgramWriter(
      model: self,
      options: evaluationOptions(
        samples: images, attackSteps: attackSteps, conditioning, frozen, partial, style))
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
