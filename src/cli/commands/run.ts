// `yimeng run`: one federated run, journalled, resumable.
import { fairness } from '../../federated/index.ts'
import { bytes, duration, figure, signed } from '../../judge/words.ts'
import { resume, type RunOptions, type RunResult, run, showRun } from '../../simulation/index.ts'
import { neighboursLine, privacyLine, type RunSpec, resolveSpec, runSpecSchema } from '../../tasks/index.ts'
import { commandLine } from '../invocation.ts'
import { confusionText, measureTable } from '../measure-table.ts'
import { type SpecOptions, UsageError } from '../options.ts'
import { resultsFolder } from '../results-folder.ts'
import { runNamed } from '../run-reference.ts'
import { runProgress } from '../run-progress.ts'
import { specOf, taskName } from '../spec-target.ts'
import { Stopped, stoppable } from '../stop.ts'
import { tableText } from '../tables.ts'
import type { Terminal } from '../terminal.ts'

/** Options of `run`. */
export interface RunCommandOptions extends SpecOptions {
  readonly resume?: string
}

/** The protection of a run, said every time: what the coordinator can read is never in small print. */
export const protectionLines = (
  spec: Pick<RunSpec, 'sum' | 'neighbours' | 'cohort' | 'partition' | 'privacy' | 'preprocessing'>,
  { texts, paint, language }: Terminal,
): readonly string[] =>
  [
    texts.protection.sum[spec.sum],
    neighboursLine(spec, language),
    privacyLine(spec.privacy, language, spec.preprocessing.statistics),
  ].flatMap((line) => (line === undefined ? [] : [paint('yellow', line)]))

// more are counted only
const MOST_SKIPPED = 20

/** The pictures that were left out, and how many: a run that goes on without them says so. */
const skippedLines = ({ skipped = [] }: RunResult, { texts }: Terminal): readonly string[] =>
  skipped.length === 0
    ? []
    : [
        ...skipped
          .slice(0, MOST_SKIPPED)
          .map(({ file, row, expected, got }) => texts.initImages.corrupt(row === undefined ? file : `${file} [${row}]`, expected, got)),
        texts.run.leftOut(skipped.length),
      ]

const historyCsv = ({ history }: RunResult): string => {
  const measures = [...new Set(history.flatMap(({ test }) => Object.keys(test ?? {})))]
  const lines = history.map(({ round, trainLoss, seconds, bytesUp, bytesDown, test }) =>
    [round, trainLoss, seconds, bytesUp, bytesDown, ...measures.map((name) => test?.[name] ?? '')].join(','),
  )
  return `${[['round', 'train_loss', 'seconds', 'bytes_up', 'bytes_down', ...measures.map((name) => `test_${name}`)].join(','), ...lines].join('\r\n')}\r\n`
}

const bySiteRecord = (bySite: RunResult['bySite']) =>
  Object.fromEntries(Object.entries(bySite).map(([site, { rows, metrics }]) => [site, { rows, metrics }]))

/** How alike the sites fare, by accuracy on their own test rows; null for numbers and for fewer than two sites. */
const fairnessIn = ({ bySite }: RunResult) => {
  const values = Object.entries(bySite).flatMap(([site, { metrics }]) => {
    const value = metrics['accuracy']
    return typeof value === 'number' ? [[site, value] as const] : []
  })
  return values.length < 2 ? null : fairness(new Map(values))
}

/** What each site added over all rounds, the most first. */
const ledgerOf = (contributions: NonNullable<RunResult['contributions']>): readonly (readonly [site: string, total: number])[] => {
  const totals = new Map<string, number>()
  for (const { shares } of contributions)
    for (const [site, share] of Object.entries(shares)) totals.set(site, (totals.get(site) ?? 0) + share)
  return [...totals].sort(([, a], [, b]) => b - a)
}

const contributionText = (contributions: NonNullable<RunResult['contributions']>, terminal: Terminal): string => {
  const totals = ledgerOf(contributions)
  const all = totals.reduce((sum, [, share]) => sum + share, 0)
  const { table, run: words } = terminal.texts
  return tableText(
    terminal,
    [table.site, words.contribution, '%'],
    totals.map(([site, share]) => [site, signed(share), Math.round((100 * share) / all)]),
    1,
  )
}

/** What --json and result.json say. */
const record = (result: RunResult) => ({
  command: 'run',
  runId: result.runId,
  task: result.model.task,
  modelHash: result.modelHash,
  specHash: result.specHash,
  metrics: result.metrics,
  rounds: result.rounds,
  seconds: result.seconds,
  bytesUp: result.bytesUp,
  bytesDown: result.bytesDown,
  sites: bySiteRecord(result.bySite),
  ...(result.personal && { personal: { metrics: result.personal.pooled.metrics, sites: bySiteRecord(result.personal.bySite) } }),
  fairness: fairnessIn(result),
  ...(result.contributions && {
    contribution: { sites: Object.fromEntries(ledgerOf(result.contributions)), rounds: result.contributions },
  }),
  ...(result.skipped && { skipped: result.skipped }),
})

const show = (result: RunResult, out: string | undefined, terminal: Terminal): void => {
  const { texts, say, paint } = terminal
  say()
  say(measureTable(terminal, result.pooled, result.bySite))
  if (result.personal !== undefined)
    say(`\n${texts.run.personal}\n${measureTable(terminal, result.personal.pooled, result.personal.bySite)}`)
  const confusion = confusionText(terminal, result.pooled, result.model.classes)
  if (confusion !== '') say(`\n${confusion}`)
  if (result.contributions !== undefined) say(`\n${contributionText(result.contributions, terminal)}`)
  const fair = fairnessIn(result)
  say()
  if (fair !== null) say(texts.run.fairness(fair.worst.site, figure(fair.worst.value), figure(fair.stddev), figure(fair.jain)))
  say(texts.run.done(result.rounds, duration(result.seconds), bytes(result.bytesUp), bytes(result.bytesDown)))
  for (const [column, cells] of Object.entries(result.unknown ?? {})) terminal.warn(paint('yellow', texts.run.unknown(column, cells)))
  for (const line of skippedLines(result, terminal)) terminal.warn(paint('yellow', line))
  say(texts.run.run(result.runId))
  say(texts.run.hash(result.modelHash))
  if (out !== undefined) say(texts.run.wrote(out))
  say(texts.run.next(paint('cyan', commandLine('predict', result.runId, 'rows.csv'))))
}

/** Trains, shows, keeps. */
export const runCommand = async (target: string | undefined, options: RunCommandOptions, terminal: Terminal): Promise<void> => {
  const { texts, say, note, warn, paint } = terminal
  if (options.resume === undefined && target === undefined) throw new UsageError(texts.usage.missingArgument(texts.usage.needsTarget))
  if (
    options.resume !== undefined &&
    (target !== undefined || options.set !== undefined || options.seed !== undefined || options.partition !== undefined)
  )
    throw new UsageError(texts.usage.resumeAlone)
  const spec = target === undefined ? undefined : await specOf(target, options, terminal)
  const resumed = options.resume === undefined ? undefined : await runNamed(options.resume, 'unfinished')
  const folder = options.out === undefined ? undefined : await resultsFolder(options.out)
  const shown = runProgress(terminal)
  try {
    const result = await stoppable(terminal, async (signal) => {
      const runOptions: RunOptions = {
        signal,
        onEvent: shown.onEvent,
        ...(options.workers === undefined ? {} : { workers: options.workers }),
      }
      if (resumed !== undefined || spec === undefined) return resume(resumed ?? '', runOptions)
      note(paint('bold', texts.run.training(taskName(spec.task))))
      return run(spec, runOptions)
    })
    shown.end()
    await folder?.keep({
      'model.safetensors': result.model.bytes,
      'result.json': `${JSON.stringify(record(result), null, 1)}\n`,
      'history.csv': historyCsv(result),
    })
    show(result, options.out, terminal)
    const protection = spec === undefined ? runSpecSchema.parse((await showRun(result.runId)).spec) : resolveSpec(spec)
    for (const line of protectionLines(protection, terminal)) say(line)
    terminal.result({ ...record(result), ...(options.out === undefined ? {} : { out: options.out }) })
  } catch (error) {
    shown.end()
    await folder?.drop()
    const id = shown.runId() ?? resumed
    if (error instanceof Stopped && id !== undefined) warn(texts.stop.resume(commandLine('run', '--resume', id)))
    throw error
  }
}
