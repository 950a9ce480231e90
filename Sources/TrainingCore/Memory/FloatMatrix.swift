/// Rows of a part of memory: `rows x columns` elements, `stride` apart from row to row.
///
/// Query, key and value are columns of one product's result; kernels read them where they lie.
public struct FloatMatrix: Sendable {
  /// From the first row's first element to the last row's last.
  public let elements: Floats
  /// Number of rows.
  public let rows: Int
  /// Elements of a row.
  public let columns: Int
  /// Distance between the starts of two rows.
  public let stride: Int

  /// Dense rows.
  ///
  /// - Precondition: `rows x columns` elements.
  public init(_ elements: Floats, rows: Int, columns: Int) {
    precondition(
      elements.count == rows * columns,
      "\(elements.count) elements for \(rows) rows of \(columns) columns")
    self.elements = elements
    self.rows = rows
    self.columns = columns
    stride = columns
  }

  /// The columns `first ..< first + columns` of dense rows of `width`.
  ///
  /// - Precondition: `rows x width` elements, and the columns lie within a row.
  public init(_ elements: Floats, rows: Int, width: Int, first: Int, columns: Int) {
    precondition(
      elements.count == rows * width && first >= 0 && first + columns <= width && rows >= 1,
      "columns \(first) to \(first + columns) of \(rows) rows of \(width) in \(elements.count)")
    self.elements = elements.part(first, (rows - 1) * width + columns)
    self.rows = rows
    self.columns = columns
    stride = width
  }

  private init(elements: Floats, rows: Int, columns: Int, stride: Int) {
    self.elements = elements
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }

  /// Whether rows follow each other without gaps.
  public var isDense: Bool { stride == columns || rows == 1 }

  /// Elements that the view shows, gaps left out.
  public var count: Int { rows * columns }

  /// A block of rows and columns of this view.
  ///
  /// - Precondition: the block lies inside, and has at least one row.
  public func block(rows range: Range<Int>, columns: Range<Int>) -> FloatMatrix {
    precondition(
      !range.isEmpty && range.lowerBound >= 0 && range.upperBound <= rows
        && columns.lowerBound >= 0 && columns.upperBound <= self.columns,
      "block \(range) x \(columns) of \(rows) x \(self.columns)")
    let start = range.lowerBound * stride + columns.lowerBound
    return FloatMatrix(
      elements: elements.part(start, (range.count - 1) * stride + columns.count),
      rows: range.count, columns: columns.count, stride: stride)
  }

  /// Some rows, all columns.
  public func rows(_ range: Range<Int>) -> FloatMatrix { block(rows: range, columns: 0..<columns) }
}
