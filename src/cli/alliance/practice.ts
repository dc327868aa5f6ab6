// A whole alliance on one machine, for practice: one coordinator and a node for each site, as processes of their own with folders of their own, enrolled as real ones are.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunEvent } from '../../federated/spec/index.ts'
import { addData, joinAlliance, setPolicy } from '../../node/index.ts'
import { resolveSpec, type RunSpecInput, taskOf } from '../../tasks/index.ts'
import { type Person, person, watch } from './person.ts'
import { type PostedProcess, posted, type Told } from './processes.ts'
import { writeSiteFiles } from './site-files.ts'

/** An alliance that is up. */
export interface Practice {
  readonly folder: string
  readonly coordinatorFolder: string
  readonly sites: readonly string[]
  readonly operator: () => Promise<Person>
  readonly coordinator: () => PostedProcess
  readonly node: (site: string) => PostedProcess
  /** Starts the coordinator again on its port, after a kill. */
  readonly restartCoordinator: () => Promise<void>
  readonly restartNode: (site: string) => Promise<void>
  /** Begins the run and follows it to its last event. */
  readonly run: (spec: RunSpecInput, told?: (event: RunEvent) => void) => Promise<RunEvent>
  /** Stops all processes and removes the folders. */
  readonly close: () => Promise<void>
}

/** How practice differs from the ordinary. */
export interface PracticeOptions {
  /** Hears every process. */
  readonly told?: (who: string, told: Told) => void
  /** A line that is down for longer ends a node's part in a run. */
  readonly giveUpMs?: number
  /** Where a site reaches the coordinator. Default: where it is. */
  readonly addressOf?: (site: string, url: string) => Promise<string>
}

/** Founds an alliance for a spec: deals its public data over sites, invites, joins and starts them. */
export const practice = async (
  spec: RunSpecInput,
  { told = () => undefined, giveUpMs, addressOf = async (_, url) => url }: PracticeOptions = {},
): Promise<Practice> => {
  const folder = await mkdtemp(join(tmpdir(), 'yimeng-alliance-'))
  const coordinatorFolder = join(folder, 'coordinator')
  const nodes = new Map<string, PostedProcess>()
  const startNode = async (site: string): Promise<void> => {
    const post = { kind: 'node', folder: join(folder, site, 'node'), ...(giveUpMs === undefined ? {} : { giveUpMs }) } as const
    nodes.set(site, await posted(post, (each) => told(site, each)))
  }
  let middle: PostedProcess | undefined
  const close = async (): Promise<void> => {
    await Promise.all([...nodes.values()].map((each) => each.stop()))
    await middle?.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const first = await posted({ kind: 'coordinator', folder: coordinatorFolder }, (each) => told('coordinator', each))
    middle = first
    const { port } = first
    const here = await person(coordinatorFolder)
    const task = taskOf(resolveSpec(spec).task).name
    const files = await writeSiteFiles(spec, folder)
    for (const { site, train, test } of files) {
      const own = join(folder, site, 'node')
      await joinAlliance(own, await addressOf(site, here.url), await here.invite(site))
      await addData(own, task, resolveSpec(spec), { train, test })
      await setPolicy(own, { approval: 'all' })
    }
    here.close()
    await Promise.all(files.map(({ site }) => startNode(site)))
    const found = (site: string): PostedProcess => {
      const node = nodes.get(site)
      if (node === undefined) throw new Error(`no node at ${site}`)
      return node
    }
    return {
      folder,
      coordinatorFolder,
      sites: files.map(({ site }) => site),
      operator: () => person(coordinatorFolder),
      coordinator: () => middle ?? first,
      node: found,
      restartCoordinator: async () => {
        middle = await posted({ kind: 'coordinator', folder: coordinatorFolder, port }, (each) => told('coordinator', each))
      },
      restartNode: startNode,
      run: async (input, hear = () => undefined) => {
        const speaking = await person(coordinatorFolder)
        try {
          const { run } = await speaking.begin(input)
          return await watch(speaking, run, hear)
        } finally {
          speaking.close()
        }
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
