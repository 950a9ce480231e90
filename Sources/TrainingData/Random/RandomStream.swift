/// What random numbers are drawn for.
///
/// The raw values are part of the format: they never change.
enum RandomStream: UInt32 {
  case trainScenes = 0
  case testScenes = 1
  case heldOutScenes = 2
  case zeroShotKinds = 3
  case zeroShotRelations = 4
  case zeroShotHeldOut = 5
  case shardOrder = 32
  case shardWindow = 33
  case shardCrop = 34

  /// The stream of the captions that belong to these scenes.
  var captions: UInt32 { rawValue + 16 }
}
