// Every strategy and every compression that a spec can name: made, run for some rounds of a real engine, or refused with a reason.
import { expect, test } from 'vitest'
import { memoryChannels, seed } from '../base/index.ts'
import { algorithm, clientSide, plain, serverSide } from '../federated/index.ts'
import { type CompressionSpec, compressionSchema, type StrategySpec, strategySchema } from '../federated/spec/index.ts'
import { crossEntropy, logisticRegression, sgd } from '../learn/index.ts'
import { referenceEngine } from '../learn/engines/reference/index.ts'
import { localWork } from './local-work.ts'
import { isWhole, strategyOf } from './strategy-of.ts'

const model = logisticRegression({ inputs: 2, outputs: 3 })
const trainer = await referenceEngine().trainer(model, crossEntropy, sgd({}))
const local = { epochs: 1, batch: 8, optimiser: { name: 'sgd', learningRate: 0.3, momentum: 0 }, weightDecay: 0 } as const

/** Seven sites with three well separated classes. */
const sites = Object.fromEntries(
  Array.from({ length: 7 }, (_, k) => {
    const random = seed('sites').split(k).random()
    const targets = Float32Array.from({ length: 24 }, (_unused, r) => r % 3)
    const inputs = Float32Array.from(
      { length: 48 },
      (_unused, i) => 2 * Math.sin(2 * targets[Math.floor(i / 2)]! + (i % 2)) + 0.3 * random.normal(),
    )
    return [`site${k}`, { train: { rows: 24, inputs, targets, inputShape: [2], targetShape: [] } }] as const
  }),
)
const names = Object.keys(sites)

/** Options that have no default. */
const needed: Readonly<Record<string, object>> = {
  fltrust: { trusted: 'site0' },
  cyclic: { order: names },
  // the model has one layer: its bias stays at the sites
  fedper: { layers: ['bias'] },
  fedrep: { layers: ['bias'], headSteps: 2, bodySteps: 2 },
  hierarchical: { regions: Object.fromEntries(names.map((id, k) => [id, k % 2])) },
}

/** Losses of the first and the last of some rounds. */
const losses = async (strategy: ReturnType<typeof strategyOf>, rounds = 12): Promise<readonly [number, number]> => {
  const it = algorithm(strategy, localWork(trainer, model.layout, local), plain())
  // far off, so that the first losses are above 1
  const start = { ...model.init(seed(1)), values: model.init(seed(1)).values.map((value, i) => value + 3 * (-1) ** i) }
  let state = it.init(start)
  let locals: Readonly<Record<string, unknown>> = Object.fromEntries(names.map((id) => [id, it.local.init(start)]))
  const all: number[] = []
  const { signal } = new AbortController()
  for (let round = 1; round <= rounds; round += 1) {
    const at = { program: it.program, run: 'test', round, attempt: 1 }
    const pairs = names.map((id) => [id, memoryChannels()] as const)
    const nodes = pairs.map(async ([id, [, channel]]) => {
      const node = { id, site: sites[id]!, seed: seed(1).split(round, id), basedOn: round, signal }
      return [id, await clientSide({ ...at, node, local: locals[id], channel })] as const
    })
    const cohort = { links: new Map(pairs.map(([id, [here]]) => [id, here])), quorum: names.length, signal }
    const outcome = await serverSide({ ...at, state, cohort })
    for (const [, [here]] of pairs) await here.close()
    if (outcome.kind !== 'committed') throw new Error([...outcome.refused].join('; '), { cause: outcome.error })
    state = it.stateCodec.decode(it.stateCodec.encode(outcome.state))
    const ended = await Promise.all(nodes)
    locals = Object.fromEntries(ended.map(([id, node]) => [id, node.kind === 'pending' ? node.local : locals[id]]))
    all.push(it.loss(state))
  }
  return [all[0]!, all.at(-1)]
}

const strategies = strategySchema.options.map(({ shape }) => shape.name.value)
const compressions = compressionSchema.options.map(({ shape }) => shape.kind.value)

test('FedBN asks for a network with normalisation', () => {
  expect(() => strategyOf({ name: 'fedbn' }, model.layout)).toThrow(expect.objectContaining({ code: 'personal-layers' }))
})

test.each(strategies.filter((name) => name !== 'fedbn' && !isWhole({ strategy: { name } as StrategySpec, compression: { kind: 'none' } })))(
  'strategy %s learns',
  async (name) => {
    const spec: StrategySpec = strategySchema.parse({ name, ...needed[name] })
    const [first, last] = await losses(strategyOf(spec, model.layout))
    expect(last).toBeLessThan(0.9 * first)
  },
)

test.each(compressions.filter((kind) => kind !== 'powerSgd'))('compression %s learns', async (kind) => {
  const spec: CompressionSpec = compressionSchema.parse({ kind })
  const [first, last] = await losses(strategyOf({ name: 'fedavg' }, model.layout, spec), 25)
  expect(last).toBeLessThan(0.9 * first)
})

test('what is no strategy says so', () => {
  expect(() => strategyOf({ name: 'fedavg' }, model.layout, { kind: 'powerSgd', rank: 1 })).toThrow(
    expect.objectContaining({ code: 'strategy-whole' }),
  )
})

test.each(['fedprox', 'fedavgm', 'fedadagrad', 'fedadam', 'fedyogi', 'feddyn', 'reptile'])('%s can be compressed', async (name) => {
  const strategy = strategyOf(strategySchema.parse({ name }), model.layout, { kind: 'int8' })
  const [first, last] = await losses(strategy)
  expect(last).toBeLessThan(first)
})

test('a strategy that sends more than a difference is not compressed, and says what is', () => {
  expect(() => strategyOf(strategySchema.parse({ name: 'scaffold' }), model.layout, { kind: 'int8' })).toThrow(
    expect.objectContaining({ code: 'strategy-compression' }),
  )
})

test.each([0, 0.9])('with momentum %d local work tells how far its steps go', async (momentum) => {
  const moving = await referenceEngine().trainer(model, crossEntropy, sgd({ momentum }))
  const work = localWork(moving, model.layout, { ...local, optimiser: { name: 'sgd', learningRate: 1e-4, momentum } })
  const node = { id: 'site0', site: sites['site0']!, seed: seed(1), basedOn: 1, signal: new AbortController().signal }
  const { values } = model.init(seed(1))
  // a correction so large that the rows' own gradients do not count
  const trained = await work(node, {
    values,
    numbers: { steps: 7, rate: 0.5 },
    vectors: { correction: new Float32Array(values.length).fill(1e4) },
  })
  expect(trained.steps).toBe(7)
  for (const [i, value] of trained.values.entries()) expect((values[i]! - value) / 1e4 / 7 / trained.learningRate!).toBeCloseTo(1, 2)
})
