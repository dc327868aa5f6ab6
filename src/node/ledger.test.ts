import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DpEvent, pld, rdp, type RoundCost } from '../privacy/index.ts'
import { siteLedger } from './ledger.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yimeng-ledger-'))
})
afterAll(() => rm(folder, { recursive: true }))

const delta = 1e-5
const event: DpEvent = { kind: 'gaussian', noiseMultiplier: 5 }
const costOf = (epsilon: number): RoundCost => ({ event, budget: { epsilon, delta }, unit: 'record', accountant: rdp() })
const after = (count: number) => rdp().epsilon({ kind: 'repeated', event, count }, delta)
const refused = (code: string) => expect.objectContaining({ code })

test('a site takes part until its budget over all runs is spent, and not once more; a run’s own budget ends that run', async () => {
  const at = join(folder, 'a')
  const own = { unit: 'record', epsilon: after(5), delta } as const
  let ledger = await siteLedger(at)
  for (const round of [1, 2]) await ledger.charge({ run: 'r1', round, attempt: 0 }, costOf(after(2)), own)
  // the first run has spent what it may, whatever its coordinator says
  await expect(ledger.charge({ run: 'r1', round: 3, attempt: 0 }, costOf(after(2)), own)).rejects.toThrow(refused('site-budget'))
  await ledger.close()
  // another run, another process
  ledger = await siteLedger(at)
  for (const round of [1, 2, 3]) await ledger.charge({ run: 'r2', round, attempt: 0 }, costOf(100), own)
  await expect(ledger.charge({ run: 'r2', round: 4, attempt: 0 }, costOf(100), own)).rejects.toThrow(/budget of the site/)
  await expect(ledger.charge({ run: 'r3', round: 1, attempt: 0 }, costOf(100), own)).rejects.toThrow(refused('site-budget'))
  // what was refused is not charged
  expect(await ledger.spent('record', delta)).toEqual({ charges: 5, epsilon: after(5) })
  expect(await ledger.spent('site', delta)).toEqual({ charges: 0, epsilon: 0 })
  await ledger.close()
})

test('a run pays by the accountant that its noise was planned with, a site over all its runs by rdp', async () => {
  const ledger = await siteLedger(join(folder, 'e'))
  const sharp = pld()
  const cost = { ...costOf(sharp.epsilon({ kind: 'repeated', event, count: 3 }, delta)), accountant: sharp }
  // rdp would refuse the third round
  expect(after(3)).toBeGreaterThan(cost.budget.epsilon)
  for (const round of [1, 2, 3]) await ledger.charge({ run: 'r', round, attempt: 0 }, cost)
  await expect(ledger.charge({ run: 'r', round: 4, attempt: 0 }, cost)).rejects.toThrow(refused('site-budget'))
  expect(await ledger.spent('record', delta)).toEqual({ charges: 3, epsilon: after(3) })
  await ledger.close()
})

test('an attempt that was charged before is refused: it would release a second time', async () => {
  const ledger = await siteLedger(join(folder, 'b'))
  const at = { run: 'r', round: 1, attempt: 0 }
  await ledger.charge(at, costOf(10))
  await expect(ledger.charge(at, costOf(10))).rejects.toThrow(refused('site-attempt'))
  await ledger.charge({ ...at, attempt: 1 }, costOf(10))
  expect(await ledger.spent('record', delta)).toEqual({ charges: 2, epsilon: after(2) })
  await ledger.close()
})

test('a process that is killed has lost no charge that it told of', async () => {
  const at = join(folder, 'c')
  const child = spawn(process.execPath, [fileURLToPath(new URL('killed-ledger.test-support.ts', import.meta.url)), at], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let told = 0
  for await (const chunk of child.stdout) {
    told = Number(String(chunk).trim().split('\n').at(-1))
    if (told >= 20) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  const ledger = await siteLedger(at)
  // and at most the one charge more that was stored but not told
  const { charges } = await ledger.spent('record', delta)
  expect([told, told + 1]).toContain(charges)
  await ledger.close()
})

test('a sum of a round that was opened opens again over the same sites only, in another process too; sums and charges do not mix', async () => {
  const at = join(folder, 'd')
  const step = { run: 'r', round: 3, step: 2 }
  let ledger = await siteLedger(at)
  expect(await ledger.open(step, ['a', 'b', 'c'])).toBe(true)
  await ledger.close()
  ledger = await siteLedger(at)
  expect(await ledger.open(step, ['a', 'b'])).toBe(false)
  expect(await ledger.open(step, ['a', 'b', 'c'])).toBe(true)
  for (const other of [
    { ...step, step: 4 },
    { ...step, round: 4 },
    { ...step, run: 'q' },
  ])
    expect(await ledger.open(other, ['a', 'b'])).toBe(true)
  expect(await ledger.spent('record', delta)).toMatchObject({ charges: 0 })
  await ledger.close()
})
