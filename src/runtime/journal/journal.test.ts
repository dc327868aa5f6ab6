import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunEvent } from '../../federated/spec/index.ts'
import { type TestPostgres, testPostgres } from '../database/postgres.suite.ts'
import { openJournal, runId } from '../index.ts'

const postgres: TestPostgres | undefined = await testPostgres()
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yimeng-journal-'))
})
afterAll(async () => {
  await postgres?.close()
  await rm(folder, { recursive: true })
})

/** Databases that keep the same promises. `place`: a fresh one. */
const databases = [
  { named: 'SQLite', place: async (name: string) => join(folder, name, 'deep', 'runs.sqlite') },
  ...(postgres === undefined ? [] : [{ named: 'PostgreSQL', place: postgres.database }]),
]

const newRun = (id: string) => ({
  id,
  task: 'toy',
  spec: { task: 'toy' },
  specHash: 's',
  dataHash: 'd',
  rounds: 3,
  startedAt: '2026-01-01T00:00:00Z',
})
const committed = (run: string, round: number): RunEvent => ({
  kind: 'roundCommitted',
  run,
  at: '2026-01-01T00:00:01Z',
  round,
  attempt: 1,
  counted: ['a'],
  trainLoss: 0.5,
  bytesUp: 1,
  bytesDown: 2,
  seconds: 0.1,
})

test('runs are found by the beginning of their names', async () => {
  const journal = await openJournal(':memory:')
  for (const id of ['0abc', '0abd', '1x']) await journal.start(newRun(id))
  expect(await journal.find('1')).toMatchObject({ runId: '1x' })
  expect(await journal.find('0abd')).toMatchObject({ runId: '0abd' })
  await expect(journal.find('0ab')).rejects.toMatchObject({ code: 'run-ambiguous' })
  await expect(journal.find('%')).rejects.toMatchObject({ code: 'run-unknown' })
  await journal.close()
})

test('a file that is no journal, or one of a later version, is refused and left alone', async () => {
  const other = join(folder, 'other.sqlite')
  await writeFile(other, 'not a database, but long enough to be looked at '.repeat(20))
  await expect(openJournal(other)).rejects.toMatchObject({ code: 'database-open' })
  const path = join(folder, 'later.sqlite')
  await (await openJournal(path)).close()
  new DatabaseSync(path).exec("insert into kysely_migration (name, timestamp) values ('9999-later', '2030-01-01')")
  await expect(openJournal(path)).rejects.toMatchObject({ code: 'database-newer' })
})

test('names of runs are short and sort by time', () => {
  const names = Array.from({ length: 5 }, runId)
  for (const name of names) expect(name).toMatch(/^[0-9a-hjkmnp-tv-z]{8}$/)
  expect(names.map((name) => name.slice(0, 6))).toEqual(names.map((name) => name.slice(0, 6)).toSorted())
})

test.runIf(existsSync('/proc/self'))('a place that takes no folder is refused at once', async () => {
  await expect(openJournal('/proc/yimeng/home/runs.sqlite')).rejects.toMatchObject({ code: 'home-unwritable' })
})

describe.each(databases)('a journal in $named', ({ place }) => {
  test('a commit is one transaction of event and checkpoint; older checkpoints go', async () => {
    const path = await place('transaction')
    const journal = await openJournal(path)
    await journal.start(newRun('r1'))
    for (const round of [1, 2])
      await journal.append(committed('r1', round), {
        checkpoint: { stage: 'train', round, attempt: 1, counted: ['a'], state: Uint8Array.of(round) },
      })
    // an event of a run that is not there: neither it nor its checkpoint is kept
    await expect(
      journal.append(committed('none', 1), { checkpoint: { stage: 'train', round: 9, attempt: 1, counted: [], state: Uint8Array.of(9) } }),
    ).rejects.toThrow()
    await journal.close()
    const again = await openJournal(path)
    expect(await again.checkpoint('r1', 'train')).toMatchObject({ round: 2, counted: ['a'], state: Uint8Array.of(2) })
    expect(await again.checkpoint('none', 'train')).toBeUndefined()
    expect(await again.events('r1')).toEqual([committed('r1', 1), committed('r1', 2)])
    expect(await again.events('r1', { after: 1, most: 9 })).toEqual([committed('r1', 2)])
    expect(await again.events('r1', { after: 0, most: 1 })).toEqual([committed('r1', 1)])
    expect(await again.runs()).toMatchObject([{ runId: 'r1', round: 2, status: 'interrupted' }])
    await again.close()
  })

  test('events that are appended at once are there in the order in which they were, each behind those that can be read', async () => {
    const journal = await openJournal(await place('turns'))
    await journal.start(newRun('r1'))
    const rounds = Array.from({ length: 30 }, (_, i) => i + 1)
    // every third one has much to write, and would be overtaken
    const state = new Uint8Array(300_000)
    const told: number[] = []
    await Promise.all(
      rounds.map(async (round) => {
        const checkpoint = { stage: 'train', round, attempt: 1, counted: [], state }
        await journal.append(committed('r1', round), round % 3 === 1 ? { checkpoint } : {})
        told.push(round)
        expect(await journal.events('r1', { after: round - 1, most: 1 })).toEqual([committed('r1', round)])
      }),
    )
    expect(told).toEqual(rounds)
    expect(await journal.events('r1')).toEqual(rounds.map((round) => committed('r1', round)))
    await journal.close()
  })

  test('the status follows from the events; a run that nobody works on any more is interrupted', async () => {
    const path = await place('status')
    const journal = await openJournal(path)
    for (const id of ['a', 'b', 'c', 'd']) await journal.start(newRun(id))
    const at = '2026-01-01T00:00:01Z'
    await journal.append({
      kind: 'runFinished',
      run: 'a',
      at,
      rounds: 3,
      modelHash: 'm',
      metrics: { accuracy: 1 },
      bytesUp: 0,
      bytesDown: 0,
      seconds: 1,
    })
    await journal.append({ kind: 'runFailed', run: 'b', at, code: 'x', message: 'y' })
    await journal.append({ kind: 'runCancelled', run: 'c', at, round: 0 })
    expect((await journal.runs()).map(({ runId: id, status }) => [id, status])).toEqual([
      ['d', 'running'],
      ['c', 'cancelled'],
      ['b', 'failed'],
      ['a', 'finished'],
    ])
    // another holder of the same database sees the lock, and takes it when the first is gone
    const other = await openJournal(path)
    expect(await other.find('d')).toMatchObject({ status: 'running' })
    await expect(other.claim('d')).rejects.toMatchObject({ code: 'run-busy' })
    await journal.close()
    expect(await other.find('d')).toMatchObject({ status: 'interrupted' })
    await other.claim('d')
    expect(await other.find('d')).toMatchObject({ status: 'running' })
    await other.close()
  })

  test('writers of one process wait for each other', async () => {
    const path = await place('two')
    const [one, two] = await Promise.all([openJournal(path), openJournal(path)])
    await one.start(newRun('one'))
    await two.start(newRun('two'))
    const stores = [one.nodeStore('one', 'n'), two.nodeStore('two', 'n')]
    for (let round = 1; round <= 20; round += 1)
      await Promise.all(
        stores.map(async (store) => {
          await store.pend('train', round, 1, Uint8Array.of(round))
          await store.commit('train', round, 1)
        }),
      )
    expect(await stores[1]?.committed('train')).toMatchObject({ round: 20 })
    await Promise.all([one.close(), two.close()])
  })

  test('writers of two processes wait for each other', async () => {
    const path = await place('processes')
    const journal = await openJournal(path)
    await journal.start(newRun('one'))
    const script = `
      import { openJournal } from ${JSON.stringify(new URL('../index.ts', import.meta.url).href)}
      const store = (await openJournal(${JSON.stringify(path)})).nodeStore('two', 'n')
      for (let round = 1; round <= 50; round += 1) {
        await store.pend('train', round, 1, Uint8Array.of(round))
        await store.commit('train', round, 1)
      }`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
    const ended = new Promise((resolve) => child.on('close', resolve))
    const store = journal.nodeStore('one', 'n')
    for (let round = 1; child.exitCode === null; round += 1) {
      await store.pend('train', round, 1, Uint8Array.of(round))
      await store.commit('train', round, 1)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(await ended).toBe(0)
    expect(await journal.nodeStore('two', 'n').committed('train')).toMatchObject({ round: 50 })
    await journal.close()
  })

  test('processes that open a fresh journal at once all find it whole', async () => {
    const path = await place('fresh')
    const script = `
      import { openJournal } from ${JSON.stringify(new URL('../index.ts', import.meta.url).href)}
      process.stdout.write('ready')
      process.stdin.once('data', async () => {
        for (let i = 0; i < 5; i += 1) await (await openJournal(${JSON.stringify(path)})).close()
        process.exit(0)
      })`
    const children = Array.from({ length: 3 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] }),
    )
    const ended = children.map((child) => new Promise((resolve) => child.on('close', resolve)))
    await Promise.all(children.map((child) => new Promise((resolve) => child.stdout.once('data', resolve))))
    for (const child of children) child.stdin.end('go')
    expect(await Promise.all(ended)).toEqual([0, 0, 0])
  })

  test('bytes come back as they went, and floats can be read in them', async () => {
    const journal = await openJournal(await place('bytes'))
    await journal.start(newRun('r'))
    const values = Float32Array.from({ length: 3 }, (_, i) => i / 3)
    const state = new Uint8Array(values.buffer)
    await journal.append(committed('r', 1), { checkpoint: { stage: 'train', round: 1, attempt: 1, counted: [], state } })
    const back = (await journal.checkpoint('r', 'train'))?.state ?? new Uint8Array()
    expect(new Float32Array(back.buffer, back.byteOffset, 3)).toEqual(values)
    expect(await journal.lastAttempt('r', 1)).toBe(0)
    await journal.append({ kind: 'roundStarted', run: 'r', at: '2026-01-01T00:00:01Z', round: 2, attempt: 3, cohort: ['a'] })
    expect(await journal.lastAttempt('r', 2)).toBe(3)
    await journal.close()
  })

  test('of a checkpoint only the last round’s is kept', async () => {
    const journal = await openJournal(await place('last'))
    await journal.start(newRun('r'))
    for (const round of [1, 2, 3])
      await journal.append(committed('r', round), {
        checkpoint: { stage: 'train', round, attempt: 1, counted: [], state: Uint8Array.of(round) },
      })
    expect(await journal.checkpoint('r', 'train')).toMatchObject({ round: 3, state: Uint8Array.of(3) })
    await journal.close()
  })

  test('large states and models lie beside it, the last only, and come back', async () => {
    const path = await place('large')
    const beside = join(folder, `blobs-${path.length}`)
    const journal = await openJournal(path, beside)
    await journal.start(newRun('r'))
    const large = (fill: number): Uint8Array => new Uint8Array(2 ** 20).fill(fill)
    for (const round of [1, 2])
      await journal.append(committed('r', round), { checkpoint: { stage: 'train', round, attempt: 1, counted: [], state: large(round) } })
    expect(await readdir(join(beside, 'r'))).toHaveLength(1)
    // the same bytes as a model: one blob, which stays when the checkpoint moves on
    const finished = {
      kind: 'runFinished',
      run: 'r',
      at: '2026-01-01T00:00:01Z',
      rounds: 2,
      modelHash: 'm',
      metrics: {},
      bytesUp: 0,
      bytesDown: 0,
      seconds: 1,
    } as const
    await journal.append(finished, { model: { hash: 'm', bytes: large(2) } })
    await journal.append(committed('r', 3), { checkpoint: { stage: 'train', round: 3, attempt: 1, counted: [], state: large(3) } })
    expect(await readdir(join(beside, 'r'))).toHaveLength(2)
    expect(Buffer.compare((await journal.model('r')) ?? new Uint8Array(), large(2))).toBe(0)
    expect(Buffer.compare((await journal.checkpoint('r', 'train'))?.state ?? new Uint8Array(), large(3))).toBe(0)
    await journal.close()
  })
})
