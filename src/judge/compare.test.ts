import { expect, test } from 'vitest'
import { type CompareEvent, compare, federated } from './index.ts'

const iris = { task: 'iris', rounds: 4 } as const

test('same seeds and spec, same numbers; methods meet the same test rows and take the steps they should', async () => {
  const [first, second] = [await compare(iris, { seeds: 2, home: null }), await compare(iris, { seeds: 2, home: null })]
  expect(second.scopes).toEqual(first.scopes)
  expect(second.methods.map(({ modelHashes }) => modelHashes)).toEqual(first.methods.map(({ modelHashes }) => modelHashes))
  expect(first.seeds).toEqual([1, 2])
  expect(first.splitBySeed).toBe(true)
  expect(first.sites).toHaveLength(10)
  expect(first.scopes[0]?.testRows).toBe(30)
  expect(first.tests.find(({ site, against }) => site === null && against === 'centralised')?.mcnemar).toHaveLength(2)
  for (const { name, curves } of first.methods) expect(curves['accuracy']?.length, name).toBe(4)
})

test('methods are a list: each federated one is held against the first', async () => {
  const prox = federated('fedprox', (spec) => ({ ...spec, strategy: { name: 'fedprox', mu: 1 } }))
  const found = await compare(iris, { seeds: 1, home: null, methods: [federated(), prox] })
  expect(found.methods.map(({ name }) => name)).toEqual(['federated', 'fedprox'])
  expect(found.methods[0]?.modelHashes).not.toEqual(found.methods[1]?.modelHashes)
  expect(found.tests.map(({ method, against, site }) => [method, against, site])).toEqual([
    ['fedprox', 'federated', null],
    ...found.sites.map(({ site }) => ['fedprox', 'federated', site]),
  ])
})

test('tells how far it is, and stops when asked', async () => {
  const events: CompareEvent[] = []
  const stop = new AbortController()
  const reason = new Error('enough')
  await expect(
    compare(iris, {
      seeds: 3,
      home: null,
      signal: stop.signal,
      onEvent: (event) => {
        events.push(event)
        if (event.kind === 'trainingFinished' && event.done === 3) stop.abort(reason)
      },
    }),
  ).rejects.toBe(reason)
  const finished = events.flatMap((event) => (event.kind === 'trainingFinished' ? [event] : []))
  expect(finished.map(({ method, done, of }) => [method, done, of])).toEqual([
    ['centralised', 1, 9],
    ['alone', 2, 9],
    ['federated', 3, 9],
  ])
  expect(events.some((event) => event.kind === 'runEvent' && event.event.kind === 'roundCommitted')).toBe(true)
})

test.each([
  ['no seed', { seeds: 0 }, 'judge-seeds'],
  ['nothing federated', { methods: [] }, 'judge-methods'],
])('refuses %s', async (_, options, code) => {
  await expect(compare(iris, { ...options, home: null })).rejects.toMatchObject({ code })
})
