// Runs over the alliance: begin, watch, stop.
import { YimengError } from '../../../base/index.ts'
import type { RunEvent } from '../../../federated/spec/index.ts'
import { resolveSpec, type RunSpecInput } from '../../../tasks/index.ts'
import { specOf } from '../../spec-target.ts'
import { stoppable } from '../../stop.ts'
import type { Terminal } from '../../terminal.ts'
import { type Person, watch } from '../person.ts'
import { allianceTexts } from '../texts/index.ts'
import { asPerson, counted, type FolderOptions, textsOf } from './shared.ts'

/** Says what happened in a run. */
const sayEvent = (event: RunEvent, { say, note, warn, language }: Terminal, rounds: number): void => {
  const texts = allianceTexts[language]
  if (event.kind === 'siteReady') note(texts.siteReady(event.site, event.trainRows))
  else if (event.kind === 'siteLost') warn(texts.siteLost(event.site))
  else if (event.kind === 'siteCalled') note(texts.siteCalled(event.site))
  else if (event.kind === 'runStarted' && event.resumedAfter !== undefined) note(texts.resumed(event.resumedAfter))
  else if (event.kind === 'roundAborted') warn(texts.aborted(event.round, event.cause))
  else if (event.kind === 'roundCommitted' && event.round > 0) {
    const { round, counted: sites, trainLoss, seconds } = event
    note(texts.round(round, rounds, sites.length, trainLoss?.toFixed(4) ?? '–', Math.round(seconds * 1000)))
  } else if (event.kind === 'runFinished') say(texts.finished(event.rounds, event.seconds.toFixed(1), event.modelHash))
  else if (event.kind === 'runFailed') warn(texts.failed(event.message))
  else if (event.kind === 'runCancelled') warn(texts.cancelled)
}

/** Says a run's events as they come. */
export const follow = (terminal: Terminal): ((event: RunEvent) => void) => {
  const rounds = new Map<string, number>()
  return (event) => {
    if (event.kind === 'runStarted') rounds.set(event.run, event.rounds)
    sayEvent(event, terminal, rounds.get(event.run) ?? 0)
  }
}

/** The end of a run that has a model. Throws what ended the others. */
export const outcome = (event: RunEvent): Readonly<Record<string, unknown>> => {
  if (event.kind === 'runFinished') return { ...event }
  throw new YimengError({
    code: event.kind === 'runFailed' ? event.code : 'run-cancelled',
    cannot: 'finish run',
    expected: 'a model',
    got: event.kind === 'runFailed' ? event.message : 'a cancellation',
    where: { run: event.run },
  })
}

/** The spec with other rounds. */
export const withRounds = (spec: RunSpecInput, rounds: string | undefined, terminal: Terminal): RunSpecInput =>
  rounds === undefined ? spec : { ...spec, rounds: counted(rounds, '--rounds', 1, 1_000_000, terminal) }

const watched = (speaking: Person, run: string, terminal: Terminal): Promise<RunEvent> => {
  const declined = (site: string, reason: string): void => terminal.warn(textsOf(terminal).siteDeclined(site, reason))
  return stoppable(terminal, (signal) => watch(speaking, run, follow(terminal), declined, signal))
}

/** `alliance run` */
export const allianceRun = (
  target: string,
  options: FolderOptions & { readonly sites?: string; readonly rounds?: string; readonly detach?: true },
  terminal: Terminal,
): Promise<void> =>
  asPerson(options, async (speaking) => {
    const texts = textsOf(terminal)
    const spec = withRounds(await specOf(target, options, terminal), options.rounds, terminal)
    const { run: id, specHash } = await speaking.begin(
      spec,
      options.sites?.split(',').map((site) => site.trim()),
    )
    terminal.say(texts.begun(id, specHash))
    if (options.detach === true) return terminal.result({ run: id, specHash })
    const end = await watched(speaking, id, terminal)
    if (resolveSpec(spec).sum === 'plain') terminal.say(texts.readable)
    terminal.result(outcome(end))
  })

/** `runs cancel` */
export const runsCancel = (id: string, options: FolderOptions, terminal: Terminal): Promise<void> =>
  asPerson(options, async ({ cancel }) => {
    await cancel(id)
    terminal.say(textsOf(terminal).cancelled)
    terminal.result({ cancelled: id })
  })

/** `runs watch` */
export const runsWatch = (id: string, options: FolderOptions, terminal: Terminal): Promise<void> =>
  asPerson(options, async (speaking) => terminal.result(outcome(await watched(speaking, id, terminal))))

/** `alliance runs` */
export const allianceRuns = (options: FolderOptions, terminal: Terminal): Promise<void> =>
  asPerson(options, async (speaking) => {
    const runs = await speaking.runs()
    for (const { runId, task, status, round, rounds, startedAt } of runs)
      terminal.say(`${runId}  ${startedAt.slice(0, 16)}  ${task}  ${round}/${rounds}  ${terminal.texts.runs.statuses[status]}`)
    terminal.result({ runs })
  })
