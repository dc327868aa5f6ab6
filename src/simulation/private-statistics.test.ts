// Round 0 under differential privacy: noise that is charged, or no question at all.
import { expect, test } from 'vitest'
import type { RunEvent } from '../federated/spec/index.ts'
import type { RunSpecInput } from '../tasks/index.ts'
import { run } from './run.ts'

const followed = async (more: Partial<RunSpecInput>) => {
  const events: RunEvent[] = []
  const spec = {
    task: 'iris',
    engine: { kind: 'reference' },
    rounds: 3,
    evaluate: { every: 0 },
    cohort: { size: 5 },
    partition: { kind: 'iid', sites: 5 },
    privacy: { noise: 'dp-sgd', epsilon: 30, sampleRate: 0.2 },
    ...more,
  } as RunSpecInput
  const result = await run(spec, { home: null, onEvent: (event) => events.push(event) })
  return { result, events, charges: events.filter((event) => event.kind === 'budgetCharged') }
}
/** Bytes that sites sent in round 0. */
const bytesUp = (events: readonly RunEvent[]): number =>
  events.flatMap((event) => (event.kind === 'roundCommitted' && event.round === 0 ? [event.bytesUp] : []))[0] ?? Number.NaN

test.each([
  ['of each site', { noise: 'dp-sgd', epsilon: 30, sampleRate: 0.2 }, 'plain'],
  ['of each site, below masks', { noise: 'dp-sgd', epsilon: 30, sampleRate: 0.2 }, 'masked'],
  ['of the coordinator', { noise: 'central', epsilon: 200 }, 'plain'],
  ['of each site for itself', { noise: 'local', epsilon: 200 }, 'plain'],
] as const)('statistics with noise %s are the first charge, and with the rounds keep to the budget', async (_, privacy, sum) => {
  const { result, charges } = await followed({ preprocessing: { statistics: 'noised' }, privacy, sum })
  expect(charges.map(({ round }) => round)).toEqual([0, 1, 2, 3])
  expect(charges[0]?.epsilon).toBeLessThanOrEqual(privacy.epsilon * 0.1)
  expect(charges[0]?.epsilon).toBeGreaterThan(privacy.epsilon * 0.0999)
  expect(charges.at(-1)?.epsilon).toBeLessThanOrEqual(privacy.epsilon)
  expect(charges.at(-1)?.epsilon).toBeGreaterThan(privacy.epsilon * 0.999)
  expect(result.rounds).toBe(3)
})

test('public statistics ask no site anything: as many bytes as an empty round, and no charge', async () => {
  const exact = await followed({})
  const open = await followed({ preprocessing: { statistics: 'public' } })
  expect(open.charges.map(({ round }) => round)).toEqual([1, 2, 3])
  // what nodes say of themselves between rounds
  expect(bytesUp(open.events)).toBeLessThan(bytesUp(exact.events) / 4)
  // and it is the same preprocessing whatever the data
  const other = await followed({ preprocessing: { statistics: 'public' }, seed: 9, split: { kind: 'random', testShare: 0.5 } })
  const inputsOf = ({ result }: typeof open) =>
    /"inputs":\[.*?\]/.exec(Buffer.from(result.model.bytes).toString('latin1').replaceAll('\\"', '"'))?.[0]
  expect(inputsOf(open)).toBeDefined()
  expect(inputsOf(open)).toBe(inputsOf(other))
  expect(inputsOf(open)).not.toBe(inputsOf(exact))
})

test('a column without a declared range is refused before anything leaves, by name', async () => {
  const statistics = { preprocessing: { statistics: 'public' } } as const
  await expect(followed({ ...statistics, task: 'breast-cancer' })).rejects.toThrow(expect.objectContaining({ code: 'statistics-range' }))
})
