import Testing
import TrainingData

@Suite("The shapes data set")
struct ShapesDatasetTests {
  // Painting and drawing use exactly rounded operations only, so these hold on every machine. They
  // change only with the data set itself, and then so does every result obtained with it.
  @Test("A sample's bytes and words are those of its seed, split and index")
  func golden() throws {
    var bytes: [UInt8] = []
    for split in ShapesSplit.allCases {
      let data = try shapes(split)
      for index in [0, 1, 2, 77, 1 << 40] as [UInt64] {
        let sample = data.sample(index)
        bytes += sample.image.bytes + sample.caption.utf8
      }
    }
    #expect(fingerprint(bytes) == 2_631_847_490_512_342_633)
  }

  @Test("The order in which samples are drawn does not matter")
  func order() throws {
    let data = try shapes()
    let forwards = (0..<50 as Range<UInt64>).map { data.sample($0) }
    let backwards = (0..<50 as Range<UInt64>).reversed().map { data.sample($0) }
    #expect(forwards == backwards.reversed())
  }

  @Test("Splits and seeds share no scene")
  func disjoint() throws {
    var scenes: Set<Scene> = []
    for seed in [1, 2] as [UInt64] {
      for split in ShapesSplit.allCases {
        let data = try shapes(split, seed: seed)
        for index in 0..<1500 as Range<UInt64> { scenes.insert(data.scene(index)) }
      }
    }
    #expect(scenes.count == 9000)
  }

  @Test("Held-out kinds occur in their own split, always, and nowhere else")
  func heldOut() throws {
    for index in 0..<3000 as Range<UInt64> {
      let kinds = try shapes(.train).scene(index).objects + shapes(.test).scene(index).objects
      #expect(kinds.allSatisfy { !$0.kind.isHeldOut })
      let unseen = try shapes(.heldOutCombinations).scene(index).objects
      #expect(unseen.allSatisfy { $0.kind.isHeldOut })
    }
    #expect(ColouredShape.all.count == 64)
    #expect(ColouredShape.heldOut.count == 16)
    for colour in ShapeColour.allCases {
      #expect(ColouredShape.heldOut.count { $0.colour == colour } == 2)
    }
    for shape in ShapeKind.allCases {
      #expect(ColouredShape.heldOut.count { $0.shape == shape } == 2)
    }
  }

  @Test("Counts, kinds, sizes, places and relations are balanced")
  func balance() throws {
    let data = try shapes()
    let scenes = (0..<12_000 as Range<UInt64>).map { data.scene($0) }
    let counts = (1...3).map { count in scenes.count { $0.objects.count == count } }
    // Standard deviation 54; a third object that found no room turns three into two now and then.
    #expect(abs(counts[0] - 4800) < 270)
    #expect(counts[1] > 4500 && counts[1] < 5400)
    #expect(counts[2] > 1800 && counts[2] < 2700)
    let singles = scenes.filter { $0.objects.count == 1 }.map { $0.objects[0] }
    for kind in ColouredShape.seen {
      // 100 expected, standard deviation 10.
      #expect(abs(singles.count { $0.kind == kind } - 100) < 50)
    }
    for place in ScenePlace.allCases {
      #expect(abs(singles.count { $0.place == place } - 533) < 120)
    }
    for size in ShapeSize.allCases {
      #expect(abs(singles.count { $0.size == size } - 1600) < 180)
    }
    let pairs = scenes.filter { $0.objects.count == 2 }
    let relations = pairs.map { $0.relation(of: 0, to: 1) }
    for relation in [SpatialRelation.above, .below, .leftOf, .rightOf, .around] {
      #expect(abs(relations.count { $0 == relation } - pairs.count / 5) < 160)
    }
  }

  @Test("Objects lie inside the image, apart from each other or one inside the other")
  func placing() throws {
    for split in ShapesSplit.allCases {
      let data = try shapes(split)
      for index in 0..<3000 as Range<UInt64> {
        let objects = data.scene(index).objects
        for (number, object) in objects.enumerated() {
          for position in [object.x, object.y] {
            #expect(position > object.extent && position < 1 - object.extent)
          }
          for other in objects[..<number] {
            let (dx, dy) = (object.x - other.x, object.y - other.y)
            let distance = (dx * dx + dy * dy).squareRoot()
            let nested = object.relation(to: other) == .inside
            #expect(nested || distance > object.extent + other.extent)
          }
        }
      }
    }
  }
}
