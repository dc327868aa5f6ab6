// The model of each site: its own where the strategy keeps one there, fitted to the site's own rows by a few steps where the spec asks for it.
import type { Params } from '../algebra/index.ts'
import { type NodeId, nodeSeed } from '../federated/index.ts'
import type { LastCounted, RunContext } from '../runtime/index.ts'
import { type DealtSite, type Preparation, type RunSpec, type RunStages, TRAIN, type TrainingStage } from '../tasks/index.ts'
import type { Prepared } from './prepare.ts'

/** Strategies that look for a model from which each site is a few steps away from its own. */
const starts: readonly RunSpec['strategy']['name'][] = ['perfedavg', 'reptile']

/** What {@link personalModels} needs. */
interface Of {
  readonly context: Pick<RunContext, 'run' | 'journal' | 'signal'>
  readonly prepared: Prepared
  readonly stages: RunStages
  readonly stage: TrainingStage
  readonly preprocessing: Preparation
  readonly counted: LastCounted
}

/** From the server's state after a round to the model of a site; undefined where sites have no models of their own. */
export const personalModels = ({ context, prepared, stages, stage, preprocessing, counted }: Of) => {
  const { spec, dataset, seed } = prepared
  const { algorithm, work, start } = stage
  const steps = spec.evaluate.fineTune ?? (starts.includes(spec.strategy.name) ? 'round' : 0)
  const { modelAt } = algorithm
  if (modelAt === undefined && steps === 0) return undefined
  const stateOf = async (site: NodeId): Promise<unknown> => {
    const last = counted.of(site, 'training')
    const kept = last && (await context.journal.nodeStore(context.run, site).after(TRAIN, last.round, last.attempt))
    return kept === undefined ? algorithm.local.init(start) : algorithm.local.codec.decode(kept.state)
  }
  return (state: unknown, round: number) =>
    async (site: DealtSite): Promise<Params> => {
      const { layout, values } = modelAt === undefined ? algorithm.model(state) : modelAt(state, await stateOf(site.name))
      if (steps === 0) return { layout, values }
      const node = {
        id: site.name,
        site: await stages.trainingSite(preprocessing, dataset, site.train),
        seed: nodeSeed(seed, round, site.name).split('fine tuning'),
        basedOn: round,
        signal: context.signal,
      }
      return { layout, values: (await work(node, { values, numbers: steps === 'round' ? {} : { steps }, vectors: {} })).values }
    }
}
