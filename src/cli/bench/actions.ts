// `yimeng bench engine` and `yimeng bench simulate`: the measurements as tables.
import { dirname } from 'node:path'
import { dataSets } from '../../data/node.ts'
import { type CommonOptions, UsageError } from '../options.ts'
import { tableText } from '../tables.ts'
import type { Terminal } from '../terminal.ts'
import { type BenchLine, benchEngine, hasTfjs, type Measured, torchVersion, workloads } from './engine-bench.ts'
import { flowerSimulated, published, type SimulatedLine, simulated } from './simulation-bench.ts'
import { type BenchTexts, benchTexts } from './texts.ts'

/** Options of `bench engine`. */
export interface EngineBenchOptions extends CommonOptions {
  readonly only?: string
  readonly rounds: string
  readonly sessions: string
  readonly python: string
  readonly tfjs?: string
}

/** Options of `bench simulate`. */
export interface SimulateBenchOptions extends CommonOptions {
  readonly clients: string
  readonly rounds: string
  readonly cnn: string
  readonly cnnRounds: string
  readonly python: string
  readonly flowerRounds: string
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const of = (measured: readonly Measured[], key: 'wallMs' | 'cpuMs' | 'samples' | 'peakMb'): number =>
  median(measured.map((each) => each[key]))
const figure = (value: number): string => (Number.isFinite(value) ? value.toPrecision(3) : '–')

/** A whole number of an option, from 1 unless told. */
const countOf = (option: string, text: string, texts: BenchTexts, least: 0 | 1 = 1): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < least) throw new UsageError(texts.notACount(option, text, least))
  return value
}

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
  const [rounds, sessions] = [countOf('--rounds', options.rounds, texts), countOf('--sessions', options.sessions, texts)]
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

/** Simulates, beside Flower where there is one, and prints. */
export const simulateBench = async (options: SimulateBenchOptions, terminal: Terminal): Promise<void> => {
  const { say, warn, note, result, language } = terminal
  const texts = benchTexts[language]
  const [rounds, flowerRounds] = [countOf('--rounds', options.rounds, texts), countOf('--flower-rounds', options.flowerRounds, texts, 0)]
  const [cnn, cnnRounds] = [countOf('--cnn', options.cnn, texts, 0), countOf('--cnn-rounds', options.cnnRounds, texts)]
  const clients = options.clients.split(',').map((text) => countOf('--clients', text, texts))
  const lines: SimulatedLine[] = []
  const measure = async (...what: Parameters<typeof simulated>): Promise<void> => {
    const line = await simulated(...what)
    lines.push(line)
    note(texts.simulatedLine(line.model, line.clients, line.seconds.toFixed(1)))
  }
  for (const count of clients) await measure('logistic', count, rounds)
  if (cnn > 0) await measure('cnn', cnn, cnnRounds)
  const ours = lines.find((line) => line.model === 'logistic' && line.clients === 1000) ?? lines[0]
  const [file] = await dataSets.verify('mnist')
  const flower =
    flowerRounds === 0 || ours === undefined || file?.path === undefined
      ? undefined
      : await flowerSimulated(options.python, dirname(file.path), ours.clients, flowerRounds)
  if (typeof flower === 'string') warn(texts.noFlower(options.python, flower))
  const row = ({ model, clients: registered, rounds: taken, seconds, startSeconds, msARound, peakMb, accuracy }: SimulatedLine) => [
    model,
    registered,
    taken,
    ...[seconds, startSeconds, msARound, 1000 / msARound, peakMb, accuracy ?? Number.NaN].map(figure),
  ]
  say(tableText(terminal, texts.simulateHead, lines.map(row), 1))
  say()
  if (ours !== undefined && typeof flower === 'object') {
    const times = flower.seconds / flowerRounds / (ours.seconds / ours.rounds)
    say(texts.besideFlower(flower.version, ours.clients, flowerRounds, flower.seconds.toFixed(1), times.toFixed(0)))
  }
  if (ours?.clients === 1000 && ours.rounds === 100)
    for (const [name, seconds] of Object.entries(published)) say(texts.besidePublished(name, seconds, (seconds / ours.seconds).toFixed(0)))
  result({ command: 'bench simulate', node: process.version, lines, flower: typeof flower === 'object' ? flower : null })
}
