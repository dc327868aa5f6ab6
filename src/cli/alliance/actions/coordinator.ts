// What an operator does at the coordinator: start it, admit and shut out, look at its sites and its audit log.
import { YimengError } from '../../../base/index.ts'
import { coordinator, type Role, verifyFolder } from '../../../coordinator/index.ts'
import type { Terminal } from '../../terminal.ts'
import {
  asPerson,
  blobsOf,
  coordinatorFolder,
  type CoordinatorOptions,
  counted,
  databaseOf,
  type FolderOptions,
  textsOf,
  untilStopped,
} from './shared.ts'
import { follow } from './runs.ts'

/** `up` */
export const up = async (
  options: CoordinatorOptions & {
    readonly host: string
    readonly port: string
    readonly name?: readonly string[]
    readonly metrics?: string
    readonly log?: true
  },
  terminal: Terminal,
): Promise<void> => {
  const texts = textsOf(terminal)
  const database = databaseOf(options)
  const blobs = blobsOf(options)
  const port = counted(options.port, '--port', 0, 65_535, terminal)
  const log = options.log === true ? (await import('../log.ts')).eventLog('coordinator') : undefined
  const running = await coordinator({
    folder: coordinatorFolder(options),
    ...(database === undefined ? {} : { database }),
    ...(blobs === undefined ? {} : { blobs }),
    host: options.host,
    port,
    ...(options.name === undefined ? {} : { names: [...options.name, 'localhost', '127.0.0.1'] }),
    ...(options.metrics === undefined ? {} : { metricsPort: counted(options.metrics, '--metrics', 0, 65_535, terminal) }),
    onEvent: log === undefined ? follow(terminal) : log.run,
  })
  terminal.say(texts.listening(running.url))
  terminal.note(texts.stopHint)
  log?.note('started', { address: running.url })
  await untilStopped(terminal, new Promise(() => undefined))
  await running.close()
  log?.note('stopped')
}

/** `invite` */
export const invite = (name: string, options: FolderOptions & { readonly role: Role }, terminal: Terminal): Promise<void> =>
  asPerson(options, async ({ invite: ask, url }) => {
    const { role } = options
    const code = await ask(name, role)
    const texts = textsOf(terminal)
    terminal.say(role === 'site' ? texts.invited(name, url, code) : texts.personInvited(name, texts.roles[role], url, code))
    terminal.result({ [role === 'site' ? 'site' : 'name']: name, role, url, code })
  })

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`

/** `nodes` */
export const nodes = (options: FolderOptions, terminal: Terminal): Promise<void> =>
  asPerson(options, async (speaking) => {
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
        machine === undefined ? '' : `${machine.load.toFixed(1)} / ${machine.cpus}`,
        machine === undefined ? '' : gigabytes(machine.freeMemoryBytes),
        typeof machine?.freeDiskBytes === 'number' ? gigabytes(machine.freeDiskBytes) : '',
        certificateExpiresAt.slice(0, 10),
      ])
    terminal.say(table.toString())
    terminal.result({ nodes: states })
  })

/** `alliance revoke` */
export const revoke = (site: string, options: FolderOptions, terminal: Terminal): Promise<void> =>
  asPerson(options, async (speaking) => {
    await speaking.revoke(site)
    terminal.say(textsOf(terminal).revoked(site))
    terminal.result({ revoked: site })
  })

/** `audit verify` */
export const auditVerify = async (options: CoordinatorOptions, terminal: Terminal): Promise<void> => {
  const texts = textsOf(terminal)
  const verdict = await verifyFolder(coordinatorFolder(options), databaseOf(options))
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

/** `audit show` */
export const auditShow = (options: FolderOptions & { readonly last: string }, terminal: Terminal): Promise<void> =>
  asPerson(options, async ({ audit }) => {
    const entries = await audit(counted(options.last, '--last', 1, 10_000, terminal))
    for (const { at, actor, action, detail } of entries) terminal.say(`${at}  ${actor}  ${action}  ${detail}`)
    terminal.result({ entries })
  })
