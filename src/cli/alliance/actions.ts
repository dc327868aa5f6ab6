// What the alliance's commands do.
import { join } from 'node:path'
import { YimengError } from '../../base/index.ts'
import { coordinator, verifyFolder } from '../../coordinator/index.ts'
import { yimengHome } from '../../data/node.ts'
import type { RunEvent } from '../../federated/spec/index.ts'
import { addData, approve, bindingsOf, identityOf, joinAlliance, node, type NodeEvent, policyOf, setPolicy } from '../../node/index.ts'
import { run } from '../../simulation/index.ts'
import { resolveSpec, type RunSpecInput, taskOf } from '../../tasks/index.ts'
import { type CommonOptions, UsageError } from '../options.ts'
import { specOf } from '../spec-target.ts'
import { Stopped, stoppable } from '../stop.ts'
import type { Terminal } from '../terminal.ts'
import { type Operator, operator, watch } from './operator.ts'
import { practice } from './practice.ts'
import { type AllianceTexts, allianceTexts } from './texts.ts'

interface FolderOptions extends CommonOptions {
  readonly folder?: string
}

const coordinatorFolder = ({ folder }: FolderOptions): string => folder ?? join(yimengHome(), 'coordinator')
const nodeFolder = ({ folder }: FolderOptions): string => folder ?? join(yimengHome(), 'node')
const textsOf = ({ language }: Terminal): AllianceTexts => allianceTexts[language]

const counted = (text: string, name: string, from: number, to: number, { texts }: Terminal): number => {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= from && value <= to) return value
  throw new UsageError(texts.usage.badValue(name, text, texts.usage.wholeNumber(from, to)))
}

/** Works until it is told to stop: Ctrl-C is the ordinary end of a server. */
const untilStopped = async (terminal: Terminal, over: Promise<void>): Promise<void> => {
  try {
    await stoppable(terminal, (signal) =>
      Promise.race([over, new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))]),
    )
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
  }
}

/** `up` */
export const up = async (
  options: FolderOptions & { readonly host: string; readonly port: string; readonly name?: readonly string[] },
  terminal: Terminal,
): Promise<void> => {
  const texts = textsOf(terminal)
  const port = counted(options.port, '--port', 0, 65_535, terminal)
  const running = await coordinator({
    folder: coordinatorFolder(options),
    host: options.host,
    port,
    ...(options.name === undefined ? {} : { names: [...options.name, 'localhost', '127.0.0.1'] }),
    onEvent: (event) => sayEvent(event, terminal),
  })
  terminal.say(texts.listening(running.url))
  terminal.note(texts.stopHint)
  await untilStopped(terminal, new Promise(() => undefined))
  await running.close()
}

const asOperator = async (options: FolderOptions, work: (operator: Operator) => Promise<void>): Promise<void> => {
  const speaking = await operator(coordinatorFolder(options))
  try {
    await work(speaking)
  } finally {
    speaking.close()
  }
}

/** `invite` */
export const invite = (site: string, options: FolderOptions, terminal: Terminal): Promise<void> =>
  asOperator(options, async ({ invite: ask, url }) => {
    const code = await ask(site)
    terminal.say(textsOf(terminal).invited(site, url, code))
    terminal.result({ site, url, code })
  })

/** `nodes` */
export const nodes = (options: FolderOptions, terminal: Terminal): Promise<void> =>
  asOperator(options, async (speaking) => {
    const texts = textsOf(terminal)
    const states = await speaking.nodes()
    const { default: Table } = await import('cli-table3')
    const table = new Table({ head: [...texts.heads], style: { head: [], border: [] } })
    for (const { site, state, cause, seenSecondsAgo, machine, certificateExpiresAt } of states)
      table.push([
        site,
        cause === undefined ? texts.states[state] : `${texts.states[state]}: ${cause}`,
        seenSecondsAgo === undefined ? '' : `${Math.round(seenSecondsAgo)} s`,
        typeof machine?.roundTripMs === 'number' ? `${machine.roundTripMs.toFixed(1)} ms` : '',
        certificateExpiresAt.slice(0, 10),
      ])
    terminal.say(table.toString())
    terminal.result({ nodes: states })
  })

/** `node join` */
export const nodeJoin = async (
  url: string,
  code: string,
  options: FolderOptions & { readonly approval: 'each' | 'all' },
  terminal: Terminal,
): Promise<void> => {
  const folder = nodeFolder(options)
  const { site, coordinator: address } = await joinAlliance(folder, url, code)
  await setPolicy(folder, { approval: options.approval })
  terminal.say(textsOf(terminal).joined(site, address))
  terminal.result({ site, coordinator: address, folder })
}

/** `node data add` */
export const nodeDataAdd = async (
  csv: string,
  options: FolderOptions & { readonly task: string; readonly test?: string },
  terminal: Terminal,
): Promise<void> => {
  const texts = textsOf(terminal)
  const spec = resolveSpec(await specOf(options.task, options, terminal))
  const task = taskOf(spec.task).name
  const { trainRows, testRows, unknown } = await addData(nodeFolder(options), task, spec, {
    train: csv,
    ...(options.test === undefined ? {} : { test: options.test }),
  })
  terminal.say(texts.bound(task, trainRows, testRows))
  for (const [column, cells] of Object.entries(unknown)) terminal.warn(texts.unknownLevels(column, cells))
  terminal.result({ task, trainRows, testRows })
}

const sayNodeEvent = (event: NodeEvent, { say, warn, language }: Terminal): void => {
  const texts = allianceTexts[language]
  if (event.kind === 'connected') say(texts.connected)
  else if (event.kind === 'unreachable') warn(texts.unreachable(event.cause))
  else if (event.kind === 'joined') say(texts.takesPart(event.run, event.trainRows, event.testRows))
  else if (event.kind === 'modelReceived') say(texts.received(event.run, event.modelHash, event.file))
}

/** `node start` */
export const nodeStart = async (options: FolderOptions, terminal: Terminal): Promise<void> => {
  const texts = textsOf(terminal)
  const folder = nodeFolder(options)
  const { site, coordinator: address } = await identityOf(folder)
  terminal.say(texts.started(site, address))
  let before = ''
  const running = await node({
    folder,
    onEvent: (event) => {
      if (event.kind !== 'declined') return sayNodeEvent(event, terminal)
      // asked again and again until the steward has decided: said once
      const said = `${event.run} ${event.reason}`
      if (said !== before) {
        terminal.say(texts.declined(event.run, event.reason))
        if (event.reason.startsWith('awaits')) terminal.say(texts.approveHint(event.specHash.slice(0, 12)))
      }
      before = said
    },
  })
  try {
    await untilStopped(terminal, running.done)
  } finally {
    await running.close()
  }
}

/** `node status` */
export const nodeStatus = async (options: FolderOptions, terminal: Terminal): Promise<void> => {
  const folder = nodeFolder(options)
  const { site, coordinator: address } = await identityOf(folder)
  const [data, policy] = await Promise.all([bindingsOf(folder), policyOf(folder)])
  terminal.say(textsOf(terminal).started(site, address))
  for (const [task, { train, test }] of Object.entries(data)) terminal.say(`${task}: ${train}${test === undefined ? '' : `, ${test}`}`)
  terminal.say(JSON.stringify(policy))
  terminal.result({ site, coordinator: address, folder, data, policy })
}

/** `node approve` */
export const nodeApprove = async (hash: string, options: FolderOptions, terminal: Terminal): Promise<void> => {
  await approve(nodeFolder(options), hash)
  terminal.say(textsOf(terminal).approved(hash))
  terminal.result({ approved: hash })
}

const sayEvent = (event: RunEvent, { say, note, warn, language }: Terminal, rounds = 0): void => {
  const texts = allianceTexts[language]
  if (event.kind === 'siteReady') note(texts.siteReady(event.site, event.trainRows))
  else if (event.kind === 'runStarted' && event.resumedAfter !== undefined) note(texts.resumed(event.resumedAfter))
  else if (event.kind === 'roundAborted') warn(texts.aborted(event.round, event.cause))
  else if (event.kind === 'roundCommitted' && event.round > 0) {
    const { round, counted: sites, trainLoss, seconds } = event
    note(texts.round(round, rounds, sites.length, trainLoss?.toFixed(4) ?? '–', Math.round(seconds * 1000)))
  } else if (event.kind === 'runFinished') say(texts.finished(event.rounds, event.seconds.toFixed(1), event.modelHash))
  else if (event.kind === 'runFailed') warn(texts.failed(event.message))
  else if (event.kind === 'runCancelled') warn(texts.cancelled)
}

const follow = (terminal: Terminal): ((event: RunEvent) => void) => {
  let rounds = 0
  return (event) => {
    if (event.kind === 'runStarted') rounds = event.rounds
    sayEvent(event, terminal, rounds)
  }
}

const outcome = (event: RunEvent): Readonly<Record<string, unknown>> => {
  if (event.kind === 'runFinished') return { ...event }
  throw new YimengError({
    code: event.kind === 'runFailed' ? event.code : 'run-cancelled',
    cannot: 'finish run',
    expected: 'a model',
    got: event.kind === 'runFailed' ? event.message : 'a cancellation',
    where: { run: event.run },
  })
}

const withRounds = (spec: RunSpecInput, rounds: string | undefined, terminal: Terminal): RunSpecInput =>
  rounds === undefined ? spec : { ...spec, rounds: counted(rounds, '--rounds', 1, 1_000_000, terminal) }

/** `alliance run` */
export const allianceRun = (
  target: string,
  options: FolderOptions & { readonly sites?: string; readonly rounds?: string },
  terminal: Terminal,
): Promise<void> =>
  asOperator(options, async (speaking) => {
    const texts = textsOf(terminal)
    const spec = withRounds(await specOf(target, options, terminal), options.rounds, terminal)
    const { run: id, specHash } = await speaking.begin(
      spec,
      options.sites?.split(',').map((site) => site.trim()),
    )
    terminal.say(texts.begun(id, specHash))
    const declined = (site: string, reason: string): void => terminal.warn(texts.siteDeclined(site, reason))
    const end = await stoppable(terminal, (signal) => watch(speaking, id, follow(terminal), declined, signal))
    if (resolveSpec(spec).sum === 'plain') terminal.say(texts.readable)
    terminal.result(outcome(end))
  })

/** `alliance cancel` */
export const allianceCancel = (id: string, options: FolderOptions, terminal: Terminal): Promise<void> =>
  asOperator(options, async ({ cancel }) => {
    await cancel(id)
    terminal.say(textsOf(terminal).cancelled)
    terminal.result({ cancelled: id })
  })

/** `alliance revoke` */
export const allianceRevoke = (site: string, options: FolderOptions, terminal: Terminal): Promise<void> =>
  asOperator(options, async ({ revoke }) => {
    await revoke(site)
    terminal.say(textsOf(terminal).revoked(site))
    terminal.result({ revoked: site })
  })

/** `alliance demo` */
export const demo = async (
  options: CommonOptions & { readonly task: string; readonly rounds?: string },
  terminal: Terminal,
): Promise<void> => {
  const texts = textsOf(terminal)
  const spec = withRounds(await specOf(options.task, options, terminal), options.rounds, terminal)
  const founded = await practice(spec)
  try {
    terminal.say(texts.demoBegins(founded.sites.length))
    const end = outcome(await founded.run(spec, follow(terminal)))
    const alone = await run(spec, { home: null })
    const same = alone.modelHash === end['modelHash']
    if (same) terminal.say(terminal.paint('green', texts.demoSame))
    else terminal.warn(terminal.paint('red', texts.demoOther))
    if (resolveSpec(spec).sum === 'plain') terminal.say(texts.readable)
    terminal.result({ ...end, sites: founded.sites, sameAsOneProcess: same })
  } finally {
    await founded.close()
  }
}

/** `audit verify` */
export const auditVerify = async (options: FolderOptions, terminal: Terminal): Promise<void> => {
  const texts = textsOf(terminal)
  const verdict = await verifyFolder(coordinatorFolder(options))
  terminal.result({ ...verdict })
  if (verdict.kind === 'sound') return terminal.say(texts.auditSound(verdict.entries, verdict.checkpoints, verdict.head))
  terminal.say(terminal.paint('red', texts.auditBroken(verdict.entry, verdict.cause)))
  throw new YimengError({
    code: 'audit-broken',
    cannot: 'trust the audit log',
    expected: 'entries as they were written',
    got: `another ${verdict.cause} at entry ${verdict.entry}`,
  })
}
