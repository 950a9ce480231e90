import Workloads

extension FlagOverlay {
  /// The nodes of a file with those of the flags in their places.
  ///
  /// - Parameter root: The file's top mapping; nil for the short form without a file.
  /// - Returns: A tree that reads like a file.
  func applied(to root: YAMLNode?) -> YAMLNode {
    let place = SourceLocation(line: Self.line, column: 1)
    let nothing = YAMLNode(content: .mapping([]), location: place)
    var result = root ?? nothing
    if root == nil {
      for section in ["workload", "cluster", "strategy"] {
        result = result.setting([section], to: nothing)
      }
    }
    for path in removals { result = result.removing(path) }
    for flag in flags {
      let path = fullPath(flag.path, in: result)
      if path.count == 3, path[0] == "strategy" {
        // One tower of a setting by tower: the others keep what a mapping says of them.
        let setting = Array(path.dropLast())
        let old = result.value(path[0])?.value(path[1])
        let towers = (old?.value("value") ?? old) ?? nothing
        result = result.setting(setting, to: towers.setting([path[2]], to: flag.node))
        continue
      }
      result = result.setting(path, to: flag.isSetting ? given(flag.node) : flag.node)
    }
    return result
  }

  /// Tells errors of flags, which then quote the flags, from those of the file.
  func split(
    _ diagnostics: [Diagnostic], file: SourceFile
  ) -> (flags: [Diagnostic], file: [Diagnostic]) {
    func quoted(_ column: Int, _ message: String, _ help: String) -> Diagnostic {
      Diagnostic(
        file: "command line", location: SourceLocation(line: 1, column: column), message: message,
        help: help, sourceLine: text)
    }
    var ofFlags = complaints.map { quoted($0.column, $0.message, $0.help) }
    var ofFile: [Diagnostic] = []
    for diagnostic in diagnostics {
      if diagnostic.location.line == Self.line, diagnostic.file == file.name {
        // Flags stand in the tree as {value, origin}; the user typed the value alone.
        let message = diagnostic.message.replacing(".value'", with: "'")
        let help = knobHelp(message) ?? diagnostic.help
        ofFlags.append(quoted(diagnostic.location.column, message, help))
      } else {
        ofFile.append(diagnostic)
      }
    }
    return (ofFlags, ofFile)
  }

  /// A knob belongs to a method; where none was chosen, that is what is missing.
  private func knobHelp(_ message: String) -> String? {
    let knob = CalibrationKnob.all.first {
      let key = $0.key.split(separator: ".").first.map(String.init) ?? $0.key
      return message == "unknown key '\(key)' in 'calibration'"
    }
    guard let knob else { return nil }
    return "choose a method that has it: --calibration "
      + knob.methods.map(\.rawValue).sorted().joined(separator: ", ")
  }

  /// A knob without its method, as in `calibration.attack_steps`, belongs to the chosen method.
  private func fullPath(_ path: [String], in root: YAMLNode) -> [String] {
    guard path.count >= 2, path[0] == "calibration", path[1] != "method", path[1] != "baselines",
      CalibrationBlock.names.contains(path[1]) == false
    else { return path }
    let chosen = root.value("calibration")?.value("method")
    let method = (chosen?.value("value") ?? chosen)?.scalar ?? "none"
    guard method != "none", CalibrationBlock.names.contains(method) else { return path }
    let calibration = root.value("calibration")
    let block =
      method == "lsa-itc-sequential" && calibration?.value(method) == nil ? "lsa-itc" : method
    return ["calibration", block] + path.dropFirst()
  }

  /// A value that the user gave, whatever the section's `defaults:` say.
  private func given(_ node: YAMLNode) -> YAMLNode {
    func entry(_ key: String, _ value: YAMLNode) -> YAMLNode.Entry {
      YAMLNode.Entry(key: key, keyLocation: node.location, value: value)
    }
    let origin = YAMLNode(content: .scalar("given", isQuoted: false), location: node.location)
    return YAMLNode(
      content: .mapping([entry("value", node), entry("origin", origin)]), location: node.location)
  }
}

extension YAMLNode {
  /// The value of a key; nil where there is none.
  func value(_ key: String) -> YAMLNode? { entries?.first { $0.key == key }?.value }

  /// The node with the one at a path replaced; what is missing on the way is made.
  func setting(_ path: [String], to node: YAMLNode) -> YAMLNode {
    guard let key = path.first else { return node }
    let rest = Array(path.dropFirst())
    var entries = self.entries ?? []
    // Where a plain value stood and a mapping is needed, the mapping takes its place.
    let nothing = YAMLNode(content: .mapping([]), location: node.location)
    if let index = entries.firstIndex(where: { $0.key == key }) {
      let old = entries[index]
      let value = (rest.isEmpty ? node : old.value.setting(rest, to: node))
      entries[index] = Entry(key: key, keyLocation: old.keyLocation, value: value)
    } else {
      entries.append(
        Entry(key: key, keyLocation: node.location, value: nothing.setting(rest, to: node)))
    }
    return YAMLNode(content: .mapping(entries), location: location)
  }

  /// The node without the one at a path.
  func removing(_ path: [String]) -> YAMLNode {
    guard let key = path.first, var entries = self.entries,
      let index = entries.firstIndex(where: { $0.key == key })
    else { return self }
    let rest = Array(path.dropFirst())
    if rest.isEmpty {
      entries.remove(at: index)
    } else {
      let old = entries[index]
      entries[index] = Entry(
        key: key, keyLocation: old.keyLocation, value: old.value.removing(rest))
    }
    return YAMLNode(content: .mapping(entries), location: location)
  }
}
