// `yimeng compare`: centralised, alone and federated on the same splits and seeds, with a report.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import {
  type CompareEvent,
  type Comparison,
  compare,
  measureOrder,
  methodNamed,
  type NamedMethod,
  reportFiles,
  type Target,
} from '../../judge/index.ts'
import { duration, figure } from '../../judge/words.ts'
import { resolveSpec, type RunSpecInput } from '../../tasks/index.ts'
import { comparisonText } from '../comparison-text.ts'
import { commandLine } from '../invocation.ts'
import { type SpecOptions, UsageError } from '../options.ts'
import { progress } from '../progress.ts'
import { resultsFolder } from '../results-folder.ts'
import { specOf, taskName } from '../spec-target.ts'
import { Stopped, stoppable } from '../stop.ts'
import type { Terminal } from '../terminal.ts'
import { protectionLines } from './run.ts'

/** Options of `compare` and `start`. */
export interface CompareCommandOptions extends SpecOptions {
  readonly seeds?: number
  readonly methods?: string
  readonly target?: string
  readonly keep?: string
}

const defaultSeeds = 5
/** Trainings side by side: more would hold as many models and their rows in memory. */
const AT_ONCE = 2

/** Progress of a comparison in thousandths of a training, so that rounds show too. */
const follow = (terminal: Terminal, seeds: number) => {
  const { texts, names } = terminal
  const parts = 1000
  let shown: ReturnType<typeof progress> | undefined
  let rounds = 1
  let done = 0
  return {
    onEvent: (event: CompareEvent): void => {
      const about = `${texts.progress.seed(event.seed)} · ${names.methods[event.method] ?? event.method}`
      switch (event.kind) {
        case 'trainingStarted':
          shown ??= progress(terminal, event.of * parts)
          done = event.done
          shown.at(done * parts, about)
          return
        case 'runEvent':
          if (event.event.kind === 'runStarted') rounds = event.event.rounds
          if (event.event.kind === 'roundCommitted') shown?.at(Math.round((done + event.event.round / rounds) * parts), about)
          return
        case 'trainingFinished': {
          const value =
            event.failure === undefined ? `${names.measures[event.measure] ?? event.measure} ${figure(event.value)}` : texts.sweep.failed
          // thirty seeds of three methods would be ninety lines: then only the federated ones are told
          const line = `  [${event.done}/${event.of}] ${about}  ${value}  ${duration(event.seconds)}`
          shown?.at(event.done * parts, about, seeds <= 10 || !['centralised', 'alone'].includes(event.method) ? line : undefined)
        }
      }
    },
    end: () => shown?.end(),
  }
}

/** What --json says beside what every run says: the federated method's means, and every method's. */
const record = (comparison: Comparison, report: string) => {
  const { methods, scopes, measures, spec, tests, seeds, task, specHash, seconds } = comparison
  const federated = methods.find(({ kind }) => kind === 'federated')
  const cells = scopes[0]?.cells ?? {}
  const summary = (name: string) =>
    Object.fromEntries(
      measures.map((measure) => {
        const { mean = null, sd = null, interval = null } = cells[name]?.[measure] ?? {}
        return [measure, { mean, sd, low: interval?.low ?? null, high: interval?.high ?? null }]
      }),
    )
  return {
    command: 'compare',
    task,
    specHash,
    seeds,
    modelHash: federated?.modelHashes[0]?.[0] ?? null,
    runId: federated?.runId ?? null,
    metrics: Object.fromEntries(measures.map((measure) => [measure, cells[federated?.name ?? '']?.[measure]?.mean ?? null])),
    rounds: spec.rounds,
    seconds,
    bytesUp: federated?.bytesUp ?? 0,
    bytesDown: federated?.bytesDown ?? 0,
    testRows: scopes[0]?.testRows ?? 0,
    methods: Object.fromEntries(methods.map(({ name }) => [name, summary(name)])),
    fairness: Object.fromEntries(methods.map(({ name, fairness }) => [name, fairness])),
    ...(comparison.target === undefined
      ? {}
      : { target: comparison.target, reached: Object.fromEntries(methods.map(({ name, reached }) => [name, reached ?? null])) }),
    tests,
    report,
  }
}

/** The methods that `--methods` names, each with a spec that has been checked; undefined: the usual three. */
const methodsOf = (spec: RunSpecInput, { methods }: CompareCommandOptions, { language }: Terminal): readonly NamedMethod[] | undefined => {
  const found = methods?.split(',').map(methodNamed)
  for (const { change } of found ?? []) resolveSpec(change(spec), { language })
  return found
}

/** `--target accuracy=0.9`. */
const targetOf = ({ target }: CompareCommandOptions, { texts }: Terminal): Target | undefined => {
  if (target === undefined) return undefined
  const [measure = '', value = ''] = target.split('=')
  if (!measureOrder.includes(measure) || value.trim() === '' || !Number.isFinite(Number(value)))
    throw new UsageError(texts.usage.badValue('--target', target, texts.usage.measureValue(measureOrder.join(', '))))
  return { measure, value: Number(value) }
}

/** Compares on a spec that has been read. */
export const compareSpec = async (
  spec: RunSpecInput,
  options: CompareCommandOptions,
  terminal: Terminal,
  /** What --json tells beside the comparison. */
  also: Readonly<Record<string, unknown>> = {},
): Promise<void> => {
  const { texts, say, warn, note, paint } = terminal
  const seeds = options.seeds ?? defaultSeeds
  const methods = methodsOf(spec, options, terminal)
  const target = targetOf(options, terminal)
  const task = taskName(spec.task)
  // the name of a person's own table may hold anything
  const out = options.out ?? join('report', task.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-'))
  const folder = await resultsFolder(out)
  const shown = follow(terminal, seeds)
  try {
    note(
      paint(
        'bold',
        methods === undefined
          ? texts.compare.intro(task, seeds)
          : texts.compare.introMethods(task, methods.map(({ name }) => name).join(', '), seeds),
      ),
    )
    const comparison = await stoppable(terminal, (signal) =>
      compare(spec, {
        seeds,
        signal,
        onEvent: shown.onEvent,
        ...(methods === undefined ? {} : { methods }),
        ...(target === undefined ? {} : { target }),
        ...(options.keep === undefined ? {} : { keep: options.keep }),
        ...(options.workers === undefined ? {} : { workers: options.workers }),
        // a training keeps one core busy, and little of a second one
        atOnce: Math.min(options.workers ?? AT_ONCE, AT_ONCE, availableParallelism()),
      }),
    )
    shown.end()
    await folder.keep(reportFiles(comparison, terminal.language))
    say()
    say(comparisonText(comparison, terminal))
    say()
    for (const line of protectionLines(comparison.spec, terminal)) say(line)
    say()
    say(texts.compare.report(paint('bold', join(out, 'report.html'))))
    say(texts.compare.files('table.csv, report.json'))
    const runId = comparison.methods.find(({ kind }) => kind === 'federated')?.runId
    if (runId !== undefined) say(texts.compare.predict(paint('cyan', commandLine('predict', runId, 'rows.csv'))))
    terminal.result({ ...record(comparison, join(out, 'report.html')), ...also })
  } catch (error) {
    shown.end()
    await folder.drop()
    if (error instanceof Stopped) warn(texts.stop.again)
    throw error
  }
}

/** Reads the target, then compares. */
export const compareCommand = async (target: string, options: CompareCommandOptions, terminal: Terminal): Promise<void> =>
  compareSpec(await specOf(target, options, terminal), options, terminal)
