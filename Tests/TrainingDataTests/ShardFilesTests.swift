import Testing
import TrainingData

@Suite("Names of shards")
struct ShardFilesTests {
  @Test(
    "Braces stand for several files",
    arguments: [
      ("a.tar", ["a.tar"]),
      ("t-{008..011}.tar", ["t-008.tar", "t-009.tar", "t-010.tar", "t-011.tar"]),
      ("{9..10}", ["9", "10"]), ("{a,b}/{0..1}.tar", ["a/0.tar", "a/1.tar", "b/0.tar", "b/1.tar"]),
      ("x{,y}", ["x", "xy"]), ("{7..7}", ["7"]),
    ])
  func expand(pattern: String, files: [String]) throws {
    #expect(try ShardFiles.expand([pattern]) == files)
    #expect(try ShardFiles.expand(["first", pattern]) == ["first"] + files)
  }

  @Test("All patterns that are wrong are reported")
  func malformed() {
    let patterns = [
      "good-{0..1}", "{0..", "0}", "{a}", "{2..1}", "{a..c}", "{{0..1}}", "{0..70000}",
      "{0..999}{0..999}", "{-1..2}", "{..}",
    ]
    let error = #expect(throws: TrainingDataError.self) { try ShardFiles.expand(patterns) }
    #expect(
      error?.description == """
        {0..: braces do not match
        0}: a closing brace without an opening one
        {a}: {a} is neither a range like {000..012} nor a list like {a,b}
        {2..1}: {2..1} does not count up from one whole number to another
        {a..c}: {a..c} does not count up from one whole number to another
        {{0..1}}: braces inside braces
        {0..70000}: more than 65536 files
        {0..999}{0..999}: more than 65536 files
        {-1..2}: {-1..2} does not count up from one whole number to another
        {..}: {..} does not count up from one whole number to another
        """)
  }
}
