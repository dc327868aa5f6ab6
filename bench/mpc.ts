// Secure computation between two processes over TLS on this machine, with bytes and rounds, beside stock ABY's own figures. Run: node bench/mpc.ts [seconds per kernel] [items for PSI] [ABY's bench_operations]
// Both processes share the machine: with two free cores each has one. The columns "ABY" are native stock ABY (whole operations over TCP), measured once on one core of an AMD EPYC
// Zen 3 at 2.45 GHz with gcc 12; compare ratios on a like machine only. With ABY's own binary given, both of its roles run here too and its report is printed as it is. Nothing here
// is asserted.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { monotonicMs } from '../src/base/index.ts'
import { runPair } from '../src/cli/mpc/local-pair.ts'
import type { Job } from '../src/cli/mpc/job.ts'
import type { Measurement } from '../src/mpc/index.ts'

const seconds = Number(process.argv[2] ?? 1)
const psiItems = Number(process.argv[3] ?? 20_000)

interface Reference {
  /** Beginning of a measurement's name. */
  readonly name: string
  readonly aby?: number
  /** Whether ABY's figure is per second of one core or of the clock. */
  readonly clock?: 'core' | 'wall'
  readonly target?: number
}

const references: readonly Reference[] = [
  { name: 'garble', aby: 1.65e6, clock: 'core', target: 10e6 },
  { name: 'evaluate', aby: 2.5e6, clock: 'core', target: 14e6 },
  { name: 'random transfers', target: 10e6 },
  { name: 'product triples', aby: 43e3, clock: 'core', target: 85e3 },
  { name: 'AND gates by XOR shares', aby: 3.6e6, clock: 'core', target: 3.5e6 },
  { name: 'product of 512', target: 1000 / 150 },
  { name: 'arithmetic to Yao', aby: 2000 / 0.282 },
  { name: 'Boolean to arithmetic', aby: 2000 / 0.147 },
  { name: 'Boolean to Yao', aby: 5000 / 0.346 },
  { name: 'Yao to Boolean', aby: 5000 / 0.399 },
]

const short = (value: number | undefined): string =>
  value === undefined ? '' : value.toLocaleString('en', { maximumSignificantDigits: 3 })
const rows: Readonly<Record<string, unknown>>[] = []
const line = (...cells: readonly string[]): void =>
  console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(66) : cell.padStart(13))).join(''))

const operations = async (): Promise<void> => {
  const job: Job = { kind: 'bench', seconds }
  const { guest } = await runPair(job, job)
  line('operation', 'per second', 'per core-s', 'ms', 'bytes sent', 'rounds', 'target', 'ABY', 'x ABY')
  for (const { name, count, ms, cpuMs, bytes, rounds } of guest.result['measurements'] as readonly Measurement[]) {
    const reference = references.find((one) => name.startsWith(one.name))
    const [wall, core] = [(count / ms) * 1000, (count / cpuMs) * 1000]
    const ratio = reference?.aby === undefined ? undefined : (reference.clock === 'core' ? core : wall) / reference.aby
    line(
      name,
      short(wall),
      short(core),
      short(ms),
      bytes?.toLocaleString('en') ?? '',
      String(rounds ?? ''),
      short(reference?.target),
      short(reference?.aby),
      short(ratio),
    )
    rows.push({ name, count, ms, cpuMs, bytes, rounds })
  }
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
        `${(traffic.sent + traffic.received).toLocaleString('en')} bytes, ${traffic.rounds} rounds, last loss ${loss} (FATE 68167.147)`,
    )
  }
  rmSync(folder, { recursive: true })
}

const intersection = async (): Promise<void> => {
  const job = (from: number): Job => ({
    kind: 'psi',
    learns: 'guest',
    maxPeerItems: psiItems,
    items: Array.from({ length: psiItems }, (_, i) => `patient ${from + i}`),
  })
  const { guest, host } = await runPair(job(0), job(psiItems / 2))
  const rate = (psiItems / guest.wallMs) * 1000
  const coreRate = (psiItems / Math.max(guest.cpuMs, host.cpuMs)) * 1000
  rows.push({
    name: 'private set intersection',
    items: psiItems,
    wallMs: guest.wallMs,
    cpuMs: [guest.cpuMs, host.cpuMs],
    traffic: guest.traffic,
  })
  console.log(
    `\nprivate set intersection, ${psiItems} x ${psiItems}: ${(guest.wallMs / 1000).toFixed(2)} s wall, processor ${(guest.cpuMs / 1000).toFixed(2)} + ${(host.cpuMs / 1000).toFixed(2)} s, ` +
      `${short(rate)} items/s, ${short(coreRate)} per core-second (target 5000), ${(guest.traffic.sent + guest.traffic.received).toLocaleString('en')} bytes`,
  )
}

// both roles of the native benchmark on this machine; the server's report
const nativeAby = async (binary: string): Promise<void> => {
  const run = promisify(execFile)
  const [server] = await Promise.all(['0', '1'].map((role) => run(binary, ['-r', role], { timeout: 600_000, maxBuffer: 1 << 26 })))
  console.log(`\nnative ABY, ${binary}\n${server?.stdout ?? ''}`)
}

await operations()
await regression()
await intersection()
const [, , , , aby] = process.argv
if (aby !== undefined) await nativeAby(aby)
console.log(JSON.stringify({ bench: 'mpc', rows }))
