// Our side of `yimeng bench engine`: one workload in a process of its own, so that memory and time are its alone. Arguments: workload, steps, sessions.
import { seed } from '../../base/index.ts'
import {
  adam,
  batchOrder,
  brainCnn,
  crossEntropy,
  freeze,
  mcmahanCnn,
  meanSquaredError,
  mlp,
  type Model,
  type Optimiser,
  recurrentNetwork,
  resnet,
  sgd,
  type TrainState,
} from '../../learn/index.ts'
import { nativeEngine } from '../../learn/engines/native/index.ts'

interface Workload {
  readonly model: Model
  readonly batch: number
  /** 0: one number to fit. */
  readonly classes: number
  readonly optimiser: Optimiser
}

const series = { time: 50, inputs: 14, hidden: 64, outputs: 1 }
const workloads: Readonly<Record<string, Workload>> = {
  mlp: { model: mlp({ inputs: 30, hidden: [64, 32], outputs: 2 }), batch: 32, classes: 2, optimiser: sgd() },
  'mcmahan-10': { model: mcmahanCnn(), batch: 10, classes: 10, optimiser: sgd() },
  'mcmahan-64': { model: mcmahanCnn(), batch: 64, classes: 10, optimiser: sgd() },
  'brain-64': { model: brainCnn({ height: 64, width: 64, padding: 2 }), batch: 64, classes: 4, optimiser: adam() },
  'brain-128': { model: brainCnn({ height: 128, width: 128, padding: 2 }), batch: 64, classes: 4, optimiser: adam() },
  'resnet-18': {
    model: resnet({ depth: 18, height: 64, width: 64, classes: 10 }),
    batch: 32,
    classes: 10,
    optimiser: sgd({ momentum: 0.9 }),
  },
  'resnet-18-frozen': {
    model: freeze(resnet({ depth: 18, height: 64, width: 64, classes: 10 }), (name) => !name.startsWith('fc.')),
    batch: 32,
    classes: 10,
    optimiser: sgd({ momentum: 0.9 }),
  },
  gru: { model: recurrentNetwork({ ...series, cell: 'gru' }), batch: 32, classes: 0, optimiser: adam() },
  lstm: { model: recurrentNetwork({ ...series, cell: 'lstm' }), batch: 32, classes: 0, optimiser: adam() },
}

const [name = '', stepsText = '20', sessionsText = '1'] = process.argv.slice(2)
const workload = workloads[name]
if (workload === undefined) throw new RangeError(`no workload ${name}`)
const { model, batch, classes, optimiser } = workload
const rows = batch * 4
const random = seed('bench').random()
const width = model.input.reduce((product, length) => product * length, 1)
const data = {
  rows,
  inputShape: model.input,
  inputs: Float32Array.from({ length: rows * width }, random.normal),
  targets: Float32Array.from({ length: rows }, () => (classes === 0 ? random.normal() : random.integer(classes))),
  targetShape: classes === 0 ? [1] : [],
}
const sessions = Number(sessionsText)
const engine = nativeEngine({ workers: sessions })
const trainer = await engine.trainer(model, classes === 0 ? meanSquaredError : crossEntropy, optimiser)
const steps = Number(stepsText)
/** The same call in every session at once; the last one's result. */
const everywhere = async (state: TrainState, count: number): Promise<TrainState> => {
  const order = batchOrder({ rows, batch, steps: count }, seed(2))
  const ends = await Promise.all(
    Array.from({ length: sessions }, () => trainer.epoch(state, data, order, { learningRate: 0.001, seed: seed(3) })),
  )
  return ends.at(-1)?.state ?? state
}
const warm = await everywhere(trainer.start(model.init(seed(1))), Math.max(2, Math.floor(steps / 5)))
const [cpu, wall] = [process.cpuUsage(), performance.now()]
await everywhere(warm, steps)
const [used, wallMs] = [process.cpuUsage(cpu), performance.now() - wall]
const done = steps * sessions
const peakMb = process.resourceUsage().maxRSS / 1024
console.log(
  JSON.stringify({
    wallMs: wallMs / steps,
    cpuMs: (used.user + used.system) / 1000 / done,
    samples: (batch * done * 1000) / wallMs,
    peakMb,
  }),
)
await engine.close()
