// The stages of a run, wired for one process: the trainer is compiled once and shared by all sites; what each site sees is its own.
import type { Layout } from '../algebra/index.ts'
import { YimengError } from '../base/index.ts'
import type { Preprocessing } from '../data/index.ts'
import type { Engine } from '../learn/index.ts'
import { type NodeStage, type RunContext, runStage, tell } from '../runtime/index.ts'
import {
  analysedSite,
  analysis,
  type AnyStrategy,
  type DealtSite,
  learnerOf,
  preprocessingCodec,
  training,
  type TrainingStage,
  trainingSite,
} from '../tasks/index.ts'
import type { Prepared } from './prepare.ts'

export const ANALYSE = 'analyse'
export const TRAIN = 'train'

/** Both sides of the stages. */
export interface RunStages {
  /** Runs analytics (unless they are committed already) and makes the training stage. */
  readonly server: (context: RunContext) => Promise<{ readonly preprocessing: Preprocessing; readonly stage: TrainingStage }>
  /** A site's part in a stage. */
  readonly node: (site: DealtSite, name: string, preprocessing: () => Promise<Preprocessing | undefined>) => Promise<NodeStage | undefined>
}

/** The stages of a prepared run. */
export const runStages = (prepared: Prepared, engine: Engine, strategy: ((layout: Layout) => AnyStrategy) | undefined): RunStages => {
  const { spec, dataset, seed } = prepared
  const program = analysis(dataset.schema, spec.preprocessing)
  // sites fit the same preprocessing, so they get the same trainer: compiled once
  const made = new Map<string, Promise<TrainingStage>>()
  const stageOf = (preprocessing: Preprocessing): Promise<TrainingStage> => {
    const key = JSON.stringify(preprocessing)
    const known = made.get(key)
    if (known !== undefined) return known
    const { model, loss, optimiser } = learnerOf(spec, preprocessing)
    const stage = engine
      .trainer(model, loss, optimiser)
      .then((trainer) => training(spec, preprocessing, trainer, seed, strategy?.(model.layout)))
    made.set(key, stage)
    return stage
  }
  return {
    server: async (context) => {
      const preprocessing = await runStage<Preprocessing | undefined>(context, {
        name: ANALYSE,
        firstRound: 0,
        lastRound: 0,
        everyone: true,
        program: program as never,
        initial: undefined,
        codec: preprocessingCodec,
        committed: async () => tell(context, { kind: 'analysed', columns: dataset.schema.features.length }),
      })
      if (preprocessing === undefined)
        throw new YimengError({ code: 'analysis', cannot: 'train', expected: 'summaries of the columns', got: 'none' })
      return { preprocessing, stage: await stageOf(preprocessing) }
    },
    node: async (site, name, committed) => {
      if (name === ANALYSE) {
        const part: NodeStage<Preprocessing | undefined, ReturnType<typeof analysedSite>> = {
          program: program as never,
          initial: () => undefined,
          codec: preprocessingCodec,
          site: () => analysedSite(dataset, site.train),
        }
        return part as unknown as NodeStage
      }
      const preprocessing = name === TRAIN ? await committed() : undefined
      if (preprocessing === undefined) return undefined
      const { algorithm, start } = await stageOf(preprocessing)
      // one object for all rounds: the engine keeps a site's rows by identity
      const rows = trainingSite(dataset, site.train, preprocessing)
      return {
        program: algorithm.program as never,
        initial: () => algorithm.local.init(start),
        codec: algorithm.local.codec,
        site: () => rows,
      }
    },
  }
}
