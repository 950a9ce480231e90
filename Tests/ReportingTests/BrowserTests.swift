import Foundation
import Planning
import Reporting
import Testing

@Suite("The page in a browser", .serialized)
struct BrowserTests {
  private static let browser = ["chromium", "chromium-browser", "google-chrome"].lazy
    .flatMap { name in
      (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { $0 + "/" + name }
    }
    .first { FileManager.default.isExecutableFile(atPath: String($0)) }

  /// Measures a page in a frame of a given width: overflow, requests, hidden charts.
  private static func harness(page: String, width: Int) -> String {
    let srcdoc = page.replacing("&", with: "&amp;").replacing("\"", with: "&quot;")
    return """
      <!DOCTYPE html><meta charset="utf-8"><body>
      <iframe id="page" style="width:\(width)px;height:900px;border:0" srcdoc="\(srcdoc)"></iframe>
      <pre id="result">not measured</pre>
      <script>
      document.getElementById("page").onload = (event) => {
        const view = event.target.contentWindow, page = view.document;
        const shown = [...page.querySelectorAll("svg")].filter(e => e.getBoundingClientRect().width > 0);
        const outside = [...page.querySelectorAll("main > *, figure > *, .cards > *")]
          .filter(e => e.getBoundingClientRect().right > view.innerWidth + 0.5).map(e => e.outerHTML.slice(0, 80));
        document.getElementById("result").textContent = JSON.stringify({
          inner: view.innerWidth, scroll: page.documentElement.scrollWidth, outside: outside,
          requests: view.performance.getEntriesByType("resource").length, shown: shown.length,
          figures: page.querySelectorAll("figure").length,
          scale: Math.min(...shown.map(e => e.getBoundingClientRect().width / e.viewBox.baseVal.width)),
          hacked: page.querySelectorAll("script").length
        });
      };
      </script>
      """
  }

  private struct Measured: Decodable {
    var inner: Int
    var scroll: Int
    var outside: [String]
    var requests: Int
    var shown: Int
    var figures: Int
    var scale: Double
    var hacked: Int
  }

  @Test(
    "No overflow, no request and no complaint at the width of a phone and of a desk",
    .enabled(if: browser != nil, "needs chromium"), arguments: [360, 1280])
  func page(width: Int) throws {
    let browser = try #require(Self.browser)
    let page = try #require(
      Samples.report().files.first { $0.name == "report.html" }?.contents)
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("foretrain-browser-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try AtomicWriter.write(
      Self.harness(page: page, width: width), to: folder.path + "/harness.html")
    let output = try run(
      String(browser),
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
        "--user-data-dir=\(folder.path)/profile", "--window-size=1400,1000",
        "--virtual-time-budget=2000", "--dump-dom", "file://\(folder.path)/harness.html",
      ])
    let json = output.standard.firstMatch(of: /<pre id="result">(.*?)<\/pre>/)
    let text = try #require(json).1.replacing("&lt;", with: "<").replacing("&gt;", with: ">")
      .replacing("&amp;", with: "&")
    let measured = try JSONDecoder().decode(Measured.self, from: Data(text.utf8))
    #expect(measured.inner == width)
    #expect(measured.scroll <= width)
    #expect(measured.outside == [])
    #expect(measured.requests == 0)
    #expect(measured.hacked == 0)
    // One drawing of each chart is shown, at its own size: labels keep their 12 px.
    #expect(measured.figures == 6)
    #expect(measured.shown == measured.figures)
    #expect((0.95...1.05).contains(measured.scale))
    let complaints = output.error.split(separator: "\n").filter { $0.contains(":CONSOLE") }
    #expect(complaints == [])
  }

  private func run(
    _ program: String, _ arguments: [String]
  ) throws -> (standard: String, error: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let folder = FileManager.default.temporaryDirectory
    let files = ["out", "err"].map { folder.appendingPathComponent("\($0)-\(UUID().uuidString)") }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    for file in files { try Data().write(to: file) }
    let handles = try files.map { try FileHandle(forWritingTo: $0) }
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    try process.run()
    process.waitUntilExit()
    let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    return (texts[0], texts[1])
  }
}
