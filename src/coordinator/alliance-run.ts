// One run over an alliance: seats for its sites, analytics and training by the run loop, the model handed to every site, and what the sites measured with it.
import { monotonicMs, seed as rootSeed, YimengError } from '../base/index.ts'
import type { Measures, RunEvent } from '../federated/spec/index.ts'
import { referenceEngine } from '../learn/engines/reference/index.ts'
import {
  certifiedSites,
  type Happening,
  type Journal,
  type Offer,
  programHash,
  runAnalysis,
  runTraining,
  type ServedLink,
  tell,
} from '../runtime/index.ts'
import {
  ANALYSE,
  checkNames,
  columnCount,
  type RunSpec,
  runStages,
  TRAIN,
  taskOf,
  taskSchema,
  type TrainedModel,
  trainedModel,
} from '../tasks/index.ts'
import { bell } from './bell.ts'
import type { SiteBulk } from './blob-routes.ts'
import { pooledMeasures, type Told } from './pooled-measures.ts'
import { runRecord } from './run-record.ts'
import { type Seat, seat } from './seat.ts'

/** How long sites may take to fetch the model and measure it. */
const DELIVERY_MS = 30_000
const LOOK_AGAIN_MS = 1_000

/** What a run of an alliance comes to. */
export interface AllianceResult {
  readonly runId: string
  readonly specHash: string
  readonly modelHash: string
  readonly model: TrainedModel
  /** Over all rows that sites measured: means weighted by rows, of those measures for which that is exact. */
  readonly metrics: Measures
  /** Of the sites that told. */
  readonly bySite: Readonly<Record<string, Measures>>
  readonly rounds: number
  readonly seconds: number
  readonly bytesUp: number
  readonly bytesDown: number
}

/** A site's place in a run. `rejected`: its node came and was not admitted. */
export interface Standing {
  readonly state: 'joining' | 'training' | 'reconnecting' | 'declined' | 'rejected'
  readonly cause?: string
}

/** A run that is being worked on. */
export interface AllianceRun {
  readonly offer: Offer
  /** Whether a node of the site that is free should take part. One that took part before it was started again is free. */
  readonly wants: (site: string) => boolean
  /** The site's node was offered the run. To one that took part before and was lost this is the signal to reconnect, and journalled as such. */
  readonly called: (site: string) => void
  /** How a site stands in it; undefined before its node has come. */
  readonly standing: (site: string) => Standing | undefined
  /** A link for the site's node. */
  readonly join: (site: string) => ServedLink
  readonly decline: (site: string, reason: string) => void
  readonly declined: () => ReadonlyMap<string, string>
  readonly connected: () => readonly string[]
  /** The model's file, once there is one. */
  readonly model: () => TrainedModel | undefined
  /** What a site measured. Throws YimengError `measures-rows` for more test rows than it joined with. */
  readonly measured: (site: string, rows: number, measures: Measures) => void
  /** Resolves when there are more than `count` events, when the run ends, or with the signal. */
  readonly waitBeyond: (count: number, signal: AbortSignal) => Promise<void>
  /** Stops it. `journalled`: it is over for good; else it goes on when the coordinator is started again. */
  readonly stop: (reason: Error, journalled: boolean) => void
  readonly done: Promise<AllianceResult>
}

/** What a run is made of. */
export interface AllianceRunOptions {
  readonly run: string
  readonly spec: RunSpec
  readonly specHash: string
  readonly sites: readonly string[]
  readonly journal: Journal
  /** Certificate of the alliance's authority, PEM. */
  readonly authority: string
  /** How the large frames of a site travel. */
  readonly bulkOf: (site: string) => SiteBulk
  readonly onEvent: (event: RunEvent) => void
  /** A site's node was not admitted, or sent what no node sends. */
  readonly onFlawed: (site: string, fault: YimengError) => void
  /** Last committed round of the process that had it before. */
  readonly resumedAfter?: number
}

/** Begins a run. Its journal entry is there already, and claimed. */
export const allianceRun = async (options: AllianceRunOptions): Promise<AllianceRun> => {
  const { run, spec, specHash, sites, journal, resumedAfter } = options
  const schema = await taskSchema(spec.task)
  const root = rootSeed(spec.seed)
  const controller = new AbortController()
  const { signal } = controller
  let journalled = false
  const record = runRecord(await journal.events(run))
  const declined = new Map<string, string>()
  const rejected = new Map<string, string>()
  /** Sites whose loss is in the journal, and not yet their return; and whether they have been called. */
  const lost = new Map<string, { called: boolean }>()
  const told = new Map<string, Told>()
  let model: TrainedModel | undefined
  let over = false
  // sites of the attempt that is under way
  let busy = new Set<string>()
  const { ring: changed, heard } = bell()
  const until = async (ready: () => boolean, waiting: AbortSignal): Promise<void> => {
    // lines come back without an event
    while (!ready() && !waiting.aborted) await heard(waiting, LOOK_AGAIN_MS)
  }
  const onEvent = (event: RunEvent): void => {
    record.hear(event)
    if (event.kind === 'roundStarted') busy = new Set(event.cohort)
    if (event.kind === 'roundCommitted' || event.kind === 'roundAborted') busy = new Set()
    changed()
    options.onEvent(event)
  }
  const context = { run, journal, onEvent }
  const say = (happening: Happening) => tell(context, happening)

  /** For each stage the last round in which the node was counted: what it may have slept through. */
  const last = async (site: string) =>
    ([ANALYSE, TRAIN] as const).flatMap((stage) => {
      const round = record.of(site, stage === ANALYSE ? 'analytics' : 'training')
      return round === undefined ? [] : [{ stage, ...round, counted: true }]
    })
  const seats: ReadonlyMap<string, Seat> = new Map(
    sites.map((site) => [
      site,
      seat({
        site,
        admission: { run, specHash, last },
        bulk: options.bulkOf(site),
        between: () => until(() => !busy.has(site), signal),
        signal,
        admitted: ({ trainRows, testRows }) => {
          declined.delete(site)
          rejected.delete(site)
          lost.delete(site)
          void say({ kind: 'siteReady', site, trainRows, testRows }).then(changed)
        },
        flawed: (fault) => options.onFlawed(site, fault),
        refused: (cause) => {
          rejected.set(site, cause)
          changed()
        },
      }),
    ]),
  )
  const connected = (): readonly string[] => [...seats.values()].filter((each) => each.connected()).map(({ site }) => site)
  const missing = (site: string): { called: boolean } => {
    const known = lost.get(site)
    if (known !== undefined) return known
    const made = { called: false }
    lost.set(site, made)
    void say({ kind: 'siteLost', site }).catch(() => undefined)
    return made
  }
  const watching = setInterval(() => {
    for (const each of seats.values()) if (each.standing() === 'away') missing(each.site)
  }, LOOK_AGAIN_MS)
  const standing = (site: string): Standing | undefined => {
    const here = seats.get(site)?.standing()
    const [refusal, decision] = [rejected.get(site), declined.get(site)]
    if (here === 'connected') return { state: 'training' }
    if (refusal !== undefined) return { state: 'rejected', cause: refusal }
    if (decision !== undefined) return { state: 'declined', cause: decision }
    return here === undefined ? undefined : { state: here === 'away' ? 'reconnecting' : here }
  }
  const finishAll = () =>
    Promise.allSettled([...seats.values()].filter((each) => each.connected()).map(({ member }) => member.control.send({ kind: 'finish' })))

  const work = async (): Promise<AllianceResult> => {
    const startedMs = monotonicMs()
    const engine = referenceEngine()
    try {
      await say({
        kind: 'runStarted',
        task: taskOf(spec.task).name,
        specHash,
        sites,
        rounds: spec.rounds,
        ...(resumedAfter === undefined ? {} : { resumedAfter }),
      })
      checkNames(spec, sites)
      if (spec.attack.kind !== 'none')
        throw new YimengError({
          code: 'attack-alliance',
          cannot: 'start run',
          expected: 'attack.kind none in an alliance: sites are told to lie on one machine only',
          got: spec.attack.kind,
        })
      if (spec.contribution !== undefined)
        throw new YimengError({
          code: 'contribution-alliance',
          cannot: 'start run',
          expected: 'no contribution in an alliance: a coordinator has no rows to measure with',
          got: spec.contribution.kind,
        })
      const stages = runStages(spec, schema, engine, root, {
        arrivals: 'network',
        identity: certifiedSites({ authority: options.authority }),
      })
      const members = [...seats.values()].map(({ member }) => member)
      const { size, fraction, quorum } = spec.cohort
      const chosen = Math.min(
        sites.length,
        size ?? (fraction === undefined ? sites.length : Math.max(1, Math.round(fraction * sites.length))),
      )
      await until(
        () => connected().length === sites.length || (resumedAfter !== undefined && connected().length >= (quorum ?? sites.length)),
        signal,
      )
      signal.throwIfAborted()
      const rounds = {
        ...context,
        members,
        signal,
        seed: root,
        size: chosen,
        ...(quorum === undefined ? {} : { quorum }),
        deadlineMs: spec.cohort.deadlineSeconds * 1000,
        ready: (cohort: readonly string[], needed: number) =>
          until(() => cohort.filter((site) => seats.get(site)?.connected() === true).length >= needed, signal),
      }
      const preprocessing = await runAnalysis(rounds, {
        ...stages.analysis,
        committed: () => say({ kind: 'analysed', columns: columnCount(schema) }),
      })
      const stage = await stages.training(preprocessing)
      const { algorithm } = stage
      const { state, rounds: done } = await runTraining(rounds, {
        name: TRAIN,
        algorithm,
        initial: stage.initial,
        cost: stage.cost,
        choose: stage.inviting,
        stop: spec.stopping,
        rounds: spec.rounds,
      })
      const trained = trainedModel({
        task: taskOf(spec.task).name,
        choice: spec.model,
        preprocessing,
        params: algorithm.model(state),
        specHash,
      })
      model = trained
      const present = connected()
      await finishAll()
      await until(() => present.every((site) => told.has(site)), AbortSignal.any([signal, AbortSignal.timeout(DELIVERY_MS)]))
      const metrics = pooledMeasures(told.values())
      const bySite = Object.fromEntries([...told].sort(([a], [b]) => (a < b ? -1 : 1)).map(([site, { measures }]) => [site, measures]))
      if (told.size > 0) await say({ kind: 'evaluated', round: done, pooled: metrics, sites: bySite })
      const traffic = record.traffic()
      const seconds = (monotonicMs() - startedMs) / 1000
      await tell(
        context,
        { kind: 'runFinished', rounds: done, modelHash: trained.hash, metrics, ...traffic, seconds },
        { model: { hash: trained.hash, bytes: trained.bytes } },
      )
      return {
        runId: run,
        specHash,
        modelHash: trained.hash,
        model: trained,
        metrics,
        bySite,
        rounds: done,
        seconds,
        ...traffic,
      }
    } catch (error) {
      if (signal.aborted) {
        if (journalled) await say({ kind: 'runCancelled', round: (await journal.find(run)).round })
      } else {
        const { round, site } = error instanceof YimengError ? error.where : {}
        await say({
          kind: 'runFailed',
          code: error instanceof YimengError ? error.code : 'unexpected',
          message: error instanceof YimengError ? error.message : error instanceof Error ? error.name : 'unexpected',
          ...(typeof round === 'number' ? { round } : {}),
          ...(typeof site === 'string' ? { site } : {}),
        })
      }
      if (!signal.aborted || journalled) await finishAll()
      throw signal.aborted ? signal.reason : error
    } finally {
      over = true
      clearInterval(watching)
      changed()
      await engine.close()
      await Promise.allSettled([...seats.values()].map((each) => each.close()))
    }
  }
  const done = work()
  done.catch(() => undefined)
  return {
    offer: { run, spec, specHash, programHash: programHash(specHash, schema), sites: [...sites] },
    wants: (site) => !over && model === undefined && seats.has(site),
    called: (site) => {
      const here = seats.get(site)?.standing()
      // a node that asks for work while its link seems to stand was started again
      if (here !== 'connected' && here !== 'away') return
      const loss = missing(site)
      if (loss.called) return
      loss.called = true
      void say({ kind: 'siteCalled', site }).catch(() => undefined)
    },
    standing,
    join: (site) => {
      const found = seats.get(site)
      if (found === undefined || over || model !== undefined)
        throw new YimengError({
          code: 'run-not-yours',
          cannot: 'join run',
          expected: 'a run that waits for this site',
          got: 'another one',
          where: { run },
        })
      return found.join()
    },
    decline: (site, reason) => {
      if (!seats.has(site)) return
      declined.set(site, reason)
      changed()
    },
    declined: () => new Map([...rejected, ...declined]),
    connected,
    model: () => model,
    measured: (site, rows, measures) => {
      const testRows = record.testRows(site)
      // a site's measures weigh as many rows as it joined with, not as many as it says afterwards
      if (testRows === undefined || rows > testRows)
        throw new YimengError({
          code: 'measures-rows',
          cannot: 'take measures',
          expected: 'those of the test rows that the site joined with',
          got: `${rows} rows`,
          where: { run, site },
        })
      told.set(site, { rows, measures })
      changed()
    },
    waitBeyond: (count, waiting) => until(() => record.count() > count || over, waiting),
    stop: (reason, forGood) => {
      journalled = forGood
      controller.abort(reason)
      changed()
    },
    done,
  }
}
