// The line `neighbours` of a spec: sites that mask with a few others only still add up to the plain sum, bit for bit, also where some are lost in each phase.
import { expect, test } from 'vitest'
import { type SumProtocol, weightedMean } from '../src/federated/index.ts'
import { dealtCodec } from '../src/federated/sums/masked/messages.ts'
import { type Passing, playSum } from '../src/federated/sums/masked.test-support.ts'
import { run } from '../src/simulation/index.ts'
import { resolveSpec, type RunSpecInput, sumOf } from '../src/tasks/index.ts'

const SITES = 30
const spec = {
  task: 'iris',
  rounds: 2,
  cohort: { size: SITES },
  partition: { kind: 'iid', sites: SITES },
  model: { kind: 'logistic' },
  engine: { kind: 'reference' },
  evaluate: { every: 0 },
} as const satisfies RunSpecInput
const sparse = { ...spec, sum: 'masked', neighbours: { corrupt: 0.05, dropouts: 0.05 } } as const

test('a run whose sites mask with a few others commits the plain run’s model', async () => {
  const [plain, masked] = [await run(spec, { home: null }), await run(sparse, { home: null })]
  expect(masked.modelHash).toBe(plain.modelHash)
  expect(masked.history.map(({ trainLoss }) => trainLoss)).toEqual(plain.history.map(({ trainLoss }) => trainLoss))
})

test.each([1, 2, 3, 4])(
  'the protocol that the line names gives the plain sum of those that are left where two are lost in phase %i',
  async (at) => {
    const how = weightedMean({ length: 5 })
    const names = Array.from({ length: SITES }, (_, k) => `site ${String(k).padStart(2, '0')}`)
    const inputs = Object.fromEntries(
      names.map((name, k) => [name, { values: Float32Array.from({ length: 5 }, (_, i) => Math.sin(k + i)), weight: 1 + k }]),
    )
    const lost = [names[3]!, names[20]!]
    const line = ({ node, way, phase, frame }: Passing) => (way === 'up' && phase === at && lost.includes(node) ? 'cut' : frame)
    const of = (lines: RunSpecInput) =>
      playSum({ how, inputs, protocol: () => sumOf(resolveSpec(lines)) as SumProtocol<'linear'>, quorum: SITES - 2, line })
    const { collected, seen } = await of(sparse)
    const summed = at === 4 ? names : names.filter((name) => !lost.includes(name))
    const total = summed.reduce((sum, name) => how.sum.add(sum, how.lift(inputs[name]!, name)), how.sum.zero())
    expect(collected).toMatchObject({ kind: 'collected', from: summed, total })
    const holders = ({ seen: frames }: { readonly seen: readonly Passing[] }): number =>
      dealtCodec.decode(frames.find(({ way, phase }) => way === 'up' && phase === 2)!.frame).length
    expect(holders({ seen })).toBe(17)
    // without the line all that showed keys are
    expect(holders(await of({ ...sparse, neighbours: undefined }))).toBe(at === 1 ? SITES - 2 : SITES)
  },
)
