// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target: Swift 6 mode, and every warning is an error.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// Swift that must be fast in debug builds too: tests' own arithmetic in double precision, which
/// central differences run thousands of times.
let fastSwift: [SwiftSetting] = strict + [.unsafeFlags(["-O"])]

/// C that must be fast in debug builds too: its loops are compared with hand counts and timed.
let fastC: [CSetting] = [.unsafeFlags(["-O2"])]

/// One Swift library: its folder under `Sources/`, what it may import, and its test folder.
struct Library {
  var name: String
  var dependencies: [Target.Dependency] = []
  var tested: Bool = true
  /// Folders of the tests that hold expected output or reference numbers.
  var goldens: [String] = []
}

let libraries: [Library] = [
  // MARK: Nouns
  Library(name: "Quantities"),
  Library(name: "Workloads", dependencies: ["Quantities"]),
  Library(name: "Clusters", dependencies: ["Quantities"]),
  Library(name: "Strategies", dependencies: ["Quantities", "Workloads", "Clusters"]),
  // MARK: Models
  Library(name: "CostModel", dependencies: ["Quantities", "Workloads", "Clusters", "Strategies"]),
  Library(name: "LinearProgramming", dependencies: ["CGLPK"]),
  Library(
    name: "Planning",
    dependencies: [
      "Quantities", "Workloads", "Clusters", "Strategies", "CostModel", "LinearProgramming",
    ]),
  // MARK: What a real training run reads
  Library(name: "TrainingData", dependencies: ["CImages", "CArchive", "CJPEG", "CPNG"]),
  // MARK: The machine it runs on
  Library(
    name: "TrainingCore", dependencies: ["Quantities", "Workloads", "COpenBLAS", "CKernels"],
    goldens: ["Fixtures"]),
  Library(
    name: "Training",
    dependencies: ["Quantities", "Workloads", "TrainingCore", "TrainingData"]),
  Library(
    name: "Measurement",
    dependencies: [
      "Quantities", "Workloads", "Clusters", "CostModel", "LinearProgramming", "TrainingCore",
    ]),
  Library(
    name: "Validation",
    dependencies: [
      "Quantities", "Workloads", "Clusters", "Strategies", "CostModel", "LinearProgramming",
      "TrainingData", "TrainingCore", "Training", "Measurement",
    ]),
  // MARK: Edges
  Library(
    name: "Scenarios",
    dependencies: [
      "Quantities", "Workloads", "Clusters", "Strategies", "CostModel", "Planning",
      .product(name: "Yams", package: "Yams"),
    ]),
  Library(
    name: "PublishedCases",
    dependencies: [
      "Quantities", "Workloads", "Clusters", "Strategies", "CostModel", "LinearProgramming",
      "Planning", "Scenarios",
    ]),
  Library(
    name: "RunStore",
    dependencies: [
      "Quantities", "Clusters", "Measurement", .product(name: "GRDB", package: "GRDB.swift"),
    ]),
  Library(
    name: "Reporting",
    dependencies: [
      "Quantities", "Workloads", "Clusters", "Strategies", "CostModel", "Planning",
      "PublishedCases",
    ], goldens: ["Goldens"]),
  Library(
    name: "Refitting",
    dependencies: [
      "Quantities", "Workloads", "Clusters", "Strategies", "CostModel", "LinearProgramming",
      "Planning", "Scenarios",
    ]),
  Library(
    name: "Explaining",
    dependencies: [
      "Quantities", "Workloads", "Clusters", "Strategies", "CostModel", "Planning", "Scenarios",
      "Reporting",
    ]),
]

let package = Package(
  name: "foretrain",
  products: [.executable(name: "foretrain", targets: ["foretrain"])],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // MARK: C, one room per library
    .systemLibrary(name: "COpenBLAS"),
    .target(name: "CGLPK", cSettings: fastC, linkerSettings: [.linkedLibrary("glpk")]),
    .systemLibrary(name: "CArchive"),
    .systemLibrary(name: "CJPEG"),
    .systemLibrary(name: "CPNG"),
    .target(
      name: "CImages", dependencies: ["CJPEG", "CPNG"], cSettings: fastC,
      linkerSettings: [.linkedLibrary("m"), .linkedLibrary("jpeg"), .linkedLibrary("png")]),
    .target(name: "CKernels", cSettings: fastC, linkerSettings: [.linkedLibrary("m")]),
    .executableTarget(
      name: "foretrain",
      dependencies: libraries.map { .byName(name: $0.name) } + [
        .product(name: "ArgumentParser", package: "swift-argument-parser")
      ],
      swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["Quantities", "Workloads", "Clusters", "Strategies"],
      path: "Tests/TestSupport", swiftSettings: fastSwift),
    .testTarget(
      name: "PublishedResultsTests",
      dependencies: libraries.map { .byName(name: $0.name) } + ["TestSupport"],
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "ReaderAgreementTests",
      dependencies: [
        "Quantities", "Workloads", "Clusters", "Strategies", "CostModel", "TrainingCore",
        "TestSupport",
      ], swiftSettings: strict),
    .testTarget(
      name: "CommandLineTests", dependencies: ["foretrain", "TestSupport"], swiftSettings: strict),
  ]
    + libraries.map {
      .target(name: $0.name, dependencies: $0.dependencies, swiftSettings: strict)
    }
    + libraries.filter(\.tested).map {
      .testTarget(
        name: $0.name + "Tests",
        dependencies: $0.dependencies + [.byName(name: $0.name), "TestSupport"],
        exclude: $0.goldens, swiftSettings: strict)
    }
)
