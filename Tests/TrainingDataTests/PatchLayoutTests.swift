import Testing
import TrainingData

@Suite("Patches and normalisation")
struct PatchLayoutTests {
  @Test("Every number of every patch is the pixel that the layout says", arguments: [4, 8, 16])
  func layout(patch: Int) throws {
    let layout = try PatchLayout(imageSize: 32, patchSize: patch, normalization: .openAI)
    let image = ShapesDataset(seed: 1, split: .train, layout: layout).sample(3).image
    let numbers = layout.patches(of: image)
    #expect(numbers.count == layout.patches * layout.patchElements)
    for row in 0..<32 {
      for column in 0..<32 {
        for channel in 0..<3 {
          let which = row / patch * (32 / patch) + column / patch
          let inside = (channel * patch + row % patch) * patch + column % patch
          let byte = image[row: row, column: column, channel: channel]
          #expect(
            numbers[which * layout.patchElements + inside]
              == PixelNormalization.openAI.value(of: byte, channel: channel))
        }
      }
    }
  }

  @Test("The pixel range is exactly what bytes 0 and 255 become")
  func range() throws {
    let layout = try PatchLayout(imageSize: 16, patchSize: 4, normalization: .openAI)
    for byte in [0, 255] as [UInt8] {
      let image = RGBImage(
        width: 16, height: 16, bytes: [UInt8](repeating: byte, count: 768))
      let numbers = layout.patches(of: image)
      let range = PixelNormalization.openAI.range
      let wanted = byte == 0 ? range.lower : range.upper
      for (index, number) in numbers.enumerated() {
        #expect(number == wanted[index % layout.patchElements / 16])
      }
    }
    // (0 - 0.48145466) / 0.26862954 and (1 - 0.40821073) / 0.27577711, rounded to fp32.
    #expect(abs(PixelNormalization.openAI.range.lower[0] + 1.7922626) < 1e-6)
    #expect(abs(PixelNormalization.openAI.range.upper[2] - 2.1458970) < 1e-6)
    // 4 / 255 / 0.26862954.
    #expect(abs(PixelNormalization.openAI.distance(4.0 / 255)[0] - 0.05839371) < 1e-7)
  }

  // Measured on 20,000 other images; 400 images know a mean to about 0.015.
  @Test("Normalised shapes have mean 0 and deviation 1 in every channel")
  func statistics() throws {
    let data = try shapes(.test)
    let layout = data.layout
    var sums = [Double](repeating: 0, count: 3)
    var squares = sums
    for index in 0..<400 as Range<UInt64> {
      for (place, number) in layout.patches(of: data.sample(index).image).enumerated() {
        let channel = place % layout.patchElements / 64
        sums[channel] += Double(number)
        squares[channel] += Double(number) * Double(number)
      }
    }
    for channel in 0..<3 {
      let mean = sums[channel] / 1_638_400
      let deviation = (squares[channel] / 1_638_400 - mean * mean).squareRoot()
      #expect(abs(mean) < 0.05 && abs(deviation - 1) < 0.05, "\(mean) \(deviation)")
    }
  }

  @Test("Sizes that cannot be are refused with the reason")
  func refusals() {
    #expect(throws: TrainingDataError.self) {
      try PatchLayout(imageSize: 8, patchSize: 4, normalization: .shapes)
    }
    #expect(throws: TrainingDataError.self) {
      try PatchLayout(imageSize: 2048, patchSize: 4, normalization: .shapes)
    }
    #expect(throws: TrainingDataError.self) {
      try PatchLayout(imageSize: 64, patchSize: 0, normalization: .shapes)
    }
    let error = #expect(throws: TrainingDataError.self) {
      try PatchLayout(imageSize: 64, patchSize: 7, normalization: .shapes)
    }
    #expect(error?.description == "patches of 7 pixels do not divide images of 64")
    #expect(throws: TrainingDataError.self) {
      try PixelNormalization(mean: [0, 0, 0], deviation: [1, 0, 1])
    }
    #expect(throws: TrainingDataError.self) {
      try PixelNormalization(mean: [0, 0], deviation: [1, 1, 1])
    }
  }

  @Test("A contact sheet shows its images in order")
  func contactSheet() {
    let images = [10, 20, 30].map {
      RGBImage(width: 2, height: 1, bytes: [UInt8](repeating: $0, count: 6))
    }
    let sheet = ContactSheet.sheet(images, columns: 2, gap: 1)
    #expect(sheet.width == 7 && sheet.height == 5)
    let rows = (0..<5).map { row in (0..<7).map { sheet[row: row, column: $0, channel: 2] } }
    let blank = [UInt8](repeating: 255, count: 7)
    #expect(
      rows == [
        blank, [255, 10, 10, 255, 20, 20, 255], blank, [255, 30, 30, 255, 255, 255, 255], blank,
      ])
  }
}
