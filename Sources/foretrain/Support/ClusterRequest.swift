import ArgumentParser
import Clusters
import Scenarios

/// One cluster as a flag names it: `ID` or `ID:COUNT`.
struct ClusterRequest {
  var id: String
  var count: Int?

  /// A comma-separated list of clusters.
  static func list(_ text: String, flag: String) throws -> [ClusterRequest] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map {
      try ClusterRequest(String($0), flag: flag)
    }
  }

  private init(_ text: String, flag: String) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    id = parts.first.map { $0.filter { !$0.isWhitespace } } ?? ""
    guard parts.count <= 2, !id.isEmpty else {
      throw ValidationError("\(flag): '\(text)' is not ID or ID:COUNT")
    }
    if parts.count == 2 {
      guard let count = Int(parts[1]), count >= 1 else {
        throw ValidationError("\(flag): '\(parts[1])' is not a number of accelerators")
      }
      self.count = count
    }
  }

  /// The cluster, with its own count or the scenario's.
  func cluster(_ loader: ScenarioLoader, default accelerators: Int) throws -> Cluster {
    Cluster(profile: try loader.hardware(id), accelerators: count ?? accelerators)
  }
}
