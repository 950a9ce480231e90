import Workloads

/// The library as one kernel sees it: calls are noted where somebody listens.
struct ProductSeam {
  let backend: any GEMMBackend
  let log: ProductLog?
}

extension ComputeCore {
  /// The library, with a new log if this core is traced.
  func productSeam() -> ProductSeam {
    guard trace != nil else { return ProductSeam(backend: backend, log: nil) }
    let log = ProductLog()
    return ProductSeam(backend: LoggedBackend(backend: backend, log: log), log: log)
  }

  /// Reports one product put together from the library's calls, and operands beside it.
  func record(_ seam: ProductSeam, reads: Int = 0, writes: Int = 0) {
    guard let log = seam.log else { return }
    record(
      .gemm(log.whole), reads: log.elementsRead + reads, writes: log.elementsWritten + writes)
  }

  /// Reports a batch of equal products.
  ///
  /// `written` is the length of the result where several products add to the same part of it.
  func recordBatch(_ seam: ProductSeam, written: Int? = nil) {
    guard let log = seam.log else { return }
    record(
      .gemm(log.batch), reads: log.elementsRead, writes: written ?? log.elementsWritten)
  }
}
