import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { YimengError } from '../base/index.ts'
import { type CompareEvent, compare, federated, type Method, methodNamed, reportFiles } from './index.ts'

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

test('trainings side by side come to the same comparison; one that throws ends it', async () => {
  const options = { seeds: 3, home: null, methods: ['centralised', 'fedavg', 'fedprox:mu=1'].map(methodNamed) }
  const [one, two] = [await compare(iris, options), await compare(iris, { ...options, atOnce: 2 })]
  const judged = ({ scopes, tests, methods }: typeof one) => ({ scopes, tests, models: methods.map(({ modelHashes }) => modelHashes) })
  expect(judged(two)).toEqual(judged(one))
  const begun: string[] = []
  const broken = compare(iris, {
    ...options,
    atOnce: 2,
    onEvent: (event) => {
      if (event.kind === 'trainingStarted') begun.push(`${event.seed} ${event.method}`)
      if (event.kind === 'trainingFinished') throw new Error('who listens')
    },
  })
  await expect(broken).rejects.toThrow('who listens')
  expect(begun).toHaveLength(2)
})

test.each([
  ['no seed', { seeds: 0 }, 'judge-seeds'],
  ['nothing federated', { methods: [] }, 'judge-methods'],
])('refuses %s', async (_, options, code) => {
  await expect(compare(iris, { ...options, home: null })).rejects.toMatchObject({ code })
})

/** Trains as FedAvg does, but on some seeds ends in a fault. */
const failing = (on: readonly number[], where: YimengError['where'] = { round: 2, site: 'site-01' }): Method => {
  const fedavg = methodNamed('fedavg')
  return {
    name: 'failing',
    kind: 'federated',
    train: async (spec, options) => {
      if (on.includes(spec.seed ?? 1))
        throw new YimengError({ code: 'round-quorum', cannot: 'finish round', expected: '10 of 10 sites', got: '9', where })
      return fedavg.train(spec, options)
    },
  }
}

test('training that fails is a row with its cause, counts as the worst, and does not end the comparison', async () => {
  const methods = [federated(), failing([2])]
  const found = await compare(iris, { seeds: 3, home: null, methods })
  const [good, bad] = found.methods
  expect(good?.failures).toEqual([])
  expect(bad?.failures).toEqual([expect.objectContaining({ seed: 2, code: 'round-quorum', where: { round: 2, site: 'site-01' } })])
  const cells = found.scopes[0]?.cells
  const values = cells?.['failing']?.['accuracy']?.values
  expect(values?.map((value, i) => (i === 1 ? value : value === cells?.['federated']?.['accuracy']?.values[i]))).toEqual([true, 0, true])
  expect(cells?.['failing']?.['loss']?.mean).toBe(Number.POSITIVE_INFINITY)
  const against = found.tests.find(({ site, method }) => site === null && method === 'failing')
  // every seed counts: leaving the bad one out would call the methods equal
  expect(against?.t?.pairs).toBe(3)
  expect(against?.t?.difference).toBeLessThan(-0.1)
  expect(against?.mcnemar).toHaveLength(2)
  expect(bad?.curves['accuracy']).toHaveLength(4)
  const { 'report.html': page = '', 'report.json': json = '' } = reportFiles(found, 'en')
  expect(page).toContain('failing failed on seed 2 (round-quorum)')
  expect(page).not.toMatch(/NaN|undefined/)
  expect(JSON.parse(json)).toMatchObject({ methods: [{}, { failures: [{ seed: 2 }] }] })
})

test('what would befall every method alike still ends it, and so does failing alone', async () => {
  const disk: Method = { ...failing([]), train: () => Promise.reject(new Error('disk full')) }
  await expect(compare(iris, { seeds: 1, home: null, methods: [disk] })).rejects.toThrow('disk full')
  await expect(compare(iris, { seeds: 1, home: null, methods: [failing([1], {})] })).rejects.toMatchObject({ code: 'round-quorum' })
  await expect(compare(iris, { seeds: 1, home: null, methods: [failing([1])] })).rejects.toMatchObject({ code: 'round-quorum' })
})

test('finished trainings are kept: parts are put together without training again, whatever is not whole is trained', async () => {
  const keep = await mkdtemp(join(tmpdir(), 'yimeng-keep-'))
  onTestFinished(() => rm(keep, { recursive: true }))
  const methods = ['centralised', 'alone', 'fedavg', 'fedprox:mu=1'].map(methodNamed)
  const options = { home: null, keep, methods }
  const whole = await compare(iris, { seeds: 3, home: null, methods })
  await compare({ ...iris, seed: 3 }, { ...options, seeds: 1 })
  await compare(iris, { ...options, seeds: 2, methods: methods.slice(0, 3) })
  expect(await readdir(keep)).toHaveLength(10)
  let rounds = 0
  const merged = await compare(iris, {
    ...options,
    seeds: 3,
    onEvent: (event) => {
      if (event.kind === 'runEvent' && event.event.kind === 'roundCommitted' && event.event.round > 0) rounds += 1
    },
  })
  expect(rounds).toBe(2 * iris.rounds)
  const judged = ({ scopes, tests }: typeof merged) => ({ scopes, tests })
  expect(judged(merged)).toEqual(judged(whole))
  expect(merged.methods.map(({ confusion, modelHashes }) => ({ confusion, modelHashes }))).toEqual(
    whole.methods.map(({ confusion, modelHashes }) => ({ confusion, modelHashes })),
  )
  for (const file of await readdir(keep)) await writeFile(join(keep, file), '{"half')
  expect(judged(await compare(iris, { ...options, seeds: 1 })).tests).toHaveLength(whole.sites.length * 5 + 5)
  // another spec is another training
  const other = await compare({ ...iris, rounds: 1 }, { ...options, seeds: 1, methods: methods.slice(2) })
  expect(other.methods.map(({ curves }) => curves['accuracy']?.length)).toEqual([1, 1])
})

test('a folder that cannot be written is told', async () => {
  const keep = await mkdtemp(join(tmpdir(), 'yimeng-keep-'))
  onTestFinished(() => rm(keep, { recursive: true }))
  await writeFile(join(keep, 'file'), '')
  await expect(compare(iris, { seeds: 1, home: null, keep: join(keep, 'file', 'folder') })).rejects.toMatchObject({ code: 'judge-keep' })
})
