import ArgumentParser
import Reporting
import RunStore
import Scenarios

/// `foretrain paths`.
struct PathsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "paths", abstract: "Where data, the database and this machine's profile lie.")

  @OptionGroup var folders: DataOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let found = try DataFolders(data: folders.data)
    let user = DataFolder()
    var rows: [[Table.Cell]] = found.roots.map { [.words("data"), .words($0)] }
    rows.append([.words("database"), .words(user.database)])
    rows.append([.words("this-machine"), .words(user.thisMachineProfile)])
    let table = Table(
      columns: [.init("what", "What"), .init("path", "Path")], rows: rows)
    try output.write(
      ListView(kind: "paths", table: table),
      provenance: Provenance(version: Tool.version, stamp: output.invocation))
  }
}
