// What a site does: join, bind data, decide, take part.
import { YimengError } from '../../../base/index.ts'
import {
  addData,
  approve,
  bindingsOf,
  checkCoordinator,
  dryRun,
  identityOf,
  joinAlliance,
  node,
  type NodeEvent,
  policyOf,
  setPolicy,
} from '../../../node/index.ts'
import { resolveSpec, taskOf } from '../../../tasks/index.ts'
import { UsageError } from '../../options.ts'
import { resultsFolder } from '../../results-folder.ts'
import { specOf } from '../../spec-target.ts'
import { stoppable } from '../../stop.ts'
import type { Terminal } from '../../terminal.ts'
import { allianceTexts } from '../texts/index.ts'
import { counted, type FolderOptions, nodeFolder, textsOf, untilStopped } from './shared.ts'

/** `node join` */
export const nodeJoin = async (
  url: string,
  code: string,
  options: FolderOptions & { readonly approval: 'each' | 'all'; readonly tunnel?: true },
  terminal: Terminal,
): Promise<void> => {
  const folder = nodeFolder(options)
  const { site, coordinator: address } = await joinAlliance(folder, url, code, { tunnel: options.tunnel === true })
  await setPolicy(folder, { approval: options.approval })
  terminal.say(textsOf(terminal).joined(site, address))
  terminal.result({ site, coordinator: address, folder })
}

/** `node data add` */
export const nodeDataAdd = async (
  place: string,
  options: FolderOptions & { readonly task: string; readonly test?: string },
  terminal: Terminal,
): Promise<void> => {
  const texts = textsOf(terminal)
  const spec = resolveSpec(await specOf(options.task, options, terminal))
  const task = taskOf(spec.task).name
  const { trainRows, testRows, unknown } = await addData(nodeFolder(options), task, spec, {
    train: place,
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
export const nodeStart = async (options: FolderOptions & { readonly log?: true }, terminal: Terminal): Promise<void> => {
  const texts = textsOf(terminal)
  const folder = nodeFolder(options)
  const { site, coordinator: address } = await identityOf(folder)
  terminal.say(texts.started(site, address))
  const log = options.log === true ? (await import('../log.ts')).eventLog(site) : undefined
  let before = ''
  const running = await node({
    folder,
    onEvent: (event) => {
      if (log !== undefined) return log.node(event)
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

/** `node check` */
export const nodeCheck = async (url: string, options: FolderOptions, terminal: Terminal): Promise<void> => {
  const texts = textsOf(terminal)
  const checks = await checkCoordinator(url, nodeFolder(options))
  const marks = { good: terminal.paint('green', '✓'), bad: terminal.paint('red', '✗'), skipped: '–' }
  for (const { step, outcome, cause } of checks) terminal.say(`${marks[outcome]} ${texts.checks[step]}: ${cause}`)
  terminal.result({ checks })
  const bad = checks.find(({ outcome }) => outcome === 'bad')
  if (bad === undefined) return terminal.say(texts.checkedWell)
  terminal.say(texts.checkHints[bad.step])
  throw new YimengError({
    code: 'node-check',
    cannot: 'reach the coordinator',
    expected: 'every step to be well',
    got: `a fault at ${bad.step}: ${bad.cause}`,
  })
}

/** `node dry-run` */
export const nodeDryRun = async (target: string, options: FolderOptions & { readonly out?: string }, terminal: Terminal): Promise<void> => {
  const texts = textsOf(terminal)
  const out = options.out === undefined ? undefined : await resultsFolder(options.out)
  try {
    const spec = resolveSpec(await specOf(target, options, terminal))
    const found = await stoppable(terminal, (signal) => dryRun(nodeFolder(options), spec, signal))
    const { refused, sum, trainRows, testRows, parameters, departures, statistics } = found
    terminal.say(texts.dryRows(trainRows, testRows))
    for (const { what, frames, bytes } of departures) terminal.say(`  ${texts.departures[what](frames, bytes, parameters)}`)
    terminal.say(sum === 'plain' ? texts.dryPlain : texts.dryHidden(sum))
    terminal.say(refused === undefined ? texts.dryAllowed : texts.dryRefused(refused))
    const files = departures.flatMap(({ what, content }) => content.map((frame, i) => [`${what}-${i + 1}.bin`, frame] as const))
    await out?.keep({ ...Object.fromEntries(files), 'statistics.json': JSON.stringify(statistics, null, 1) })
    if (out !== undefined) terminal.say(texts.dryFiles(out.path))
    terminal.result({ ...found, departures: departures.map(({ what, frames, bytes }) => ({ what, frames, bytes })) })
  } catch (error) {
    await out?.drop()
    throw error
  }
}

/** `node policy` */
export const nodePolicy = async (options: FolderOptions & PolicyOptions, terminal: Terminal): Promise<void> => {
  const folder = nodeFolder(options)
  const asked = policyAsked(options, terminal)
  if (Object.keys(asked).length > 0) await setPolicy(folder, { ...(await policyOf(folder)), ...asked })
  const policy = await policyOf(folder)
  for (const [rule, value] of Object.entries(policy)) terminal.say(`${rule}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  terminal.result({ folder, policy })
}

/** The rules that can be set from the command line. */
interface PolicyOptions {
  readonly approval?: 'each' | 'all'
  readonly tasks?: string
  readonly sums?: string
  readonly smallestCohort?: string
  readonly largestEpsilon?: string
  readonly hours?: string
}

const policyAsked = (options: PolicyOptions, terminal: Terminal): Parameters<typeof setPolicy>[1] => {
  const { approval, tasks, sums, smallestCohort, largestEpsilon, hours } = options
  const names = (text: string): string[] => text.split(',').map((name) => name.trim())
  const usage = (name: string, text: string, expected: string): never => {
    throw new UsageError(terminal.texts.usage.badValue(name, text, expected))
  }
  const between = (text: string) => {
    const [, from, to] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text) ?? usage('--hours', text, '22:00-06:00')
    return { from: from ?? '', to: to ?? '' }
  }
  const positive = (name: string, text: string): number => (Number(text) > 0 ? Number(text) : usage(name, text, '> 0'))
  return {
    ...(approval === undefined ? {} : { approval }),
    ...(tasks === undefined ? {} : { tasks: names(tasks) }),
    ...(sums === undefined ? {} : { sums: names(sums) }),
    ...(smallestCohort === undefined ? {} : { smallestCohort: counted(smallestCohort, '--smallest-cohort', 1, 1_000_000, terminal) }),
    ...(largestEpsilon === undefined ? {} : { largestEpsilon: positive('--largest-epsilon', largestEpsilon) }),
    ...(hours === undefined ? {} : { hours: between(hours) }),
  }
}
