import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../simulation/index.ts'
import type { RunSpecInput } from '../../tasks/index.ts'
import { attack, type AttackReport } from './attack.ts'
import { attackPage, attackRecord, meanCorrelation, recognised } from './page.ts'

let home = ''
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'yimeng-attack-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const attacked = async (more: Partial<RunSpecInput>): Promise<AttackReport> => {
  const spec = { task: 'breast-cancer', rounds: 2, engine: { kind: 'reference' }, evaluate: { every: 0 }, ...more } as RunSpecInput
  const { runId } = await run(spec, { home })
  return attack(runId, { home, shadows: 2, rows: 5 })
}
const inversionOf = ({ inversion }: AttackReport) => {
  if (typeof inversion === 'string') throw new Error(inversion)
  return inversion
}

test('single rows come back from plain updates of a run, and not under its noise; masks leave at most what one row outshines', async () => {
  const report = await attacked({ sum: 'masked' })
  const inversion = inversionOf(report)
  expect(inversion).toMatchObject({ how: 'division', own: 'sum', noise: { epsilon: 8, clip: 1 } })
  expect(recognised(inversion, 'plain')).toBe(5)
  expect(meanCorrelation(inversion, 'plain')).toBeGreaterThan(0.99)
  expect(recognised(inversion, 'noised')).toBe(0)
  // of five rows that are sent in one sum, one may have made by far the longest gradient
  expect(recognised(inversion, 'sum')).toBeLessThan(2)
  // two passes over some ninety rows in batches: what comes out is no nearer to a row than a mean of rows can be
  expect(inversion.updates).toMatchObject({ sites: 5 })
  expect(inversion.updates!.closest).toBeLessThan(0.99)
  const { members, others, models } = report.membership
  expect([members, others]).toEqual([455, 114])
  expect(models.map(({ name, privacy }) => [name, privacy === 'none' ? privacy : privacy.noise])).toEqual([
    ['run', 'none'],
    ['twin', 'dp-sgd'],
  ])
  for (const { found } of models) for (const { area } of [found.byLoss, found.byReference]) expect(area).toBeGreaterThan(0.3)
})

test('a run with noise is attacked with its own noise, beside a twin without', async () => {
  const report = await attacked({ sum: 'encrypted', privacy: { epsilon: 20, noise: 'distributed', clip: 0.5 } })
  expect(inversionOf(report)).toMatchObject({ own: 'sum', noise: { epsilon: 20, clip: 0.5 } })
  expect(inversionOf(report).noise.multiplier).toBeGreaterThan(0)
  expect(report.membership.models.map(({ privacy }) => privacy === 'none')).toEqual([false, true])
})

test('the page shows rows as pictures, in three languages, and fetches nothing; the record holds no row', async () => {
  const report = await attacked({})
  const pages = (['en', 'zh-CN', 'zh-TW'] as const).map((language) => attackPage(report, language))
  for (const page of pages) {
    // a row and three views of it, five times
    expect(page.match(/src="data:image\/png;base64,/g)).toHaveLength(20)
    expect(page).toContain("default-src 'none'")
    expect(page).not.toMatch(/https?:/)
  }
  expect(new Set(pages).size).toBe(3)
  const record = JSON.stringify(attackRecord(report))
  expect(record.length).toBeLessThan(3000)
  expect(record).not.toContain('original')
})

test('a run that is unknown is told so', async () => {
  await expect(attack('nothing', { home })).rejects.toThrow(expect.objectContaining({ code: 'run-unknown' }))
})
