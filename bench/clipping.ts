// What clipping single rows' gradients costs a training step (DP-SGD) on the McMahan CNN: plain, clipped, and clipped with noise drawn outside and fed in, in turns.
// Run: node bench/clipping.ts [rounds]
import { seed } from '../src/base/index.ts'
import { batchOrder, crossEntropy, type Hyper, mcmahanCnn, sgd } from '../src/learn/index.ts'
import { nativeEngine } from '../src/learn/engines/native/index.ts'

const rounds = Number(process.argv[2] ?? 5)
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const engine = nativeEngine()
const model = mcmahanCnn()
const ratios: Record<string, number> = {}
for (const [batch, steps] of [
  [10, 20],
  [64, 4],
] as const) {
  const random = seed('clipping').random()
  const data = {
    rows: batch,
    inputShape: model.input,
    inputs: Float32Array.from({ length: batch * 784 }, random.normal),
    targets: Float32Array.from({ length: batch }, () => random.integer(10)),
    targetShape: [],
  }
  const trainer = await engine.trainer(model, crossEntropy, sgd())
  const start = trainer.start(model.init(seed(1)))
  const order = batchOrder({ rows: batch, batch, steps }, seed(2))
  const noise = new Float32Array(steps * model.layout.size).fill(0.001)
  const forms: Readonly<Record<string, Partial<Hyper>>> = {
    plain: {},
    clipped: { perSample: { clip: 1 } },
    'clipped and noised': { perSample: { clip: 1, noise } },
  }
  const times = new Map<string, number[]>()
  // the first round compiles
  for (let round = 0; round <= rounds; round++)
    for (const [name, hyper] of Object.entries(forms)) {
      const before = process.cpuUsage()
      await trainer.epoch(start, data, order, { learningRate: 0.01, ...hyper })
      const { user, system } = process.cpuUsage(before)
      if (round > 0) times.set(name, [...(times.get(name) ?? []), (user + system) / 1000 / steps])
    }
  const plain = median(times.get('plain') ?? [])
  for (const [name, each] of times) {
    ratios[`batch ${batch}, ${name}`] = median(each) / plain
    console.log(
      `batch ${batch}: ${name} ${median(each).toFixed(1)} ms of processor a step, ${(median(each) / plain).toFixed(2)} × the plain one`,
    )
  }
}
await engine.close()
console.log(JSON.stringify({ ratios }))
