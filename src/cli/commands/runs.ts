// `yimeng runs …`: what this machine has run.
import { stringify } from 'yaml'
import { bytes, figure } from '../../judge/words.ts'
import { listRuns, showRun } from '../../simulation/index.ts'
import { commandLine } from '../invocation.ts'
import { runNamed } from '../run-reference.ts'
import { tableText } from '../tables.ts'
import type { Terminal } from '../terminal.ts'

/** ISO 8601 to the minute, in local time: what people remember. */
const localTime = (iso: string): string => {
  const at = new Date(iso)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`
}

const leadMeasure = (metrics: Readonly<Record<string, number | null>> | undefined): string =>
  metrics === undefined ? '' : figure(metrics['accuracy'] ?? metrics['rmse'] ?? metrics['loss'])

/** Newest first. */
export const runsList = async (terminal: Terminal): Promise<void> => {
  const { texts, names, say, paint, result } = terminal
  const words = texts.runs
  const runs = await listRuns()
  if (runs.length === 0) say(`${words.none}${paint('cyan', commandLine('run', 'breast-cancer'))}`)
  else
    say(
      tableText(
        terminal,
        [words.id, words.task, words.status, words.started, words.rounds, `${names.measures['accuracy'] ?? ''} / RMSE`],
        runs.map(({ runId, task, status, startedAt, round, rounds, metrics }) => [
          runId,
          task,
          words.statuses[status],
          localTime(startedAt),
          `${round}/${rounds}`,
          leadMeasure(metrics),
        ]),
        4,
      ),
    )
  result({ runs })
}

/** One run: its rounds, its spec, how it ended. */
export const runsShow = async (reference: string, terminal: Terminal): Promise<void> => {
  const { texts, names, say, paint, result } = terminal
  const words = texts.runs
  const run = await showRun(await runNamed(reference))
  say(`${paint('bold', run.runId)}  ${run.task}  ${words.statuses[run.status]}  ${localTime(run.startedAt)}  ${run.round}/${run.rounds}`)
  if (run.modelHash !== undefined) say(texts.run.hash(run.modelHash))
  const measured = new Map(run.events.flatMap((event) => (event.kind === 'evaluated' ? [[event.round, event.pooled] as const] : [])))
  const rounds = run.events.flatMap((event) => (event.kind === 'roundCommitted' ? [event] : []))
  const measure = [...measured.values()].some((measures) => 'accuracy' in measures) ? 'accuracy' : 'rmse'
  if (rounds.length > 0) {
    say()
    say(
      tableText(
        terminal,
        [words.round, words.counted, names.measures['loss'] ?? '', names.measures[measure] ?? '', words.up, words.down, words.seconds],
        rounds.map(({ round, counted, trainLoss, bytesUp, bytesDown, seconds }) => [
          round,
          counted.length,
          figure(trainLoss),
          figure(measured.get(round)?.[measure]),
          bytes(bytesUp),
          bytes(bytesDown),
          figure(seconds),
        ]),
        0,
      ),
    )
  }
  for (const event of run.events) if (event.kind === 'runFailed') say(paint('red', words.failedWith(event.message)))
  if (['failed', 'cancelled', 'interrupted'].includes(run.status))
    say(words.resume(paint('cyan', commandLine('run', '--resume', run.runId))))
  say()
  say(paint('bold', words.spec))
  say(stringify(run.spec).trimEnd())
  result({ ...run })
}
