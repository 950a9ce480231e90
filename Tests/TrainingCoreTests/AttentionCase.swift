import TestSupport
import Testing
import TrainingCore
import Workloads

/// Sizes, a mask and random operands of one attention.
struct AttentionCase: CustomTestStringConvertible, Sendable {
  var samples = 1
  var heads = 1
  var keyValueHeads = 1
  var queries: Int
  var keys: Int
  var headWidth: Int
  var mask = AttentionMask(causal: false)
  var scale: Float = 0.5

  var testDescription: String {
    "\(samples) samples, \(heads)/\(keyValueHeads) heads, \(queries) x \(keys) x \(headWidth), "
      + "causal \(mask.causal), prefix \(mask.prefixKeys), valid \(mask.validKeys ?? [])"
  }

  var shape: AttentionShape {
    AttentionShape(
      samples: samples, heads: heads, queries: queries, keys: keys, headWidth: headWidth,
      causal: mask.causal)
  }

  var reference: ReferenceAttention {
    let mask = mask
    return ReferenceAttention(
      samples: samples, heads: heads, keyValueHeads: keyValueHeads, queries: queries, keys: keys,
      headWidth: headWidth, scale: Double(scale)
    ) { sample, i, j in
      let inTime = !mask.causal || j < mask.prefixKeys || j - mask.prefixKeys <= i
      return inTime && j < mask.validKeys.map { Int($0[sample]) } ?? .max
    }
  }

  var queryCount: Int { samples * queries * heads * headWidth }
  var keyCount: Int { samples * keys * keyValueHeads * headWidth }
  var rows: Int { samples * heads * queries }

  /// Columns in the middle of wider rows: as an operand lies in a joint product's result.
  func queryView(_ values: [Float]) -> FloatMatrix {
    view(values, rows: samples * queries, columns: heads * headWidth)
  }

  func keyView(_ values: [Float]) -> FloatMatrix {
    view(values, rows: samples * keys, columns: keyValueHeads * headWidth)
  }

  private func view(_ values: [Float], rows: Int, columns: Int) -> FloatMatrix {
    let width = columns + 5
    var wide = [Float](repeating: .nan, count: rows * width)
    for (index, value) in values.enumerated() {
      wide[index / columns * width + 3 + index % columns] = value
    }
    return FloatMatrix(Floats(wide), rows: rows, width: width, first: 3, columns: columns)
  }
}

extension FloatMatrix {
  /// The elements that the view shows.
  var shown: Floats {
    let all = elements.values
    return Floats((0..<rows).flatMap { all[$0 * stride..<$0 * stride + columns] })
  }

  /// Whether everything between the rows is still as `AttentionCase` left it.
  var keptGaps: Bool {
    let all = elements.values
    return all.indices.allSatisfy { $0 % stride < columns || all[$0].isNaN }
  }
}
