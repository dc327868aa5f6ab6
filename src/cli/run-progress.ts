// A run's events as progress: every round moves the bar; logs get about ten lines.
import type { RunEvent } from '../federated/spec/index.ts'
import { figure } from '../judge/words.ts'
import { type Progress, progress } from './progress.ts'
import type { Terminal } from './terminal.ts'

/** Follows one run. */
export interface RunProgress {
  readonly onEvent: (event: RunEvent) => void
  readonly end: () => void
  /** The run's id, once it has started. */
  readonly runId: () => string | undefined
}

/** Progress of one run on this terminal. */
export const runProgress = (terminal: Terminal): RunProgress => {
  const { texts, names, note } = terminal
  let rounds = 0
  let runId: string | undefined
  let shown: Progress | undefined
  // a round's line waits for its measures, which come after the commit, if they come
  let told: { readonly round: number; readonly about: string } | undefined
  const isDue = (round: number) => round === 1 || round === rounds || round % Math.max(1, Math.ceil(rounds / 10)) === 0
  const tell = (more: string = '') => {
    if (told === undefined) return
    const about = more === '' ? told.about : `${told.about}  ${more}`
    shown?.at(told.round, about, isDue(told.round) ? `  ${about}` : undefined)
    told = undefined
  }
  const onEvent = (event: RunEvent): void => {
    switch (event.kind) {
      case 'runStarted':
        runId = event.run
        rounds = event.rounds
        note(
          `  ${texts.progress.started(event.sites.length, event.rounds)}${event.resumedAfter === undefined ? '' : `, ${texts.progress.resumed(event.resumedAfter)}`}`,
        )
        return
      case 'analysed':
        note(`  ${texts.progress.analysed(event.columns)}`)
        return
      case 'roundStarted':
        if (event.round > 0) shown ??= progress(terminal, rounds)
        return
      case 'roundCommitted': {
        tell()
        // round 0 is the analysis
        if (event.round === 0) return
        shown ??= progress(terminal, rounds)
        const loss = event.trainLoss === null ? '' : `  ${texts.progress.loss(figure(event.trainLoss))}`
        told = { round: event.round, about: `${texts.progress.round(event.round, rounds)}${loss}` }
        return
      }
      case 'evaluated': {
        const measure = 'accuracy' in event.pooled ? 'accuracy' : 'rmse'
        tell(`${names.measures[measure] ?? measure} ${figure(event.pooled[measure])}`)
        return
      }
      case 'roundAborted':
        ;(shown?.tell ?? note)(`  ${texts.progress.aborted(event.round, event.cause)}`)
        return
      case 'budgetSpent':
        tell()
        ;(shown?.tell ?? note)(`  ${texts.progress.budgetSpent(event.round, figure(event.epsilon), figure(event.next))}`)
        return
      case 'stoppedEarly':
        tell()
        ;(shown?.tell ?? note)(`  ${texts.progress.stoppedEarly(event.round, event.best)}`)
        return
      case 'improved':
      case 'budgetCharged':
      case 'contributed':
      case 'siteLost':
      case 'siteCalled':
      case 'siteReady':
      case 'runFinished':
      case 'runFailed':
      case 'runCancelled':
    }
  }
  return {
    onEvent,
    end: () => {
      tell()
      shown?.end()
    },
    runId: () => runId,
  }
}
