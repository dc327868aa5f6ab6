// The two programs of a run, as coordinator and sites take part in them: analytics (sums over all sites, from which the preprocessing is fitted), then training.
import type { Params } from '../algebra/index.ts'
import { type Codec, type Seed, textCodec } from '../base/index.ts'
import {
  columnsOf,
  type ColumnValues,
  type Dataset,
  fitPreprocessing,
  type Preprocessing,
  preprocessingJson,
  type Schema,
  transform,
} from '../data/index.ts'
import { type Algorithm, algorithm, columnStatistics, plain, type RoundProgram } from '../federated/index.ts'
import type { Trainer } from '../learn/index.ts'
import { initialSeed, type Learner, learnerOf } from './learner.ts'
import { localWork, type TrainingSite } from './local-work.ts'
import type { RunSpec } from './run-spec.ts'
import { type AnyStrategy, strategyOf } from './strategy-of.ts'

/** A preprocessing as bytes; before there is one, none. */
export const preprocessingCodec: Codec<Preprocessing | undefined> = {
  encode: (preprocessing) => textCodec.encode(preprocessing === undefined ? '' : preprocessingJson.encode(preprocessing)),
  decode: (bytes) => (bytes.length === 0 ? undefined : preprocessingJson.decode(textCodec.decode(bytes))),
}

/** What a site shows to analytics. */
export interface AnalysedSite {
  readonly columns: readonly ColumnValues[]
}

/**
 * Round 0: federated analytics over all sites' training rows, the preprocessing fitted from it, and its way to every site, where it becomes the site's own state of this
 * stage. What leaves a site is in the header of federated/analytics.
 */
export const analysis =
  (schema: Schema, options: RunSpec['preprocessing']) =>
  (): RoundProgram<Preprocessing | undefined, Preprocessing | undefined, AnalysedSite> => {
    const columns = [...schema.features, schema.label].map(({ kind, name }) => ({ kind, name }))
    const statistics = columnStatistics<AnalysedSite>({ schema: columns, columns: (site) => site.columns })
    return async (round) => {
      const fitted = await round.atServer(
        (found): Preprocessing | undefined => {
          const summaries = found.map(({ summary }) => summary)
          return fitPreprocessing(schema, summaries, options)
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
  /** The parameters before the first round. */
  readonly start: Params
  /** The server's state before the first round. */
  readonly initial: unknown
}

/** Rounds 1 … R. `strategy` takes the place of the spec's. */
export const training = (
  spec: RunSpec,
  preprocessing: Preprocessing,
  trainer: Trainer,
  seed: Seed,
  strategy?: AnyStrategy,
): TrainingStage => {
  const learner = learnerOf(spec, preprocessing)
  const { layout } = learner.model
  const chosen = strategy ?? strategyOf(spec.strategy, layout)
  const made = algorithm(chosen, localWork(trainer, layout, spec.local), plain())
  const start = learner.model.init(initialSeed(seed))
  return { ...learner, algorithm: made, start, initial: made.init(start) }
}

/** The rows that a site shows to analytics. */
export const analysedSite = (dataset: Dataset, rows: Uint32Array): AnalysedSite => ({ columns: columnsOf(dataset, rows, { label: true }) })

/** The rows that a site trains on. */
export const trainingSite = (dataset: Dataset, rows: Uint32Array, preprocessing: Preprocessing): TrainingSite => ({
  train: transform(preprocessing, dataset, rows),
})
