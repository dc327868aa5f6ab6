// Training steps against PyTorch on the CPU, one thread each, in turns so that a busy machine slows both alike. The ratio is theirs / ours: above 1 we are faster.
// Run: node bench/engine.ts [--python python3] [--rounds 3] [--only mlp,mcmahan-10]
import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'

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
  gru: 200,
  lstm: 200,
}

const { values: options } = parseArgs({
  options: { python: { type: 'string', default: 'python3' }, rounds: { type: 'string', default: '3' }, only: { type: 'string' } },
})
const chosen = options.only === undefined ? Object.keys(workloads) : options.only.split(',')

const run = (command: string, args: readonly string[]): Measured => {
  const text = execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  return JSON.parse(text.trim().split('\n').at(-1) ?? '')
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const here = import.meta.dirname
const show = (value: number): string => value.toPrecision(3)

let version = ''
const lines: string[][] = []
for (const name of chosen) {
  const steps = String(workloads[name] ?? 10)
  const [ours, theirs]: [Measured[], Measured[]] = [[], []]
  for (let round = 0; round < Number(options.rounds); round++) {
    ours.push(run(process.execPath, [`${here}/engine-ours.ts`, name, steps]))
    const peer = run(options.python, ['-P', `${here}/engine-torch.py`, name, steps, '1'])
    version = peer.version ?? ''
    theirs.push(peer)
  }
  const of = (measured: readonly Measured[], key: 'wallMs' | 'cpuMs' | 'samples' | 'peakMb'): number =>
    median(measured.map((each) => each[key]))
  const ratio = median(theirs.map(({ wallMs }, i) => wallMs / (ours[i]?.wallMs ?? Number.NaN)))
  const cpuRatio = median(theirs.map(({ cpuMs }, i) => cpuMs / (ours[i]?.cpuMs ?? Number.NaN)))
  lines.push([
    name,
    show(of(theirs, 'wallMs')),
    show(of(ours, 'wallMs')),
    show(ratio),
    show(cpuRatio),
    show(of(ours, 'samples')),
    String(Math.round(of(theirs, 'peakMb'))),
    String(Math.round(of(ours, 'peakMb'))),
  ])
}
const head = ['workload', 'torch ms', 'ours ms', 'ratio', 'ratio (cpu)', 'samples/s', 'torch MB', 'ours MB']
console.log(`PyTorch ${version}, ONNX Runtime through Node ${process.version}, 1 thread, median of ${options.rounds} rounds`)
for (const line of [head, ...lines]) console.log(line.map((cell, i) => (i === 0 ? cell.padEnd(12) : cell.padStart(12))).join(''))
