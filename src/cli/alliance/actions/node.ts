// What a site does: join, bind data, decide, take part.
import { addData, approve, bindingsOf, identityOf, joinAlliance, node, type NodeEvent, policyOf, setPolicy } from '../../../node/index.ts'
import { resolveSpec, taskOf } from '../../../tasks/index.ts'
import { specOf } from '../../spec-target.ts'
import type { Terminal } from '../../terminal.ts'
import { allianceTexts } from '../texts.ts'
import { type FolderOptions, nodeFolder, textsOf, untilStopped } from './shared.ts'

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
