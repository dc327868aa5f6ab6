// Who contributed how much, along the path of a run: what Shapley values promise must hold of what the journal says.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { takeRows } from '../data/index.ts'
import { loadDataset } from '../data/node.ts'
import { resolveSpec, type RunSpecInput, type Task } from '../tasks/index.ts'
import { resume, run, showRun } from './index.ts'

const spec = {
  task: 'iris',
  partition: { kind: 'dirichlet', sites: 4, alpha: 0.5 },
  cohort: { fraction: 1 },
  rounds: 3,
  contribution: { kind: 'shapley' },
} as const satisfies RunSpecInput
const quiet = { home: null } as const
const total = (shares: Readonly<Record<string, number>>) => Object.values(shares).reduce((sum, share) => sum + share, 0)

test.each(['fedavg', 'fedavgm'] as const)('%s: each round’s Shapley values add up to what the round took off the loss', async (name) => {
  // at rate 1 without momentum the server's step is the mean of differences itself
  const strategy = name === 'fedavg' ? ({ name } as const) : ({ name, learningRate: 1, momentum: 0 } as const)
  const { history, contributions = [], sites, modelHash } = await run({ ...spec, strategy }, quiet)
  expect(contributions.map(({ round }) => round)).toEqual([1, 2, 3])
  for (const { round, shares, evaluations } of contributions) {
    expect(Object.keys(shares)).toEqual(sites.map(({ site }) => site))
    expect(evaluations).toBe(2 ** sites.length)
    const [was, is] = [history[round - 2], history[round - 1]].map((point) => point?.test?.['loss'] ?? Number.NaN)
    // a model's mean is taken in fixed point, a coalition's in float64
    if (round > 1) expect(total(shares)).toBeCloseTo((was ?? 0) - (is ?? 0), 5)
  }
  // whoever watches changes nothing
  const { contribution: _, ...unwatched } = { ...spec, strategy }
  expect((await run(unwatched, quiet)).modelHash).toBe(modelHash)
})

/** Iris at three sites, of which `twin` holds the rows that `first` holds. */
const twins: Task = {
  name: 'twins',
  title: { en: 'Twins', 'zh-CN': '孪生', 'zh-TW': '孿生' },
  about: { en: 'Twins', 'zh-CN': '孪生', 'zh-TW': '孿生' },
  // full batches: neither order nor draws of rows tell the twins apart
  defaults: { split: { kind: 'given' }, local: { batch: 64, epochs: 2 } },
  load: async () => {
    const iris = await loadDataset('iris')
    const own = [0, 60, 120, 6, 66, 126, 12, 72, 132]
    const other = Array.from({ length: 40 }, (_, i) => 3 * i + 1)
    const judges = Array.from({ length: 40 }, (_, i) => 3 * i + 2)
    const order = [...own, ...own, ...other, ...judges]
    const train = order.length - judges.length
    return {
      ...takeRows(iris, Uint32Array.from(order)),
      sites: order.map((_, i) => (i < own.length ? 'first' : i < 2 * own.length ? 'twin' : 'other')),
      split: {
        train: Uint32Array.from({ length: train }, (_, i) => i),
        validation: new Uint32Array(0),
        test: Uint32Array.from(judges, (_, i) => train + i),
      },
    }
  },
}

test.each(['shapley', 'leaveOneOut', 'gtg', 'truncatedMonteCarlo', 'fedCon'] as const)(
  'symmetry: %s gives twins the same',
  async (kind) => {
    const { contributions = [] } = await run({ task: 'twins', rounds: 2, contribution: { kind } }, { ...quiet, task: twins })
    for (const { shares } of contributions) {
      const { first = Number.NaN, twin = Number.NaN, other = Number.NaN } = shares
      // sampled orders tell even equals a little apart
      const sampled = kind === 'gtg' || kind === 'truncatedMonteCarlo'
      expect(Math.abs(first - twin)).toBeLessThan(sampled ? 0.1 * Math.abs(other) : 1e-6)
      expect(Math.abs(first - other)).toBeGreaterThan(1e-3)
    }
  },
)

test('the ledger is in the journal, round by round, and a run that goes on fills in nothing twice', async () => {
  const home = await mkdtemp(join(tmpdir(), 'yimeng-contribution-'))
  const stop = new AbortController()
  let runId = ''
  await expect(
    run(spec, {
      home,
      signal: stop.signal,
      onEvent: (event) => {
        runId = event.run
        // stopped between the commit and what follows it
        if (event.kind === 'roundCommitted' && event.round === 2) stop.abort(new Error('enough'))
      },
    }),
  ).rejects.toThrow('enough')
  const { contributions } = await resume(runId, { home })
  expect(contributions).toEqual((await run(spec, quiet)).contributions)
  const told = (await showRun(runId, { home })).events.filter(({ kind }) => kind === 'contributed')
  expect(told).toHaveLength(3)
  await rm(home, { recursive: true })
})

test.each([
  [{ sum: 'masked' }, /sum/],
  [{ strategy: { name: 'scaffold' } }, /contribution/],
  [{ compression: { kind: 'topK' }, strategy: { name: 'fedavgm' } }, /contribution/],
  [{ privacy: { epsilon: 1 }, cohort: { size: 4 } }, /contribution/],
  [{ partition: { kind: 'iid', sites: 11 } }, /contribution/],
] as const)('refuses %j', (more, path) => expect(() => resolveSpec({ ...spec, ...more })).toThrow(path))
