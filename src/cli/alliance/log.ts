// What a coordinator or a node does, as JSON lines for log collectors. Each kind of event names what of it is written; nothing else is: no rows, no values, no secrets.
import { pino } from 'pino'
import type { RunEvent } from '../../federated/spec/index.ts'
import type { NodeEvent } from '../../node/index.ts'

/** Takes events. */
export interface EventLog {
  readonly run: (event: RunEvent) => void
  readonly node: (event: NodeEvent) => void
  readonly note: (message: string, fields?: Readonly<Record<string, string | number>>) => void
}

type Fields = Readonly<Record<string, unknown>>

const ofRun = (event: RunEvent): Fields => {
  switch (event.kind) {
    case 'runStarted':
      return {
        task: event.task,
        specHash: event.specHash,
        sites: event.sites.length,
        rounds: event.rounds,
        resumedAfter: event.resumedAfter,
      }
    case 'siteReady':
      return { site: event.site, trainRows: event.trainRows, testRows: event.testRows }
    case 'siteLost':
    case 'siteCalled':
      return { site: event.site }
    case 'roundStarted':
      return { round: event.round, attempt: event.attempt, cohort: event.cohort }
    case 'roundCommitted': {
      const { round, attempt, counted, refused, bytesUp, bytesDown, seconds } = event
      return { round, attempt, counted: counted.length, refused, bytesUp, bytesDown, seconds }
    }
    case 'roundAborted':
      return { round: event.round, attempt: event.attempt, cause: event.cause, site: event.site }
    case 'budgetCharged':
      return { round: event.round, attempt: event.attempt, epsilon: event.epsilon, delta: event.delta }
    case 'budgetSpent':
      return { round: event.round, epsilon: event.epsilon, delta: event.delta }
    case 'runFinished':
      return { rounds: event.rounds, modelHash: event.modelHash, seconds: event.seconds }
    case 'runFailed':
      return { code: event.code, round: event.round, site: event.site }
    case 'improved':
    case 'stoppedEarly':
      return { round: event.round }
    case 'analysed':
    case 'contributed':
    case 'evaluated':
    case 'runCancelled':
      break
  }
  return {}
}

const ofNode = (event: NodeEvent): Fields => {
  switch (event.kind) {
    case 'declined':
      return { run: event.run, reason: event.reason, specHash: event.specHash }
    case 'joined':
      return { run: event.run, trainRows: event.trainRows, testRows: event.testRows }
    case 'modelReceived':
      return { run: event.run, modelHash: event.modelHash, file: event.file }
    case 'unreachable':
      return { cause: event.cause }
    case 'left':
      return { run: event.run }
    case 'connected':
      break
  }
  return {}
}

const bad = (kind: string): boolean => ['runFailed', 'roundAborted', 'siteLost', 'unreachable', 'declined'].includes(kind)

/** A log on standard error, times in ISO 8601. `who`: coordinator or the site's name. */
export const eventLog = (who: string): EventLog => {
  const logger = pino({ base: { who }, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: true }))
  const write = (kind: string, fields: Fields): void => logger[bad(kind) ? 'warn' : 'info']({ event: kind, ...fields })
  return {
    run: (event) => write(event.kind, { run: event.run, ...ofRun(event) }),
    node: (event) => write(event.kind, ofNode(event)),
    note: (message, fields = {}) => logger.info(fields, message),
  }
}
