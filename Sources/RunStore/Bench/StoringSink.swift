public import Measurement
import Quantities

/// Writes a bench's samples to the store while it runs.
public struct StoringSink: BenchSink {
  private let store: RunStore
  /// The session's row, once it has begun.
  public private(set) var session: SessionID?

  /// A sink into a store: into a new session, or into one that was cut short.
  public init(_ store: RunStore, resuming session: SessionID? = nil) {
    self.store = store
    self.session = session
  }

  /// Opens the session, unless one goes on.
  ///
  /// - Throws: `RunStoreError`.
  public mutating func begin(_ session: BenchSession) throws {
    if self.session == nil { self.session = try store.begin(session) }
  }

  /// Commits samples: after this returns, nothing but the loss of the disk loses them.
  ///
  /// - Throws: `RunStoreError`.
  public mutating func record(_ samples: [BenchSample]) throws {
    guard let session else { return }
    try store.append(samples, to: session)
  }
}

extension RunStore {
  /// Closes a session with its result, and keeps the fit of a bench that was not cut short.
  ///
  /// - Throws: `RunStoreError`.
  public func finish(_ session: SessionID, with result: BenchResult) throws(RunStoreError) {
    try finish(
      session, elapsedSeconds: result.elapsed.value, interrupted: result.interrupted)
    if !result.interrupted { try save(result.fit, of: session) }
  }
}
