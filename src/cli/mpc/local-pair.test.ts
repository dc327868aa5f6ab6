// Two real processes over TLS.
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runPair } from './local-pair.ts'
import type { PartyOrder, PartyReport } from './party-process.ts'

test('millionaires in two processes: the second is richer, swapped, equal', { timeout: 180_000 }, async () => {
  const compare = async (guest: number, host: number): Promise<unknown> => {
    const job = (value: number) => ({ kind: 'millionaires', width: 32, value: String(value) }) as const
    const met = await runPair(job(guest), job(host))
    expect(met.host.result).toEqual(met.guest.result)
    return met.guest.result['richer']
  }
  expect(await Promise.all([compare(66, 77), compare(77, 66), compare(66, 66)])).toEqual(['host', 'guest', 'equal'])
})

test('the tables of 1 to 1000, added and multiplied in two processes, 32 and 64 bits; negatives', { timeout: 180_000 }, async () => {
  const table = Array.from({ length: 1000 }, (_, i) => i + 1)
  const lists = [...table, -1, -1000, -(2 ** 15)]
  for (const operation of ['add', 'multiply'] as const)
    for (const width of [32, 64] as const) {
      const job = { kind: 'vectors', operation, width, sharing: 'arithmetic', values: lists.map(String) } as const
      const met = await runPair(job, job)
      expect(met.guest.result['values']).toEqual(lists.map((x) => String(operation === 'add' ? 2 * x : x * x)))
      expect(met.host.result).toEqual(met.guest.result)
    }
})

test("vertical linear regression in two processes, from the parties' own files", { timeout: 180_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'yimeng-mpc-'))
  const table = (name: string, header: string, row: (i: number) => readonly number[]): string => {
    const file = join(folder, name)
    writeFileSync(file, `${header}\n${Array.from({ length: 1000 }, (_, i) => [i, ...row(i)].join(',')).join('\n')}\n`)
    return file
  }
  const guest = table('guest.csv', 'id,y,x1', (i) => [4010 + 6 * i, 2001 + i])
  const host = table('host.csv', 'id,x2,x3', (i) => [1001 + i, 1 + i])
  const job = (csv: string, align: boolean) =>
    ({
      kind: 'vertical',
      csv,
      id: 'id',
      label: 'y',
      link: 'linear',
      scaling: 'min-max',
      epochs: 20,
      learningRate: 0.15,
      l2: 0.01,
      losses: true,
      align,
      evaluate: 'scores',
      holdOut: 0,
    }) as const
  const met = await runPair(job(guest, false), job(host, false))
  const losses = met.guest.result['losses'] as readonly number[]
  expect(losses).toHaveLength(20)
  expect(Math.abs((losses[0] as number) / 26_049_023 - 1)).toBeLessThan(3e-4)
  expect(Math.abs((losses[19] as number) / 68_167.14735 - 1)).toBeLessThan(3e-4)
  expect((met.host.result['weights'] as readonly number[]).map((w) => Math.round(w * 10) / 10)).toEqual([2073, 2073])
  expect(met.host.result['scores']).toBeUndefined()

  // the host's rows in another order and with strangers between: found by intersection, the same losses
  const mixed = table('mixed.csv', 'id,x2,x3', (i) => [1001 + i, 1 + i])
  const [head = '', ...lines] = readFileSync(mixed, 'utf8').trim().split('\n')
  writeFileSync(mixed, [head, ...lines.toReversed().flatMap((line, i) => (i % 50 === 0 ? [line, `stranger ${i},5,5`] : [line]))].join('\n'))
  const again = await runPair(job(guest, true), job(mixed, true))
  expect(again.guest.result['rows']).toBe(1000)
  const aligned = again.guest.result['losses'] as readonly number[]
  expect(Math.max(...aligned.map((loss, k) => Math.abs(loss / (losses[k] as number) - 1)))).toBeLessThan(1e-4)
})

test('an outcome that is larger than a pipe arrives whole', async () => {
  const values = Array.from({ length: 60_000 }, (_, i) => String(i))
  const job = { kind: 'vectors', operation: 'add', width: 64, sharing: 'arithmetic', values } as const
  const { guest, host } = await runPair(job, job)
  for (const { result } of [guest, host]) expect((result['values'] as readonly string[]).at(-1)).toBe('119998')
})

test('different jobs on the two sides stop both with a cause', async () => {
  await expect(
    runPair({ kind: 'millionaires', width: 32, value: '1' }, { kind: 'millionaires', width: 64, value: '2' }),
  ).rejects.toMatchObject({ code: 'mpc-program' })
})

test('a party whose process is killed in the middle: the other stops with a cause and shows no result', async () => {
  const party = (): ChildProcess => fork(new URL('./party-process.ts', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const [guest, host] = [party(), party()]
  const code = 'KILL-TEST'
  // long enough to be met in the middle
  const job = { kind: 'bench', seconds: 0.2 } as const
  const reports: PartyReport[] = []
  const ended = new Promise((resolve) => guest.once('exit', resolve))
  guest.on('message', (message) => {
    const report = message as PartyReport
    reports.push(report)
    if ('listening' in report) {
      host.send({ job, code, port: report.listening } satisfies PartyOrder)
    }
  })
  // in the middle: after the greeting, before the end of a job of seconds
  host.on('message', (message) => {
    if ('connected' in (message as PartyReport)) setTimeout(() => host.kill('SIGKILL'), 300)
  })
  guest.send({ job, code } satisfies PartyOrder)
  await ended
  expect(reports.some((report) => 'outcome' in report)).toBe(false)
  const fault = reports.find((report) => 'fault' in report)
  expect(fault !== undefined && 'fault' in fault ? fault.fault.code : 'no fault').toBe('mpc-peer-lost')
})
