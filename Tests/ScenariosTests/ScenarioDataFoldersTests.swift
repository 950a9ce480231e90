import Foundation
import Planning
import Scenarios
import Testing

@Suite("Where data is found")
struct ScenarioDataFoldersTests {
  @Test("flag, environment, project, user: in this order, each once")
  func order() throws {
    let inner = ProjectData.root + "/Sources/Scenarios"
    let folders = try DataFolders(
      data: ProjectData.root + "/Tests",
      environment: ["FORETRAIN_DATA": inner, "HOME": "/home/somebody"],
      executable: ProjectData.root + "/.build/debug/foretrain", currentFolder: inner)
    #expect(
      folders.roots == [
        ProjectData.root + "/Tests", inner, ProjectData.root,
        "/home/somebody/.local/share/foretrain", "/home/somebody/.config/foretrain",
      ])
    #expect(folders.userData == "/home/somebody/.local/share/foretrain")
    #expect(folders.folders("models") == [ProjectData.root + "/models"])
    #expect(folders.thisMachine == nil)
  }

  @Test("absolute XDG folders are used, relative ones are not")
  func xdg() throws {
    let folders = try DataFolders(
      environment: ["XDG_DATA_HOME": "/data", "XDG_CONFIG_HOME": "relative", "HOME": "/h"],
      executable: "/usr/bin/foretrain", currentFolder: "/")
    #expect(folders.userData == "/data/foretrain")
    #expect(folders.roots == ["/data/foretrain", "/h/.config/foretrain"])
  }

  @Test("a folder that was named and is not there is an error")
  func missing() {
    #expect(throws: MissingFile.self) {
      try DataFolders(data: "/no/such/folder", environment: ["HOME": "/h"])
    }
    #expect(throws: MissingFile.self) {
      try DataFolders(environment: ["FORETRAIN_DATA": "/no/such/folder", "HOME": "/h"])
    }
  }

  @Test("a file in an earlier folder hides one of the same id in a later one")
  func hiding() throws {
    let mine = FileManager.default.temporaryDirectory.appending(path: "ft-\(UUID().uuidString)")
    let scenarios = mine.appending(path: "scenarios")
    try FileManager.default.createDirectory(at: scenarios, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: mine) }
    let text = try ProjectData.text("eva02-clip-b16").replacing(
      "title: EVA-02-CLIP-B/16, 64 A100-40GB", with: "title: Mine")
    try text.write(
      to: scenarios.appending(path: "eva02-clip-b16.yaml"), atomically: true, encoding: .utf8)
    let roots = [mine.path(percentEncoded: false).trimmedSlash, ProjectData.root]
    let loader = ScenarioLoader(data: DataFolders(roots: roots, userData: "/none"))
    #expect(try loader.load("eva02-clip-b16").title == "Mine")
    #expect(try loader.load("eva02-clip-l14").title.hasPrefix("EVA-02-CLIP-L/14"))
  }

  @Test("the listing says what keeps a scenario from being read")
  func listing() throws {
    let listing = try ProjectData.loader().scenarioListing()
    let tiny = try #require(listing.first { $0.id == "tiny-clip" })
    #expect(tiny.problem?.contains("foretrain bench --quick") == true)
    let eva = try #require(listing.first { $0.id == "eva02-clip-e14-plus" })
    #expect(eva.model == "EVA02-E-14-plus")
    #expect(eva.cluster == "144 x a100-80gb-sxm-dgx")
    #expect(eva.problem == nil)
  }
}
