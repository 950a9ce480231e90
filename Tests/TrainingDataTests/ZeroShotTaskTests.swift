import Testing
import TrainingData

@Suite("Zero-shot tasks")
struct ZeroShotTaskTests {
  private func tasks() throws -> [ZeroShotTask] {
    let layout = try smallLayout()
    return [
      .colourShape(seed: 1, layout: layout), .relation(seed: 1, layout: layout),
      .heldOutCombinations(seed: 1, layout: layout),
    ]
  }

  @Test("Tasks have the classes, prompts and odds that they promise")
  func sizes() throws {
    let tasks = try tasks()
    #expect(tasks.map(\.id) == ZeroShotTask.ids)
    #expect(tasks.map(\.classes.count) == [48, 60, 16])
    #expect(tasks.map(\.competitors) == [48, 5, 16])
    for task in tasks {
      #expect(Set(task.classes).count == task.classes.count)
      #expect(task.prompts.count == task.classes.count)
      #expect(task.prompts.allSatisfy { $0.count >= 4 })
      let sentences = task.prompts.flatMap { $0 }
      #expect(Set(sentences).count == sentences.count, "no sentence stands for two classes")
    }
  }

  @Test("Labels go round the classes, and are among their candidates")
  func labels() throws {
    for task in try tasks() {
      let count = UInt64(task.classes.count)
      #expect((0..<count).map { task.label($0) } == Array(0..<task.classes.count))
      for index in 0..<3 * count {
        #expect(task.candidates(index).contains(task.label(index)))
        #expect(task.candidates(index).count == task.competitors)
        #expect(task.classes.indices.contains(task.candidates(index).upperBound - 1))
      }
    }
  }

  @Test("Of the candidates' prompts, those of the label alone are true of the image")
  func truth() throws {
    for task in try tasks() {
      let read = try task.prompts.map { try $0.map { try CaptionReader.claims(of: $0) } }
      for index in 0..<180 as Range<UInt64> {
        let scene = task.scene(index)
        for candidate in task.candidates(index) {
          for (prompt, claims) in zip(task.prompts[candidate], read[candidate]) {
            let numbers = claims.things.map { thing in
              scene.objects.firstIndex { $0.kind == thing.kind }
            }
            let related = claims.relations.allSatisfy { first, relation, second in
              guard let a = numbers[first], let b = numbers[second] else { return false }
              return scene.relation(of: a, to: b) == relation
            }
            let holds = related && !numbers.contains(nil)
            #expect(holds == (candidate == task.label(index)), "\(task.id) \(index): \(prompt)")
          }
        }
      }
    }
  }

  @Test("Images are those of their index, and not those of training")
  func images() throws {
    let data = try shapes()
    let training = Set((0..<500 as Range<UInt64>).map { data.scene($0) })
    for task in try tasks() {
      #expect(task.image(7) == task.scene(7).image(size: 64))
      #expect(task.image(7) != task.image(7 + UInt64(task.classes.count)))
      #expect((0..<500 as Range<UInt64>).allSatisfy { !training.contains(task.scene($0)) })
    }
  }

  @Test("Only the held-out task shows kinds that training does not")
  func kinds() throws {
    let tasks = try tasks()
    for (task, unseen) in zip(tasks, [false, false, true]) {
      for index in 0..<120 as Range<UInt64> {
        #expect(task.scene(index).objects.allSatisfy { $0.kind.isHeldOut == unseen })
      }
    }
  }
}
