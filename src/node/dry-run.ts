// What would leave the site, shown without anything leaving it: a run's statistics and one round of training on the site's own rows, against a coordinator in this process.
// Two more sites with the same rows take part, so that masked and encrypted sums can be made; only what the first one sends is kept.
import { type Channel, memoryChannels, seed as rootSeed, YimengError } from '../base/index.ts'
import { referenceEngine } from '../learn/engines/reference/index.ts'
import { admit, nodeLoop, openJournal, runAnalysis, type RunContext, runTraining } from '../runtime/index.ts'
import {
  ANALYSE,
  dataHash,
  preparationJson,
  preprocessingCodec,
  type RunSpec,
  runStages,
  specHash,
  taskOf,
  taskSchema,
  TRAIN,
} from '../tasks/index.ts'
import { siteData } from './bindings.ts'
import { refusal } from './policy.ts'

/** Bytes that leave the site in one part of a run. */
export interface Departure {
  /** `statistics`: sums over columns, once. `update`: one round of training. `words`: what node and coordinator say to each other, rows counted, beside. */
  readonly what: 'statistics' | 'update' | 'words'
  readonly frames: number
  readonly bytes: number
  /** The frames as they are, in order. */
  readonly content: readonly Uint8Array[]
}

/** What a run would take from a site. */
export interface DryRun {
  readonly specHash: string
  /** Why the site's policy would refuse it now; undefined when it would not. */
  readonly refused?: string
  readonly sum: RunSpec['sum']
  readonly trainRows: number
  readonly testRows: number
  readonly parameters: number
  readonly departures: readonly Departure[]
  /** What the statistics come to. With a plain sum the coordinator can read them for this site; with others only for all sites together. */
  readonly statistics: unknown
}

const SITES = ['this-site', 'twin-1', 'twin-2']
const RUN = 'dry-run'
const DEADLINE_MS = 600_000

/** A channel whose sent frames are kept. */
const overheard = (channel: Channel, keep: (frame: Uint8Array) => void): Channel => ({
  ...channel,
  send: (frame) => {
    keep(frame.slice())
    return channel.send(frame)
  },
})

/**
 * Runs it. Nothing is written and nothing is sent.
 *
 * @throws YimengError `dry-run-data` where no rows are bound to the task; and as a run's work fails.
 */
export const dryRun = async (folder: string, asked: RunSpec, signal: AbortSignal): Promise<DryRun> => {
  const task = taskOf(asked.task).name
  const data = await siteData(folder, task, asked)
  if (data === undefined)
    throw new YimengError({
      code: 'dry-run-data',
      cannot: 'try the run',
      expected: `data bound to task ${task}`,
      got: 'none',
      where: { folder },
    })
  const { train, trainRows, testRows } = data
  const no = await refusal(folder, { spec: asked, specHash: specHash(asked), task, sites: SITES.length })
  const spec: RunSpec = { ...asked, rounds: 1 }
  const hash = specHash(spec)
  const root = rootSeed(spec.seed)
  const journal = await openJournal(':memory:')
  const engine = referenceEngine()
  const stop = new AbortController()
  const until = AbortSignal.any([signal, stop.signal])
  let round: number | undefined
  const kept: { readonly what: Departure['what']; readonly frame: Uint8Array }[] = []
  try {
    await journal.start({ id: RUN, task, spec, specHash: hash, dataHash: await dataHash(train), rounds: 1, startedAt: '' })
    const stages = runStages(spec, await taskSchema(spec.task), engine, root)
    const loops: Promise<void>[] = []
    const members = await Promise.all(
      SITES.map((id) => {
        const [here, there] = memoryChannels()
        const what = (): Departure['what'] => (round === undefined ? 'words' : round === 0 ? 'statistics' : 'update')
        loops.push(
          nodeLoop({
            id,
            run: RUN,
            specHash: hash,
            trainRows: trainRows.length,
            testRows: testRows.length,
            seed: root,
            channel: id === SITES[0] ? overheard(there, (frame) => void kept.push({ what: what(), frame })) : there,
            store: journal.nodeStore(RUN, id),
            stage: (name, committed) => stages.site(name, train, trainRows, () => committed(ANALYSE, preprocessingCodec)),
            signal: until,
          }),
        )
        return admit(here, { run: RUN, specHash: hash, last: async () => [] }, until)
      }),
    )
    const context: RunContext = {
      run: RUN,
      members,
      journal,
      seed: root,
      deadlineMs: DEADLINE_MS,
      signal: until,
      onEvent: (event) => {
        if (event.kind === 'roundStarted') ({ round } = event)
        if (event.kind === 'roundCommitted') round = undefined
      },
    }
    const preprocessing = await runAnalysis(context, stages.analysis)
    const { algorithm, initial, start, cost } = await stages.training(preprocessing)
    await runTraining(context, { name: TRAIN, algorithm, initial, rounds: 1, cost })
    stop.abort(new YimengError({ code: 'node-stopped', cannot: 'go on', expected: 'a run', got: 'its end' }))
    await Promise.allSettled(loops)
    const departures = (['statistics', 'update', 'words'] as const).map((what): Departure => {
      const content = kept.filter((each) => each.what === what).map(({ frame }) => frame)
      return { what, frames: content.length, bytes: content.reduce((sum, frame) => sum + frame.length, 0), content }
    })
    return {
      specHash: specHash(asked),
      ...(no === undefined ? {} : { refused: no.reason }),
      sum: spec.sum,
      trainRows: trainRows.length,
      testRows: testRows.length,
      parameters: start.values.length,
      departures,
      statistics: JSON.parse(preparationJson.encode(preprocessing)) as unknown,
    }
  } finally {
    stop.abort()
    await engine.close()
    await journal.close()
  }
}
