// What privacy costs in accuracy. Both parts run whole runs as their specs say, and print ε as the ledger has it.
//   node bench/private-training.ts records [--on validation] [--epsilon 3] [--rate 0.0333] [--clip 0.1] [--learningRate 4] [--momentum 0.9] [--epochs 20] [--seed 1]
//     Unit: one record. DP-SGD on MNIST at one site that has all rows (centralised), with the tanh CNN of Papernot et al. 2021.
//     --on validation: learns from 50,000 of the 60,000 training rows and is measured on the other 10,000. The hyper-parameters that are the defaults were chosen so; test rows had no part in it.
//   node bench/private-training.ts sites [--task digits] [--sites 100] [--rounds 20] [--epsilons 1,3,10,30] [--seeds 3] [--delta 0.001] [--masks]
//     Unit: a whole site. DP-FedAvg with distributed discrete Gaussian noise, beside central noise with a fixed and with a learned bound: accuracy against ε.
//     --masks: distributed noise only, and the sites' shares of it travel below masks, as a run must have it, with as few neighbours as a fifth of corrupt sites and a tenth of lost ones ask
//     for; without, in the open, which gives the same models and takes a hundredth of the time.
import { parseArgs } from 'node:util'
import { seed as rootSeed } from '../src/base/index.ts'
import { loadImages } from '../src/data/node.ts'
import type { RunEvent } from '../src/federated/spec/index.ts'
import { masked, plain, type SumProtocol } from '../src/federated/index.ts'
import { compose, pld } from '../src/privacy/index.ts'
import { run } from '../src/simulation/index.ts'
import { builtInTasks, type RunSpecInput, type Task } from '../src/tasks/index.ts'

const text = { type: 'string' } as const
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    on: text,
    epsilon: text,
    rate: text,
    clip: text,
    learningRate: text,
    momentum: text,
    epochs: text,
    seed: text,
    task: text,
    sites: text,
    rounds: text,
    epsilons: text,
    seeds: text,
    delta: text,
    masks: { type: 'boolean' },
  },
})
const number = (name: Exclude<keyof typeof values, 'masks'>, usual: number): number => Number(values[name] ?? usual)

/** MNIST whose test rows are 10,000 of the training rows. */
const onTrainingRows = (mnist: Task): Task => ({
  ...mnist,
  load: async () => {
    const dataset = await loadImages('mnist')
    const order = rootSeed('validation').random().permutation(60_000)
    const rows = Array.from(order, (at) => dataset.split?.train[at] ?? 0)
    const part = (from: number, to: number) => Uint32Array.from(rows.slice(from, to)).sort()
    return { ...dataset, split: { train: part(0, 50_000), validation: new Uint32Array(0), test: part(50_000, 60_000) } }
  },
})

const records = async (): Promise<void> => {
  const task = builtInTasks.find(({ name }) => name === 'mnist')
  if (task === undefined) throw new Error('no task mnist')
  const on = values.on ?? 'test'
  const epsilon = number('epsilon', 3)
  const delta = 1e-5
  const optimiser = { name: 'sgd', learningRate: number('learningRate', 4), momentum: number('momentum', 0.9) } as const
  const privacy = { noise: 'dp-sgd', epsilon, delta, clip: number('clip', 0.1), sampleRate: number('rate', 1 / 30) } as const
  const spec: RunSpecInput = {
    task: 'mnist',
    seed: number('seed', 1),
    partition: { kind: 'iid', sites: 1 },
    cohort: { size: 1 },
    model: { kind: 'tanh-cnn' },
    local: { epochs: 1, optimiser, schedule: { kind: 'constant' }, augment: [] },
    privacy,
    rounds: number('epochs', 20),
    evaluate: { every: 5 },
  }
  const events: RunEvent[] = []
  const onEvent = (event: RunEvent): void => {
    events.push(event)
    if (event.kind === 'evaluated') console.log(`epoch ${event.round}: accuracy ${event.pooled['accuracy']?.toFixed(4)}`)
  }
  const result = await run(spec, { home: null, onEvent, ...(on === 'validation' ? { task: onTrainingRows(task) } : {}) })
  const charges = events.filter((event) => event.kind === 'budgetCharged')
  const byPld = pld().epsilon(compose(charges.map(({ event }) => event)), delta)
  // an attempt that was lost stays charged: the run then ends an epoch earlier
  const counts = { epochs: result.rounds, charges: charges.length }
  const line = {
    accuracy: result.metrics['accuracy'],
    epsilon: { rdp: charges.at(-1)?.epsilon, pld: byPld },
    ...counts,
    seconds: result.seconds,
  }
  const [accuracy, ...figures] = [line.accuracy, line.epsilon.rdp, byPld, result.seconds].map((value) => value?.toPrecision(4))
  console.log(
    `${on}: accuracy ${accuracy}, ε = ${figures[0]} by rdp, ${figures[1]} by pld, δ = ${delta}, ${counts.epochs} epochs, ${counts.charges} charged, ${figures[2]} s`,
  )
  console.log(JSON.stringify({ bench: 'private-training records', on, optimiser, privacy, rounds: spec.rounds, seed: spec.seed, ...line }))
}

const sites = async (): Promise<void> => {
  const [count, seeds, delta] = [number('sites', 100), number('seeds', 3), number('delta', 1e-3)]
  const task = values.task ?? 'digits'
  const masks = values.masks === true
  let seconds = 0
  const accuracy = async (seed: number, more: Partial<RunSpecInput>): Promise<number> => {
    const spec: RunSpecInput = {
      task,
      seed,
      rounds: number('rounds', 20),
      partition: { kind: 'iid', sites: count },
      cohort: { size: count },
      strategy: { name: 'fedavg' },
      model: { kind: 'logistic' },
      local: { epochs: 5, batch: 16, optimiser: { name: 'sgd', learningRate: 0.1 }, schedule: { kind: 'constant' }, augment: [] },
      evaluate: { every: 0 },
      ...more,
    }
    // a plain sum in the place of a masked one: distributed noise is not planned for it, but its models are the same
    const open = () => ({ ...plain(), carries: 'linear' }) as SumProtocol<'linear'>
    const sum = masks && spec.sum === 'masked' ? () => masked({ neighbours: { corrupt: 0.2, dropouts: 0.1 } }) : open
    const result = await run(spec, { home: null, sum })
    seconds += result.seconds
    return result.metrics['accuracy'] ?? 0
  }
  const mean = async (more: Partial<RunSpecInput>): Promise<number> => {
    let sum = 0
    for (let seed = 1; seed <= seeds; seed += 1) sum += await accuracy(seed, more)
    return sum / seeds
  }
  console.log(`${task}, ${count} sites, ${number('rounds', 20)} rounds, δ = ${delta}, mean of ${seeds} seeds`)
  console.log(masks ? 'ε | distributed noise, masked | s a round' : 'ε | distributed noise | central, clip 0.5 | central, clip learned')
  const noiseless = await mean({})
  console.log(`none | ${noiseless.toFixed(3)}`)
  const curve: object[] = []
  for (const epsilon of (values.epsilons ?? '1,3,10,30').split(',').map(Number)) {
    const privacy = { epsilon, delta, clip: 0.5 }
    const before = seconds
    const distributed = await mean({ sum: 'masked', privacy: { ...privacy, noise: 'distributed' } })
    const round = (seconds - before) / seeds / number('rounds', 20)
    const other = masks ? {} : { central: await mean({ privacy }), learned: await mean({ privacy: { ...privacy, adaptive: {} } }) }
    const row = { epsilon, distributed, ...other }
    console.log([...Object.values(row), ...(masks ? [round] : [])].map((value) => Number(value.toFixed(3))).join(' | '))
    curve.push({ ...row, round })
  }
  console.log(JSON.stringify({ bench: 'private-training sites', task, sites: count, seeds, delta, masks, noiseless, curve }))
}

await (positionals[0] === 'records' ? records() : sites())
