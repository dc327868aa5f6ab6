// `yimeng bench engine`: the measurements as a table.
import { type CommonOptions, UsageError } from '../options.ts'
import { tableText } from '../tables.ts'
import type { Terminal } from '../terminal.ts'
import { type BenchLine, benchEngine, hasTfjs, type Measured, torchVersion, workloads } from './engine-bench.ts'
import { benchTexts } from './texts.ts'

/** Options of `bench engine`. */
export interface EngineBenchOptions extends CommonOptions {
  readonly only?: string
  readonly rounds: string
  readonly sessions: string
  readonly python: string
  readonly tfjs?: string
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const of = (measured: readonly Measured[], key: 'wallMs' | 'cpuMs' | 'samples' | 'peakMb'): number =>
  median(measured.map((each) => each[key]))
const figure = (value: number): string => (Number.isFinite(value) ? value.toPrecision(3) : '–')

/** Medians of one workload. Ratios are of neighbours in time, then the median. */
const summary = ({ workload, ours, torch, tfjs }: BenchLine) => {
  const beside = (compared: (mine: Measured, theirs: Measured) => number): number =>
    median(torch.flatMap((theirs, round) => (ours[round] === undefined ? [] : [compared(ours[round], theirs)])))
  return {
    workload,
    ours: { samples: of(ours, 'samples'), wallMs: of(ours, 'wallMs'), peakMb: of(ours, 'peakMb') },
    torch: { samples: of(torch, 'samples'), wallMs: of(torch, 'wallMs'), peakMb: of(torch, 'peakMb') },
    ratio: beside((mine, theirs) => mine.samples / theirs.samples),
    cpuRatio: beside((mine, theirs) => theirs.cpuMs / mine.cpuMs),
    tfjs: { samples: of(tfjs, 'samples'), ratio: of(ours, 'samples') / of(tfjs, 'samples') },
  }
}

/** Measures and prints. */
export const engineBench = async (options: EngineBenchOptions, terminal: Terminal): Promise<void> => {
  const { say, warn, note, result, language } = terminal
  const texts = benchTexts[language]
  const count = (option: '--rounds' | '--sessions', text: string): number => {
    const value = Number(text)
    if (!Number.isSafeInteger(value) || value < 1) throw new UsageError(texts.notACount(option, text))
    return value
  }
  const [rounds, sessions] = [count('--rounds', options.rounds), count('--sessions', options.sessions)]
  const only = options.only?.split(',') ?? Object.keys(workloads)
  const unknown = only.find((name) => !Object.hasOwn(workloads, name))
  if (unknown !== undefined) throw new UsageError(texts.noWorkload(unknown, Object.keys(workloads).join(', ')))
  const { python, tfjs } = options
  const torch = await torchVersion(python)
  if (torch === undefined) warn(texts.noTorch(python))
  const hasOther = tfjs !== undefined && hasTfjs(tfjs)
  if (!hasOther) warn(tfjs === undefined ? texts.tfjsNotAsked : texts.noTfjs(tfjs))
  const lines: ReturnType<typeof summary>[] = []
  await benchEngine({ only, rounds, sessions, python, ...(hasOther ? { tfjs } : {}) }, torch !== undefined, (line) => {
    const now = summary(line)
    lines.push(now)
    note(`${now.workload}: ${figure(now.ours.samples)} /s, × ${figure(now.ratio)}`)
  })
  const cells = lines.map(({ workload, ours, torch: theirs, ratio, cpuRatio, tfjs: other }) => [
    workload,
    ...[ours.samples, theirs.samples, ratio, cpuRatio, ours.peakMb, theirs.peakMb, other.samples, other.ratio].map(figure),
  ])
  say(tableText(terminal, texts.head, cells, 1))
  say()
  say(texts.measured(rounds, sessions, torch ?? '–', process.version))
  say(texts.explained)
  result({ command: 'bench engine', torch: torch ?? null, node: process.version, rounds, sessions, lines })
}
