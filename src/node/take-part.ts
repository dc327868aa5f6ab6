// A node's part in one run: it checks that it would run the very program that the coordinator names, asks its own policy, and then loops until the run is over.
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { seed as rootSeed, YimengError } from '../base/index.ts'
import { makeFolder } from '../base/node.ts'
import {
  callJson,
  certifiedSites,
  downloaded,
  type HttpsClient,
  httpsBulk,
  httpsLink,
  joinAnswer,
  nodeLoop,
  type Offer,
  openJournal,
  programHash,
} from '../runtime/index.ts'
import {
  ANALYSE,
  preprocessingCodec,
  type RunSpec,
  runSpecSchema,
  runStages,
  specHash,
  taskOf,
  taskSchema,
  trainedModelOf,
} from '../tasks/index.ts'
import { engineOf } from '../tasks/node.ts'
import { type SiteData, siteData } from './bindings.ts'
import { measure } from './measure.ts'
import { identityOf } from './identity.ts'
import { siteLedger } from './ledger.ts'
import { acquaintance } from './peers.ts'
import { policyOf, refusal } from './policy.ts'

/** What a node tells whoever watches it. */
export type NodeEvent =
  | { readonly kind: 'connected' }
  | { readonly kind: 'unreachable'; readonly cause: string }
  | { readonly kind: 'declined'; readonly run: string; readonly reason: string; readonly specHash: string }
  | { readonly kind: 'joined'; readonly run: string; readonly trainRows: number; readonly testRows: number }
  | { readonly kind: 'left'; readonly run: string }
  | { readonly kind: 'modelReceived'; readonly run: string; readonly modelHash: string; readonly file: string }

/** What a part needs. */
export interface PartOptions {
  readonly folder: string
  readonly site: string
  readonly client: HttpsClient
  readonly offer: Offer
  readonly signal: AbortSignal
  readonly onEvent: (event: NodeEvent) => void
  /** A line that is down for longer ends the part. */
  readonly giveUpMs?: number
}

const isRunName = (run: string): boolean => /^[0-9a-z-]{1,40}$/.test(run)

/** The spec of an offer, if this node would run the very same program. */
const agreed = async (offer: Offer): Promise<RunSpec | string> => {
  const parsed = runSpecSchema.safeParse(offer.spec)
  if (!parsed.success) return 'the spec is none that this version knows'
  const own = specHash(parsed.data)
  if (own !== offer.specHash) return 'the spec is not the one that its hash names'
  try {
    if (programHash(own, await taskSchema(parsed.data.task)) !== offer.programHash) return 'this site runs another version of the program'
  } catch (error) {
    return error instanceof YimengError ? error.message : 'the task cannot be used here'
  }
  return parsed.data
}

/** A run goes on with the rows that it began with: remembers their hash. */
const sameRows = async (folder: string, run: string, hash: string): Promise<boolean> => {
  const known = join(folder, 'runs')
  await makeFolder(known, { secret: true })
  const file = join(known, `${run}.rows`)
  const before = await readFile(file, 'utf8').catch(() => undefined)
  if (before === undefined) await writeFile(file, hash, { mode: 0o600 })
  return before === undefined || before === hash
}

/** What fetching a model needs. */
export type Fetching = Pick<PartOptions, 'folder' | 'client' | 'signal' | 'onEvent' | 'giveUpMs'> & { readonly run: string }

/**
 * Fetches a run's model, keeps it, and tells that it is here, with what it measures. A line that breaks is waited for. Without `measured` nothing is measured: the run is over.
 *
 * @throws YimengError `model-none`, `run-name`, and as a download does
 */
export const receiveModel = async (
  { folder, client, run, signal, onEvent, giveUpMs }: Fetching,
  measured: (bytes: Uint8Array) => ReturnType<typeof measure> = async () => ({ rows: 0, measures: {} }),
): Promise<void> => {
  // the name becomes a file's
  if (!isRunName(run))
    throw new YimengError({ code: 'run-name', cannot: 'fetch model', expected: 'a proper name of a run', got: 'another' })
  const path = `/v1/runs/${run}/model`
  const bytes = await downloaded(client, { path, signal, ...(giveUpMs === undefined ? {} : { giveUpMs }) })
  const { hash } = trainedModelOf(bytes)
  await makeFolder(join(folder, 'models'), { secret: true })
  const file = join(folder, 'models', `${run}.safetensors`)
  await writeFile(`${file}.new`, bytes)
  await rename(`${file}.new`, file)
  onEvent({ kind: 'modelReceived', run, modelHash: hash, file })
  await callJson(client, 'POST', `/v1/runs/${run}/measures`, await measured(bytes), { signal })
}

/** Takes part in a run, or declines. Resolves to why it declined, `done` when the run is over for this node, or `lost`. */
export const takePart = async (options: PartOptions): Promise<'done' | 'declined' | 'lost'> => {
  const { folder, site, client, offer, signal, onEvent } = options
  const decline = async (reason: string): Promise<'declined'> => {
    onEvent({ kind: 'declined', run: offer.run, reason, specHash: offer.specHash })
    await callJson(client, 'POST', `/v1/runs/${offer.run}/decline`, { reason: reason.slice(0, 500) }, { signal })
    return 'declined'
  }
  // the name becomes a file's
  if (!isRunName(offer.run)) return decline('the run has no proper name')
  const spec = await agreed(offer)
  if (typeof spec === 'string') return decline(spec)
  const task = taskOf(spec.task).name
  const no = await refusal(folder, { spec, specHash: offer.specHash, task, sites: offer.sites.length })
  if (no !== undefined) return decline(no.reason)
  let data: SiteData | undefined
  try {
    data = await siteData(folder, task, spec)
  } catch (error) {
    if (error instanceof YimengError) return decline(error.message)
    throw error
  }
  if (data === undefined) return decline(`no data bound to task ${task}`)
  const { train, trainRows, testRows, hash } = data
  if (!(await sameRows(folder, offer.run, hash))) return decline('the rows are not those that the run began with')

  const joined = await callJson(client, 'POST', `/v1/runs/${offer.run}/join`, {}, { signal })
  if (joined.status !== 200) return 'lost'
  const { link } = joinAnswer.parse(joined.value)
  const journal = await openJournal(join(folder, 'node.sqlite'))
  const ledger = await siteLedger(folder)
  const policy = await policyOf(folder)
  const engine = engineOf(spec.engine)
  const patience = options.giveUpMs === undefined ? {} : { giveUpMs: options.giveUpMs }
  try {
    const root = rootSeed(spec.seed)
    const { authority, key, certificate } = await identityOf(folder)
    const identity = certifiedSites({ authority, own: { key, certificate }, known: acquaintance(folder) })
    const hiding = { identity, smallestCohort: policy.smallestCohort, opened: ledger }
    const stages = runStages(spec, await taskSchema(spec.task), engine, root, hiding)
    onEvent({ kind: 'joined', run: offer.run, trainRows: trainRows.length, testRows: testRows.length })
    await nodeLoop({
      id: site,
      run: offer.run,
      specHash: offer.specHash,
      trainRows: trainRows.length,
      testRows: testRows.length,
      seed: root,
      channel: httpsLink(client, { path: `/v1/links/${encodeURIComponent(link)}`, ...patience }),
      bulk: httpsBulk(client, { path: '/v1/blobs', ...patience }),
      store: journal.nodeStore(offer.run, site),
      charge: (at, cost) => ledger.charge({ run: offer.run, ...at }, cost, policy.budget),
      stage: (name, committed) => stages.site(name, train, trainRows, () => committed(ANALYSE, preprocessingCodec)),
      signal,
    })
    signal.throwIfAborted()
    await receiveModel({ ...options, run: offer.run }, (bytes) => measure(engine, bytes, data))
    return 'done'
  } finally {
    onEvent({ kind: 'left', run: offer.run })
    await engine.close()
    await journal.close()
    await ledger.close()
  }
}
