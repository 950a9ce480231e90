/// What an output was made from and by what.
///
/// Ids and times are held by JSON alone, and only where the user asked for a stamp; the other forms
/// of a report never carry them, so that same inputs give same bytes.
public struct Provenance: Sendable, Hashable {
  /// The tool's version.
  public var version: String
  /// Hash of the scenario file; nil where the question came from the command line.
  public var scenarioHash: String?
  /// Hash of the hardware profile.
  public var profileHash: String?
  /// Hash of the fitted constants.
  public var fitHash: String?
  /// The seed of everything random; nil where nothing was.
  public var seed: UInt64?
  /// The id and UTC time of the invocation; nil without a stamp.
  public var stamp: Stamp?

  /// One invocation.
  public struct Stamp: Sendable, Hashable {
    /// Unique to the invocation.
    public var id: String
    /// UTC, ISO 8601.
    public var time: String

    /// A stamp.
    public init(id: String, time: String) {
      self.id = id
      self.time = time
    }
  }

  /// Provenance from its parts.
  public init(
    version: String, scenarioHash: String? = nil, profileHash: String? = nil,
    fitHash: String? = nil, seed: UInt64? = nil, stamp: Stamp? = nil
  ) {
    self.version = version
    self.scenarioHash = scenarioHash
    self.profileHash = profileHash
    self.fitHash = fitHash
    self.seed = seed
    self.stamp = stamp
  }

  /// The `provenance` block of the JSON contract.
  public var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("tool", "foretrain"), .init("version", .string(version)),
      .init("scenario_hash", .optional(scenarioHash)),
      .init("profile_hash", .optional(profileHash)), .init("fit_hash", .optional(fitHash)),
      // A double holds 53 bits and JSON readers use doubles: the seed is text.
      .init("seed", .optional(seed.map { "\($0)" })),
    ]
    if let stamp {
      members.append(.init("id", .string(stamp.id)))
      members.append(.init("time", .string(stamp.time)))
    }
    return .object(members)
  }
}

/// Version of the JSON outputs: a minor step adds fields, a major one breaks.
public enum Schema {
  /// The version that is written.
  public static let version = "1.0"
}
