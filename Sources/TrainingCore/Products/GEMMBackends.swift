/// The matrix libraries that are present.
public enum GEMMBackends {
  /// Every library found on this machine, OpenBLAS first.
  public static func available() -> [any GEMMBackend] {
    var found: [any GEMMBackend] = [OpenBLASBackend()]
    if let oneDNN = OneDNNBackend() { found.append(oneDNN) }
    return found
  }
}
