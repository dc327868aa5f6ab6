// The two programs of a run, as coordinator and sites take part in them: analytics (sums over all sites, from which the preprocessing is fitted), then training.
import type { Layout, Params } from '../algebra/index.ts'
import { type Codec, type Seed, textCodec } from '../base/index.ts'
import { type Algorithm, algorithm as algorithmOf, type LocalWork, plain, type RoundProgram } from '../federated/index.ts'
import type { Engine } from '../learn/index.ts'
import type { RoundCost } from '../privacy/index.ts'
import { initialSeed, type Learner, learnerOf } from './learner.ts'
import { attackedWork } from './attacks.ts'
import { type Inviting, invitingOf, toldIfNeeded } from './cohort-choice.ts'
import { witnessedIfNeeded } from './contribution.ts'
import { type TrainingSite, trainingSite } from './label-skew.ts'
import { localWork } from './local-work.ts'
import { analysedValues, fitPreparation, type Preparation, preparationJson } from './preparation.ts'
import { privateWork } from './private-work.ts'
import { cohortOf, protectedStrategy } from './protection.ts'
import type { RunSpec } from './run-spec.ts'
import { type AnyStrategy, isWhole, wholeAlgorithm } from './strategy-of.ts'
import { type AnalysedSite, analysedRows, statisticsCost, statisticsOf } from './statistics.ts'
import { type Hiding, statisticsSumOf, sumOf } from './sum-line.ts'
import type { DataSchema, TaskData } from './task-data.ts'
import { trainingRows } from './training-rows.ts'

/** A preprocessing as bytes; before there is one, none. */
export const preprocessingCodec: Codec<Preparation | undefined> = {
  encode: (preprocessing) => textCodec.encode(preprocessing === undefined ? '' : preparationJson.encode(preprocessing)),
  decode: (bytes) => (bytes.length === 0 ? undefined : preparationJson.decode(textCodec.decode(bytes))),
}

/**
 * Round 0: statistics of all sites' training rows, the preprocessing fitted from it, and its way to every site, where it becomes the site's own state of this stage. What
 * leaves a site is in the headers of federated/analytics.
 */
export const analysis = (
  spec: Pick<RunSpec, 'preprocessing' | 'privacy' | 'cohort'>,
  schema: DataSchema,
  maxSites = 2 ** 10,
  sums = plain() as ReturnType<typeof sumOf>,
): (() => RoundProgram<Preparation | undefined, Preparation | undefined, AnalysedSite>) => {
  // once for all parties of this process: folds have no state, and thousands of nodes take part at the same time
  const statistics = statisticsOf(spec, schema, maxSites, sums)
  return () => async (round) => {
    const fitted = await round.atServer(
      (found): Preparation | undefined => {
        const summaries = found.map(({ summary }) => summary)
        return fitPreparation(schema, summaries, spec.preprocessing)
      },
      await statistics(round),
    )
    const there = await round.broadcast(preprocessingCodec, fitted)
    return { server: fitted, clients: await round.atClients((_, preprocessing) => preprocessing, there) }
  }
}

/** What training needs beside the spec, once the preprocessing is known. */
export interface TrainingStage extends Learner {
  readonly algorithm: Algorithm<unknown, unknown, TrainingSite>
  /** A site's work in one round. */
  readonly work: LocalWork<TrainingSite>
  /** The parameters before the first round. */
  readonly start: Params
  /** The server's state before the first round. */
  readonly initial: unknown
  /** Who takes part in a round; undefined: chance. */
  readonly inviting: Inviting | undefined
  /** What each round costs in privacy; absent without. */
  readonly cost?: RoundCost
}

/** Round 0, as a run loop takes it. */
interface AnalysisStage {
  readonly name: string
  readonly firstRound: number
  readonly lastRound: number
  readonly program: ReturnType<typeof analysis>
  readonly initial: undefined
  readonly codec: typeof preprocessingCodec
  readonly cost?: RoundCost
}

/** A site's part in the rounds of one stage: what a node loop takes. */
export interface SiteStage {
  readonly program: () => RoundProgram<unknown, unknown, unknown>
  /** Its own state before its first round. */
  readonly initial: () => unknown
  readonly codec: Codec<unknown>
  /** What the program sees of the site. */
  readonly site: () => unknown
  /** What each round costs in privacy; absent without. */
  readonly cost?: RoundCost
}

/** The stages of a run at one party. */
export interface RunStages {
  /** {@link ANALYSE}, as a run loop takes it. */
  readonly analysis: AnalysisStage
  /** {@link TRAIN}, compiled once for each preprocessing. */
  readonly training: (preprocessing: Preparation) => Promise<TrainingStage>
  /** What a site trains on. */
  readonly trainingSite: (preprocessing: Preparation, dataset: TaskData, rows: Uint32Array) => Promise<TrainingSite>
  /** A site's part in a stage; undefined for an unknown one, and for training before analytics. `preprocessing` gives what the site committed in {@link ANALYSE}. */
  readonly site: (
    name: string,
    dataset: TaskData,
    rows: Uint32Array,
    preprocessing: () => Promise<Preparation | undefined>,
  ) => Promise<SiteStage | undefined>
}

/** Names of the stages: round 0, and rounds 1 … R. */
export const ANALYSE = 'analyse'
export const TRAIN = 'train'

/** What a party may bring to the stages of a run. */
export interface StageOptions extends Hiding {
  /** Takes the place of the spec's. */
  readonly strategy?: ((layout: Layout) => AnyStrategy) | undefined
  /** Takes the place of the spec's sum protocol in training. */
  readonly via?: ReturnType<typeof sumOf> | undefined
  /** What tells which of more sites than needed come first. Default: the virtual clock. */
  readonly arrivals?: 'network' | 'clock'
}

/**
 * The stages of a run, for coordinator and nodes alike: whoever has the spec makes the same programs.
 *
 * @param schema - of the data, the same at every party
 */
export const runStages = (
  spec: RunSpec,
  schema: DataSchema,
  engine: Engine,
  seed: Seed,
  { strategy, via, arrivals = 'clock', ...hiding }: StageOptions = {},
): RunStages => {
  // as fine as sums of up to a thousand sites are; with more sites, with room for those that the spec tells
  const maxSites = 'sites' in spec.partition ? Math.max(2 ** 10, spec.partition.sites) : 2 ** 10
  const analysed = analysis(spec, schema, maxSites, statisticsSumOf(spec, hiding))
  const asked = statisticsCost(spec, schema)
  const made = new Map<string, Promise<TrainingStage>>()
  const make = async (preprocessing: Preparation): Promise<TrainingStage> => {
    const learner = learnerOf(spec, preprocessing)
    const { layout } = learner.model
    const trainer = await engine.trainer(learner.model, learner.loss, learner.optimiser)
    const own = strategy?.(layout)
    const kept = own === undefined && isWhole(spec) ? undefined : protectedStrategy(spec, layout, own, asked?.event)
    const steps = kept?.steps
    const honest = steps === undefined ? localWork(trainer, layout, spec.local) : privateWork(trainer, layout, spec.local, steps)
    const work = attackedWork(honest, spec.attack, { classes: learner.classes?.length, sites: cohortOf(spec) })
    const sum = via ?? sumOf(spec, hiding)
    const algorithm =
      kept === undefined
        ? wholeAlgorithm(spec, layout, work, sum)
        : algorithmOf(toldIfNeeded(spec, witnessedIfNeeded(spec, kept.strategy)), work, sum)
    const start = learner.model.init(initialSeed(seed))
    const cost = kept?.cost
    return {
      ...learner,
      algorithm,
      work,
      start,
      initial: algorithm.init(start),
      inviting: invitingOf(spec, seed, arrivals),
      ...(cost === undefined ? {} : { cost }),
    }
  }
  const training = (preprocessing: Preparation): Promise<TrainingStage> => {
    const key = preparationJson.encode(preprocessing)
    const stage = made.get(key) ?? make(preprocessing)
    made.set(key, stage)
    return stage
  }
  const siteOf: RunStages['trainingSite'] = async (preprocessing, dataset, rows) => {
    const { patients } = dataset
    const { classes } = await training(preprocessing)
    return {
      ...trainingSite(await trainingRows(preprocessing, dataset, rows, spec.local), spec.local, classes?.length),
      ...(patients === undefined ? {} : { patients: Array.from(rows, (row) => patients[row] ?? '') }),
    }
  }
  return {
    analysis: {
      name: ANALYSE,
      firstRound: 0,
      lastRound: 0,
      program: analysed,
      initial: undefined,
      codec: preprocessingCodec,
      ...(asked === undefined ? {} : { cost: asked }),
    },
    training,
    trainingSite: siteOf,
    site: async (name, dataset, rows, committed) => {
      if (name === ANALYSE) {
        const columns = await analysedValues(dataset, schema, analysedRows(spec, rows, dataset.patients), spec.preprocessing)
        return erased({
          program: analysed,
          initial: () => undefined,
          codec: preprocessingCodec,
          site: () => ({ columns }),
          ...(asked === undefined ? {} : { cost: asked }),
        })
      }
      const preprocessing = name === TRAIN ? await committed() : undefined
      if (preprocessing === undefined) return undefined
      const { algorithm, start, cost } = await training(preprocessing)
      // one object for all rounds: the engine knows a site's rows by identity
      const site = await siteOf(preprocessing, dataset, rows)
      return erased({
        program: algorithm.program,
        initial: () => algorithm.local.init(start),
        codec: algorithm.local.codec,
        site: () => site,
        ...(cost === undefined ? {} : { cost }),
      })
    },
  }
}

/** A stage whose types are its own affair: whoever runs it carries its states unopened. */
const erased = <S, N, Site>(stage: {
  readonly program: () => RoundProgram<S, N, Site>
  readonly initial: () => N
  readonly codec: Codec<N>
  readonly site: () => Site
  readonly cost?: RoundCost
}): SiteStage => stage as unknown as SiteStage
