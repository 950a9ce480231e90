import Testing
import Workloads
@Test func probe() {
  var block = BlockSpec(width: 768, heads: 12, mlpWidth: 3072)
  let image = VisionTowerSpec(imageSize: 224, patchSize: 16, block: block, layers: 12, outputWidth: 512)
  block = BlockSpec(width: 512, heads: 8, mlpWidth: 2048); block.causal = true
  let text = TextTowerSpec(tokens: 77, vocabulary: 49408, block: block, layers: 12, outputWidth: 512)
  let m = ModelSpec(id: "b16", family: .clip(image: image, text: text), source: "")
  print(m.parameters, m.forwardFlopsByTower)
  var style = KernelStyle.float32
  style.compute = .bfloat16; style.residual = .bfloat16; style.weights = .bfloat16; style.gradients = .bfloat16; style.attention = .flash
  let b = BlockSpec(width: 1000, heads: 10, mlpWidth: 4000)
  for (n, need) in [("all", GradientNeed.all), ("input", .inputOnly)] {
    let g = SegmentSpec.block(b).graph(BlockShape(samples: 1, tokens: 1), style: style)
    let a = SegmentAnalysis(graph: g, need: need, gradientType: .bfloat16)
    print(n, a.keptBytes, a.forwardPeakBytes, a.backwardPeakBytes, a.recomputePeakBytes, a.backward.map(\.label))
  }
  style.weights = .float32; style.gradients = .float32; style.normInFloat32 = true; style.softmaxInFloat32 = true; style.headCopies = true; style.fusedScaleMaskSoftmax = false; style.attention = .unfused; style.compute = .float16; style.residual = .float16
  let g = SegmentSpec.block(b).graph(BlockShape(samples: 1, tokens: 100), style: style)
  let a = SegmentAnalysis(graph: g, need: .all, gradientType: .float32)
  print("eager", Double(a.keptBytes)/100, 20*1000+4*4000, 6*10*100, a.selectiveKeptBytes, a.forward.map(\.label))
}
