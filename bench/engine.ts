// Training steps against PyTorch on the CPU, in turns so that a busy machine slows both alike. Ratios are ours / theirs in samples per second: above 1 we are faster.
// `--sessions 2` compares two of our sessions in one process with two processes of PyTorch, each with one thread.
// Run: node bench/engine.ts [--python python3] [--rounds 3] [--sessions 1] [--only mlp,mcmahan-10]
import { execFile } from 'node:child_process'
import { parseArgs, promisify } from 'node:util'

interface Measured {
  readonly wallMs: number
  readonly cpuMs: number
  readonly samples: number
  readonly peakMb: number
  readonly version?: string
}

/** Steps of each workload: about a second each. */
const workloads: Readonly<Record<string, number>> = {
  mlp: 5000,
  'mcmahan-10': 60,
  'mcmahan-64': 12,
  'brain-64': 20,
  'brain-128': 6,
  'resnet-18': 4,
  'resnet-18-frozen': 10,
  gru: 200,
  lstm: 200,
}

const { values: options } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    rounds: { type: 'string', default: '3' },
    sessions: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
})
const chosen = options.only === undefined ? Object.keys(workloads) : options.only.split(',')
const sessions = Number(options.sessions)
const here = import.meta.dirname

const run = async (command: string, args: readonly string[]): Promise<Measured> => {
  const { stdout } = await promisify(execFile)(command, args)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

/** PyTorch in one process for each session. */
const peers = async (name: string, steps: string): Promise<Measured> => {
  const each = await Promise.all(
    Array.from({ length: sessions }, () => run(options.python, ['-P', `${here}/engine-torch.py`, name, steps, '1'])),
  )
  const mean = (key: 'wallMs' | 'cpuMs'): number => each.reduce((sum, measured) => sum + measured[key], 0) / sessions
  const total = (key: 'samples' | 'peakMb'): number => each.reduce((sum, measured) => sum + measured[key], 0)
  return {
    wallMs: mean('wallMs'),
    cpuMs: mean('cpuMs'),
    samples: total('samples'),
    peakMb: total('peakMb'),
    version: each[0]?.version ?? '',
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const show = (value: number): string => value.toPrecision(3)

let version = ''
const lines: string[][] = []
for (const name of chosen) {
  const steps = String(workloads[name] ?? 10)
  const [ours, theirs]: [Measured[], Measured[]] = [[], []]
  for (let round = 0; round < Number(options.rounds); round++) {
    ours.push(await run(process.execPath, [`${here}/engine-ours.ts`, name, steps, options.sessions]))
    theirs.push(await peers(name, steps))
  }
  version = theirs[0]?.version ?? ''
  const of = (measured: readonly Measured[], key: 'wallMs' | 'samples' | 'peakMb'): number => median(measured.map((each) => each[key]))
  const ratio = median(theirs.map(({ samples }, i) => (ours[i]?.samples ?? Number.NaN) / samples))
  const cpuRatio = median(theirs.map(({ cpuMs }, i) => cpuMs / (ours[i]?.cpuMs ?? Number.NaN)))
  lines.push([
    name,
    show(of(theirs, 'wallMs')),
    show(of(ours, 'wallMs')),
    show(of(theirs, 'samples')),
    show(of(ours, 'samples')),
    show(ratio),
    show(cpuRatio),
    String(Math.round(of(theirs, 'peakMb'))),
    String(Math.round(of(ours, 'peakMb'))),
  ])
}
const head = ['workload', 'torch ms', 'ours ms', 'torch /s', 'ours /s', 'ratio', 'ratio (cpu)', 'torch MB', 'ours MB']
console.log(`PyTorch ${version}, ONNX Runtime through Node ${process.version}, ${sessions} × 1 thread, median of ${options.rounds} rounds`)
for (const line of [head, ...lines]) console.log(line.map((cell, i) => (i === 0 ? cell.padEnd(18) : cell.padStart(12))).join(''))
console.log(
  JSON.stringify({
    torch: version,
    sessions,
    rows: Object.fromEntries(
      lines.map(([name = '', ...cells]) => [name, Object.fromEntries(cells.map((cell, i) => [head[i + 1] ?? '', Number(cell)]))]),
    ),
  }),
)
