// Everything about secure computation in one run: operations, regression, intersections, between processes over TLS on this machine, with bytes and rounds, beside stock ABY's own figures.
// Run: node bench/mpc.ts [seconds per line] [items for PSI] [ABY's bench_operations] [--only operations|regression|intersection|counts]. The processes share the machine: with two free cores each of two has one. Nothing here is asserted.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { monotonicMs } from '../src/base/index.ts'
import { benchTable } from '../src/cli/mpc/bench-table.ts'
import { countHere } from '../src/cli/mpc/count.ts'
import type { Job } from '../src/cli/mpc/job.ts'
import { runPair } from '../src/cli/mpc/local-pair.ts'
import { measureNative } from '../src/cli/mpc/native-aby.ts'
import { mpcTexts } from '../src/cli/mpc/texts.ts'
import type { Measurement } from '../src/mpc/index.ts'

const { positionals, values } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } })
const [secondsText = '1', itemsText = '20000', abyBinary] = positionals
const seconds = Number(secondsText)
const psiItems = Number(itemsText)
const rows: Readonly<Record<string, unknown>>[] = []
const short = (value: number): string => value.toLocaleString('en', { maximumSignificantDigits: 3 })
// a figure means little without it
const load = (): string =>
  `load ${loadavg()
    .map((x) => x.toFixed(1))
    .join(' ')}`

const operations = async (): Promise<void> => {
  const job: Job = { kind: 'bench', seconds }
  const { guest } = await runPair(job, job)
  const measurements = guest.result['measurements'] as readonly Measurement[]
  const native = abyBinary === undefined ? [] : await measureNative(abyBinary)
  console.log(benchTable(measurements, native, mpcTexts.en))
  rows.push(...measurements.map((one) => ({ ...one })), ...native.map((one) => ({ ...one, native: true })))
}

const regression = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'yimeng-bench-'))
  const table = (name: string, header: string, row: (i: number) => readonly number[]): string => {
    const file = join(folder, name)
    writeFileSync(file, `${header}\n${Array.from({ length: 1000 }, (_, i) => [i, ...row(i)].join(',')).join('\n')}\n`)
    return file
  }
  const job = (csv: string): Job => ({
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
    align: false,
    evaluate: 'scores',
    holdOut: 0,
  })
  const files = [
    table('guest.csv', 'id,y,x1', (i) => [4010 + 6 * i, 2001 + i]),
    table('host.csv', 'id,x2,x3', (i) => [1001 + i, 1 + i]),
  ] as const
  console.log(
    '\nvertical linear regression, 1000 rows, 20 epochs, nothing opened but the losses (the original: SPDZ 69.4 s, its ABY 23.9 s on another machine, opening secrets)',
  )
  for (let run = 0; run < 3; run++) {
    const start = monotonicMs()
    const { guest, host } = await runPair(job(files[0]), job(files[1]))
    const loss = (guest.result['losses'] as readonly number[]).at(-1)
    const { wallMs, cpuMs, traffic } = guest
    rows.push({ name: 'vertical linear regression', wallMs, cpuMs, traffic, loss })
    console.log(
      `${(wallMs / 1000).toFixed(2)} s wall from both ready (target 2; with both processes' start ${((monotonicMs() - start) / 1000).toFixed(2)} s), processor ${(cpuMs / 1000).toFixed(2)} + ${(host.cpuMs / 1000).toFixed(2)} s, ` +
        `${(traffic.sent + traffic.received).toLocaleString('en')} bytes, ${traffic.rounds} rounds, last loss ${loss} (FATE 68167.147); ${load()}`,
    )
  }
  rmSync(folder, { recursive: true })
}

const named = (from: number): readonly string[] => Array.from({ length: psiItems }, (_, i) => `patient ${from + i}`)

const intersection = async (): Promise<void> => {
  const kinds: Readonly<Record<string, (items: readonly string[]) => Job>> = {
    'the guest learns which': (items) => ({ kind: 'psi', learns: 'guest', maxPeerItems: psiItems, items }),
    'both learn whether a quarter is common': (items) => ({ kind: 'threshold', atLeast: psiItems / 4, maxPeerItems: psiItems, items }),
  }
  for (const [name, job] of Object.entries(kinds)) {
    const { guest, host } = await runPair(job(named(0)), job(named(psiItems / 2)))
    const coreRate = (psiItems / Math.max(guest.cpuMs, host.cpuMs)) * 1000
    rows.push({
      name: `intersection: ${name}`,
      items: psiItems,
      wallMs: guest.wallMs,
      cpuMs: [guest.cpuMs, host.cpuMs],
      traffic: guest.traffic,
    })
    console.log(
      `\nprivate set intersection, ${psiItems} x ${psiItems}, ${name}: ${(guest.wallMs / 1000).toFixed(2)} s wall, processor ${(guest.cpuMs / 1000).toFixed(2)} + ${(host.cpuMs / 1000).toFixed(2)} s, ` +
        `${short(coreRate)} items per core-second (target 5000), ${(guest.traffic.sent + guest.traffic.received).toLocaleString('en')} bytes; ${load()}`,
    )
  }
}

const counts = async (): Promise<void> => {
  const spec = { parties: 3, maxItems: psiItems }
  const outcomes = await countHere([0, 0.5, 0.8].map((share, me) => ({ me, spec, items: named(share * psiItems) })))
  const cpuMs = outcomes.map((one) => one.cpuMs)
  rows.push({ name: 'count across three parties', items: psiItems, wallMs: outcomes[0]?.wallMs, cpuMs })
  console.log(
    `\ncount across three parties of ${psiItems} items each: ${((outcomes[0]?.wallMs ?? 0) / 1000).toFixed(2)} s wall, processor ${cpuMs.map((ms) => (ms / 1000).toFixed(2)).join(' + ')} s; ${load()}`,
  )
}

console.log(load())
const parts = { operations, regression, intersection, counts }
for (const [name, part] of Object.entries(parts)) if (values.only === undefined || values.only === name) await part()
console.log(JSON.stringify({ bench: 'mpc', load: loadavg(), rows }))
