// The two programs of a run, as coordinator and sites take part in them: analytics (sums over all sites, from which the preprocessing is fitted), then training.
import type { ColumnSummary } from '../algebra/index.ts'
import { type Codec, jsonCodec, type Seed, textCodec } from '../base/index.ts'
import {
  columnsOf,
  type ColumnValues,
  type Dataset,
  fitPreprocessing,
  type Preprocessing,
  preprocessingJson,
  type Schema,
  summariseColumn,
  transform,
} from '../data/index.ts'
import { type Algorithm, algorithm, byNode, plain, type RoundProgram } from '../federated/index.ts'
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

const mergeSummaries = (parts: readonly ColumnSummary[]): ColumnSummary =>
  parts.reduce((a, b) => {
    if (a.kind === 'categorical' || b.kind === 'categorical') {
      if (a.kind !== 'categorical' || b.kind !== 'categorical') return a
      const counts = { ...a.counts }
      for (const [level, count] of Object.entries(b.counts)) counts[level] = (counts[level] ?? 0) + count
      return { kind: 'categorical', counts, missing: a.missing + b.missing }
    }
    const count = a.count + b.count
    const mean = (a.mean * a.count + b.mean * b.count) / count
    const variance = (a.count * (a.variance + (a.mean - mean) ** 2) + b.count * (b.variance + (b.mean - mean) ** 2)) / count
    return { kind: 'numeric', count, missing: a.missing + b.missing, mean, variance, min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) }
  })

/** Round 0: summaries of all columns over all sites, the preprocessing fitted from them, and its way to every site, where it becomes the site's own state. */
export const analysis =
  (schema: Schema, options: RunSpec['preprocessing']) => (): RoundProgram<Preprocessing | undefined, Preprocessing | undefined, AnalysedSite> =>
  async (round, _state) => {
    const own = await round.atClients(({ site }) => site.columns.map(summariseColumn))
    const all = await round.aggregate(byNode(jsonCodec((x) => x as readonly ColumnSummary[])), plain(), own)
    const fitted = await round.atServer((bySite): Preprocessing | undefined => {
      const lists = [...bySite.values()]
      return fitPreprocessing(schema, [...schema.features, schema.label].map((__, j) => mergeSummaries(lists.map((list) => list[j] as ColumnSummary))), options)
    }, all)
    const there = await round.broadcast(preprocessingCodec, fitted)
    return { server: fitted, clients: await round.atClients((__, preprocessing) => preprocessing, there) }
  }

/** What training needs beside the spec, once the preprocessing is known. */
export interface TrainingStage extends Learner {
  readonly algorithm: Algorithm<unknown, unknown, TrainingSite>
  /** The server's state before the first round. */
  readonly initial: unknown
}

/** Rounds 1 … R. `strategy` takes the place of the spec's. */
export const training = (
  spec: RunSpec,
  preprocessing: Preprocessing,
  trainer: Trainer,
  seed: Seed,
  strategy: AnyStrategy | undefined = undefined,
): TrainingStage => {
  const learner = learnerOf(spec, preprocessing)
  const { layout } = learner.model
  const chosen = strategy ?? strategyOf(spec.strategy, layout)
  const made = algorithm(chosen, localWork(trainer, layout, spec.local), plain())
  return { ...learner, algorithm: made, initial: made.init(learner.model.init(initialSeed(seed))) }
}

/** The rows that a site shows to analytics. */
export const analysedSite = (dataset: Dataset, rows: Uint32Array): AnalysedSite => ({ columns: columnsOf(dataset, rows, { label: true }) })

/** The rows that a site trains on. */
export const trainingSite = (dataset: Dataset, rows: Uint32Array, preprocessing: Preprocessing): TrainingSite => ({ train: transform(preprocessing, dataset, rows) })
