import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { YimengError } from '../base/index.ts'
import type { RunSpecInput } from '../tasks/index.ts'
import { listRuns, modelOf, run, showRun } from './index.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yimeng-bad-input-'))
})
afterAll(() => rm(folder, { recursive: true }))

const faultOf = async (work: Promise<unknown>): Promise<YimengError> => {
  try {
    await work
  } catch (error) {
    if (error instanceof YimengError) return error
    throw error
  }
  throw new Error('no fault')
}

describe('bad input is one clear line, and nothing is written', () => {
  const csv = async (name: string, text: string) => {
    const path = join(folder, name)
    await writeFile(path, text)
    return path
  }
  const tableOf = (files: readonly unknown[], more: object = {}) =>
    ({
      task: {
        table: { files, features: [{ kind: 'numeric', name: 'x' }], label: { kind: 'categorical', name: 'y', levels: ['no', 'yes'] } },
      },
      ...more,
    }) as unknown as RunSpecInput

  test.each<[string, () => Promise<RunSpecInput>, string]>([
    ['unknown key', async () => ({ task: 'iris', rouns: 3 }) as RunSpecInput, 'spec-unknown-key'],
    ['no rounds', async () => ({ task: 'iris', rounds: 0 }), 'spec-value'],
    ['unknown task', async () => ({ task: 'irirs' }), 'task-unknown'],
    ['no such file', async () => tableOf([join(folder, 'missing.csv')]), 'file-missing'],
    ['text in a numeric column', async () => tableOf([await csv('text.csv', 'x,y\n1,no\nabc,yes\n')]), 'csv-number'],
    ['wrong column', async () => tableOf([await csv('column.csv', 'z,y\n1,no\n')]), 'csv-column'],
    ['one class only', async () => tableOf([await csv('class.csv', 'x,y\n1,no\n2,no\n3,no\n4,no\n5,no\n6,no\n')]), 'label-one-class'],
    ['an empty site', async () => tableOf([await csv('a.csv', 'x,y\n1,no\n2,yes\n'), await csv('b.csv', 'x,y\n')]), 'table-no-rows'],
    [
      'a site without training rows',
      async () =>
        tableOf([await csv('few.csv', 'x,y\n1,no\n2,yes\n')], {
          partition: { kind: 'iid', sites: 2 },
          split: { kind: 'random', testShare: 0.5 },
        }),
      'site-empty',
    ],
    [
      'no natural sites',
      async () => tableOf([await csv('plain.csv', 'x,y\n1,no\n2,yes\n')], { partition: { kind: 'natural' } }),
      'partition-natural',
    ],
    ['no given split', async () => ({ task: 'iris', split: { kind: 'given' } }), 'split-given'],
  ])('%s', async (name, spec, code) => {
    const home = join(folder, `bad-${name}`)
    const error = await faultOf(run(await spec(), { home }))
    expect(error.code).toBe(code)
    expect(error.message.split('\n')).toHaveLength(1)
    expect(existsSync(home)).toBe(false)
  })

  test('a home that cannot be written', async () => {
    const file = await csv('a-file', '')
    expect(await faultOf(run({ task: 'iris', rounds: 1 }, { home: join(file, 'home') }))).toMatchObject({ code: 'home-unwritable' })
  })

  test('a diverging run names round and site, and leaves a failed run without a model', async () => {
    const home = join(folder, 'diverged')
    const spec: RunSpecInput = { task: 'breast-cancer', rounds: 5, local: { optimiser: { name: 'sgd', learningRate: 1e20 } } }
    const error = await faultOf(run(spec, { home }))
    expect(error.code).toBe('diverged')
    expect(error.where).toMatchObject({ round: 1, site: 'site-1' })
    const [failed] = await listRuns({ home })
    expect(failed).toMatchObject({ status: 'failed', round: 0 })
    expect(await faultOf(modelOf(failed?.runId ?? '', { home }))).toMatchObject({ code: 'run-unfinished' })
    expect((await showRun(failed?.runId ?? '', { home })).events.at(-1)).toMatchObject({
      kind: 'runFailed',
      code: 'diverged',
      round: 1,
      site: 'site-1',
    })
    expect((await readdir(home)).toSorted()).toEqual(['running', 'runs.sqlite'])
    expect(await readdir(join(home, 'running'))).toEqual([])
  })
})
