import Foundation

/// Where the project's data is found.
///
/// In order: `--data`, `FORETRAIN_DATA`, the project folder, the user's XDG folders. A file in an earlier folder hides one of the same id in a later one.
public struct DataFolders: Sendable, Hashable {
  /// Folders that may hold `models/`, `hardware-profiles/`, `software-stacks/`, `scenarios/`.
  public var roots: [String]
  /// The user's own data: `this-machine.yaml` and the database.
  public var userData: String

  /// The name of the profile that `foretrain bench` writes into `userData`.
  public static let thisMachineFile = "this-machine.yaml"

  /// Folders that are known already.
  public init(roots: [String], userData: String) {
    self.roots = roots
    self.userData = userData
  }

  /// Finds the folders.
  ///
  /// - Parameters:
  ///   - data: The value of `--data`; nil where it was not given.
  ///   - environment: Environment variables; nil: those of the process.
  ///   - executable: The path of the running binary; nil: as the process was started.
  ///   - currentFolder: The working folder; nil: that of the process.
  /// - Throws: `MissingFile` where a folder that was named is not there.
  public init(
    data: String? = nil, environment: [String: String]? = nil, executable: String? = nil,
    currentFolder: String? = nil
  ) throws(MissingFile) {
    let environment = environment ?? ProcessInfo.processInfo.environment
    let executable = executable ?? CommandLine.arguments.first ?? ""
    let currentFolder = currentFolder ?? FileManager.default.currentDirectoryPath
    var roots: [String] = []
    for (name, folder) in [("--data", data), ("FORETRAIN_DATA", environment["FORETRAIN_DATA"])] {
      guard let folder, !folder.isEmpty else { continue }
      guard Self.isFolder(folder) else {
        throw MissingFile(path: folder, reason: "\(name) names no folder")
      }
      roots.append(folder)
    }
    let binary = URL(filePath: executable).resolvingSymlinksInPath().deletingLastPathComponent()
    for start in [currentFolder, binary.path(percentEncoded: false)] {
      if let project = Self.projectFolder(from: start) { roots.append(project) }
    }
    let home = environment["HOME"] ?? NSHomeDirectory()
    func xdg(_ variable: String, _ fallback: String) -> String {
      // The specification says that relative paths are to be ignored.
      let value = environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil }
      return (value ?? home + "/" + fallback) + "/foretrain"
    }
    userData = xdg("XDG_DATA_HOME", ".local/share")
    roots += [userData, xdg("XDG_CONFIG_HOME", ".config")]
    var seen: Set<String> = []
    self.roots = roots.filter { seen.insert($0).inserted }
  }

  /// The folders of one kind that exist, for example those of `models`.
  public func folders(_ kind: String) -> [String] {
    roots.map { $0 + "/" + kind }.filter(Self.isFolder)
  }

  /// The profile of this machine, where `foretrain bench` has written one.
  public var thisMachine: String? {
    let path = userData + "/" + Self.thisMachineFile
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  /// The nearest folder from `start` upwards that holds hardware profiles and models.
  private static func projectFolder(from start: String) -> String? {
    var folder = URL(filePath: start).standardizedFileURL
    for _ in 0..<64 {
      let path = folder.path(percentEncoded: false)
      let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
      if isFolder(trimmed + "/software-stacks"), isFolder(trimmed + "/scenarios") {
        return trimmed
      }
      let parent = folder.deletingLastPathComponent().standardizedFileURL
      guard parent != folder, trimmed != "/" else { return nil }
      folder = parent
    }
    return nil
  }

  private static func isFolder(_ path: String) -> Bool {
    // Links are followed: data folders are often links.
    let target = URL(filePath: path).resolvingSymlinksInPath()
    let attributes = try? target.resourceValues(forKeys: [.isDirectoryKey])
    return attributes?.isDirectory == true
  }
}
