import { expect, test } from 'vitest'
import type { RunEvent } from '../federated/spec/index.ts'
import type { RunSpecInput } from '../tasks/index.ts'
import { run } from './run.ts'

const followed = async (more: Partial<RunSpecInput>) => {
  const events: RunEvent[] = []
  const spec = { task: 'iris', engine: { kind: 'reference' }, rounds: 4, evaluate: { every: 0 }, ...more } as RunSpecInput
  const result = await run(
    { ...spec, cohort: { size: 6 }, partition: { kind: 'iid', sites: 6 } },
    { home: null, onEvent: (event) => events.push(event) },
  )
  return { result, events, charges: events.filter((event) => event.kind === 'budgetCharged') }
}

test.each([
  ['masks', { sum: 'masked' }],
  ['encryption', { sum: 'encrypted' }],
] as const)('under %s a run gives the same model, bit for bit', async (_, more) => {
  const [plain, hidden] = [await followed({}), await followed(more)]
  expect(hidden.result.modelHash).toBe(plain.result.modelHash)
  expect(hidden.result.metrics).toEqual(plain.result.metrics)
  expect(hidden.result.history.map(({ trainLoss }) => trainLoss)).toEqual(plain.result.history.map(({ trainLoss }) => trainLoss))
})

test('under Paillier too, among sites of one process', { timeout: 120_000 }, async () => {
  const of = { rounds: 1, model: { kind: 'logistic' } } as const
  const [plain, hidden] = [await followed(of), await followed({ ...of, sum: 'encrypted', encryption: 'paillier' })]
  expect(hidden.result.modelHash).toBe(plain.result.modelHash)
})

test.each([
  ['central', { sum: 'plain', privacy: { epsilon: 20 } }],
  ['central with a learned bound', { sum: 'masked', privacy: { epsilon: 20, adaptive: {} } }],
  ['distributed under encryption', { sum: 'encrypted', privacy: { epsilon: 20, noise: 'distributed', colluding: 1 } }],
  ['distributed', { sum: 'masked', privacy: { epsilon: 20, noise: 'distributed', colluding: 1 } }],
  ['local', { privacy: { epsilon: 20, noise: 'local' } }],
  ['in every step', { sum: 'masked', privacy: { epsilon: 20, noise: 'dp-sgd', sampleRate: 0.2 } }],
] as const)('%s noise is planned so that all rounds keep to the budget, and charged before each', async (_, more) => {
  const { result, events, charges } = await followed(more)
  expect(result.rounds).toBe(4)
  expect(charges.map(({ round }) => round)).toEqual([1, 2, 3, 4])
  expect(charges.at(-1)?.epsilon).toBeLessThanOrEqual(20)
  expect(charges.at(-1)?.epsilon).toBeGreaterThan(19.99)
  for (const { round } of charges) {
    const at = (kind: RunEvent['kind']) => events.findIndex((event) => event.kind === kind && 'round' in event && event.round === round)
    expect(at('budgetCharged')).toBeLessThan(at('roundStarted'))
  }
  // a loss would need noise of its own
  expect(result.history.every(({ trainLoss }) => trainLoss === null)).toBe(true)
})

test('a run stops before the round that its budget does not cover, and is whole', async () => {
  // rdp: three rounds of multiplier 4 cost 1.847 at δ = 1e-5, four cost 2.166
  const { result, events, charges } = await followed({ privacy: { epsilon: 2, noiseMultiplier: 4 } })
  expect(result.rounds).toBe(3)
  expect(charges).toHaveLength(3)
  expect(events.filter((event) => event.kind === 'roundStarted' && event.round > 0)).toHaveLength(3)
  expect(events.find((event) => event.kind === 'budgetSpent')).toMatchObject({ round: 3, delta: 1e-5 })
  expect(events.at(-1)).toMatchObject({ kind: 'runFinished', rounds: 3 })
})

test('a run that is planned by pld takes less noise, and stops where pld says that its budget ends', async () => {
  const noiseOf = ({ charges }: Awaited<ReturnType<typeof followed>>): number =>
    Math.max(...charges.map(({ event }) => (event.kind === 'gaussian' ? event.noiseMultiplier : Number.NaN)))
  const by = (accountant: 'rdp' | 'pld') => followed({ privacy: { epsilon: 2, accountant } })
  const [loose, sharp] = [await by('rdp'), await by('pld')]
  expect(noiseOf(sharp)).toBeLessThan(0.95 * noiseOf(loose))
  expect(sharp.charges).toHaveLength(4)
  // rdp would have stopped it a round earlier
  const stopped = await followed({ privacy: { epsilon: 2, noiseMultiplier: noiseOf(sharp) } })
  expect(stopped.charges).toHaveLength(3)
})
