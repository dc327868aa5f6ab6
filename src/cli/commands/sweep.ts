// `yimeng sweep`: tunes methods on a seed of their own, the same budget for each, and says what to compare with.
import { methodNamed, type Sweep, sweep, type Trial, variedOf } from '../../judge/index.ts'
import { figure } from '../../judge/words.ts'
import { commandLine } from '../invocation.ts'
import { type SpecOptions, UsageError } from '../options.ts'
import { progress } from '../progress.ts'
import { specOf, taskName } from '../spec-target.ts'
import { Stopped, stoppable } from '../stop.ts'
import { tableText } from '../tables.ts'
import type { Terminal } from '../terminal.ts'

/** Options of `sweep`. */
export interface SweepCommandOptions extends SpecOptions {
  readonly methods?: string
  readonly vary?: readonly string[]
  readonly trials?: number
  readonly eta?: number
  readonly seeds?: number
}

const settingsText = (settings: Trial['settings']): string =>
  Object.entries(settings)
    .map(([path, value]) => `${path.split('.').at(-1)}=${JSON.stringify(value)}`)
    .join(' ')

/** What a trial reached last, or why it failed. */
const reachedText = ({ rungs }: Trial, { texts }: Terminal): string => {
  const last = rungs.at(-1)
  return last?.failure === undefined ? figure(last?.value) : `${texts.sweep.failed} (${last.failure.code})`
}

const sweepText = ({ trials, measure, best }: Sweep, terminal: Terminal): string => {
  const { texts, names, paint } = terminal
  const winners = new Set(best.map(({ method }) => trials.find((trial) => trial.method === method)))
  return tableText(
    terminal,
    [texts.compare.method, texts.sweep.settings, texts.sweep.rounds, names.measures[measure] ?? measure],
    trials.map((trial) => {
      const value = reachedText(trial, terminal)
      return [
        trial.method,
        settingsText(trial.settings),
        trial.rungs.at(-1)?.rounds ?? 0,
        winners.has(trial) ? paint('green', value) : value,
      ]
    }),
    2,
  )
}

/** Tunes, shows, and gives the lines to go on with. */
export const sweepCommand = async (target: string, options: SweepCommandOptions, terminal: Terminal): Promise<void> => {
  const { texts, say, note, warn, paint, names } = terminal
  const methods = (options.methods ?? 'fedavg').split(',').map(methodNamed)
  const vary = (options.vary ?? []).map(variedOf)
  if (vary.length === 0) throw new UsageError(texts.usage.missingOption('--vary'))
  const { seed, ...rest } = options
  const spec = await specOf(target, rest, terminal)
  let shown: ReturnType<typeof progress> | undefined
  try {
    note(paint('bold', texts.sweep.intro(taskName(spec.task), methods.map(({ name }) => name).join(', '))))
    const found = await stoppable(terminal, (signal) =>
      sweep(spec, {
        methods,
        vary,
        signal,
        ...(seed === undefined ? {} : { seed }),
        ...(options.seeds === undefined ? {} : { seeds: options.seeds }),
        ...(options.trials === undefined ? {} : { trials: options.trials }),
        ...(options.eta === undefined ? {} : { eta: options.eta }),
        ...(options.workers === undefined ? {} : { workers: options.workers }),
        onTrial: (trial, done, of) => {
          shown ??= progress(terminal, of)
          const about = `${trial.method}  ${settingsText(trial.settings)}  ${reachedText(trial, terminal)}`
          shown.at(done, about, `  [${done}/${of}] ${about}`)
        },
      }),
    )
    shown?.end()
    say()
    say(sweepText(found, terminal))
    say()
    say(texts.sweep.budget(found.budget, found.seeds.join(', '), names.measures[found.measure] ?? found.measure))
    for (const { method, value, sets } of found.best)
      say(`${texts.sweep.best(method, figure(value))}\n  ${paint('cyan', sets.map((set) => `--set ${set}`).join(' '))}`)
    say(`${texts.sweep.next} ${paint('cyan', commandLine('compare', target, '--methods', found.best.map(({ text }) => text).join(',')))}`)
    terminal.result({ command: 'sweep', ...found })
  } catch (error) {
    shown?.end()
    if (error instanceof Stopped) warn(texts.stop.again)
    throw error
  }
}
