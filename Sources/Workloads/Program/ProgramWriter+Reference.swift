/// A frozen copy of the image side, whose features anchor attacked ones or teach clean ones.
extension ProgramWriter {
  /// A stretch of the copy.
  struct Copy {
    /// The stretch that it copies.
    var path: TowerPath
    /// The tower that holds its weights.
    var tower: String
  }

  /// The stretches from pixels to features; the image tower alone where nothing is compared.
  private static func chain(of layout: FamilyLayout) -> [TowerPath] {
    guard layout.contrastive != nil else { return Array(layout.imageChain.prefix(1)) }
    return layout.imageChain.map(\.withoutCachedQueries)
  }

  /// Stretches that have weights of their own in the copy.
  ///
  /// An anchor is what a tower was before training: one that is not trained is its own anchor, and
  /// its weights are there already. A teacher is another model.
  static func copies(of layout: FamilyLayout, _ recipe: BranchRecipe) -> [Copy] {
    guard recipe.references > 0 else { return [] }
    return chain(of: layout).filter { recipe.distils || $0.trainable }.map {
      Copy(path: $0, tower: $0.role == .image ? "reference" : "reference-\($0.name)")
    }
  }

  /// The towers of the copy, frozen.
  var referenceTowers: [StepProgram.Tower] {
    Self.copies(of: layout, recipe).map { copy in
      let own = layout.towers.first { $0.name == copy.path.name }
      // Other passes share a bridge's tower: the copy has what its own pass reads.
      let parameters =
        copy.path.role == .image
        ? own.map(layout.ownParameters(of:)) ?? 0 : copy.path.parameterElements
      return StepProgram.Tower(
        name: copy.tower, parameters: parameters, trainable: false, isReference: true)
    }
  }

  /// The copy's forward from clean images to features, or the cache that replaces it.
  mutating func referenceSteps() -> [Step] {
    var steps: [Step] = []
    if recipe.references > 0 {
      let towers = Dictionary(
        uniqueKeysWithValues: Self.copies(of: layout, recipe).map { ($0.path.role, $0.tower) })
      for path in Self.chain(of: layout) {
        steps += forward(
          pieces(
            of: path, branch: .reference, samples: batch, need: GradientNeed.none,
            conditioned: false, tower: towers[path.role]), keeping: false)
      }
      if isCached {
        steps += cache(featureRole, .reference, samples: batch)
      } else if layout.contrastive != nil {
        // The copy's queries have read the tokens; nobody else does.
        let tokens = tokenRole == .bridge ? tokenBuffer(.reference, samples: batch) : nil
        steps += tokens.map { [.hold($0)] } ?? []
        steps += holdFeatures(featureRole, .reference, samples: batch)
        steps += tokens.map { [.drop($0)] } ?? []
      }
    }
    if recipe.referenceReadsCache, let contrastive = layout.contrastive {
      let bytes = batch * contrastive.vectorsPerImage * contrastive.width * 2
      steps.append(
        .pass(
          ElementwisePass(
            label: "cached teacher features", bytesRead: bytes, bytesWritten: bytes, kernels: 1)))
    }
    return steps
  }

  /// The end of its features, where they are compared a micro-batch at a time.
  var referenceDrop: [Step] {
    recipe.references > 0 ? dropFeatures(featureRole, .reference, samples: batch) : []
  }
}

extension TowerPath {
  /// The same without what a caption pass would need of the queries.
  var withoutCachedQueries: TowerPath {
    var path = self
    for entry in path.entries.indices {
      if case .qformerBlock(let qformer, .cachingQueries, let crossing) = path.entries[entry].spec {
        path.entries[entry].spec = .qformerBlock(qformer, .queries, crossing: crossing)
      }
    }
    return path
  }
}
