import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { place } from '../command.suite.ts'

const { folder, json, has } = place()

test('attack: a page for people, areas and correlations for programs, no row outside the page', async () => {
  const { runId } = await json('run', 'iris', '--set', 'rounds=2', '--quiet')
  const found = await json('attack', 'last', '--shadows', '2', '--rows', '6', '--out', 'attack')
  expect(found).toMatchObject({
    command: 'attack',
    run: runId,
    inversion: {
      how: 'division',
      own: 'plain',
      rows: 6,
      views: { plain: { recognised: expect.any(Number) }, noised: { correlation: expect.any(Number) } },
    },
    membership: { shadows: 2, models: [{ name: 'run', found: { byLoss: { area: expect.any(Number) } } }, { name: 'twin' }] },
  })
  // of three hidden units none may be on for a row, which then leaves no trace: with six, some do
  expect((found as { inversion: { views: { plain: { recognised: number } } } }).inversion.views.plain.recognised).toBeGreaterThan(0)
  expect(readFileSync(join(folder, 'attack/report.html'), 'utf8')).toContain('data:image/png')
  expect(readFileSync(join(folder, 'attack/report.json'), 'utf8')).not.toContain('rebuilt')
  expect(await json('attack', 'nothing')).toMatchObject({ error: { code: 'run-unknown' } })
  expect(has('attack/nothing')).toBe(false)
})
