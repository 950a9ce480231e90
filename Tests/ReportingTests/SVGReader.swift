import Foundation
import FoundationXML

/// Shapes of a drawing, read by an XML parser: a drawing that is not well-formed has none.
final class SVGReader: NSObject, XMLParserDelegate {
  struct Shape {
    var element: String
    var attributes: [String: String]
    var text = ""

    func number(_ name: String) -> Double { attributes[name].flatMap(Double.init) ?? .nan }
    var classes: [Substring] { (attributes["class"] ?? "").split(separator: " ") }
  }

  private(set) var shapes: [Shape] = []
  private var open: [Int] = []

  /// The shapes of a file's only drawing; nil where it is not well-formed.
  static func shapes(_ text: String) -> [Shape]? {
    let reader = SVGReader()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = reader
    return parser.parse() ? reader.shapes : nil
  }

  func parser(
    _ parser: XMLParser, didStartElement element: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    open.append(shapes.count)
    shapes.append(Shape(element: element, attributes: attributes))
  }

  func parser(
    _ parser: XMLParser, didEndElement element: String, namespaceURI: String?,
    qualifiedName: String?
  ) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    if let last = open.last { shapes[last].text += text }
  }
}
