/// The tool itself.
enum Tool {
  /// The version that reports and `--version` show.
  static let version = "0.1.0"
}
