public import Foundation

/// The user's data folder: `$XDG_DATA_HOME/foretrain`, or `~/.local/share/foretrain`.
///
/// Source: XDG Base Directory Specification 0.8: a relative `XDG_DATA_HOME` is ignored.
public struct DataFolder: Sendable, Hashable {
  /// Path of the folder.
  public let path: String

  /// The folder that an environment names.
  ///
  /// - Parameters:
  ///   - environment: variables by name; those of this process unless given.
  ///   - home: the home folder, where `HOME` is not set.
  public init(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    home: String = NSHomeDirectory()
  ) {
    let named = environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    let userHome = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home
    let base = named ?? userHome + "/.local/share"
    path = (base.hasSuffix("/") ? String(base.dropLast()) : base) + "/foretrain"
  }

  /// Path of the database.
  public var database: String { path + "/foretrain.sqlite" }
  /// Path of the measured profile of this machine.
  public var thisMachineProfile: String { path + "/this-machine.yaml" }

  /// Makes the folder where it is missing.
  ///
  /// - Throws: `RunStoreError.cannotOpen`.
  public func create() throws(RunStoreError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    } catch {
      throw .cannotOpen(path: path, detail: error.localizedDescription)
    }
  }
}
