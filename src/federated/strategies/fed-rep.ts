// FedRep: sites share what a model sees (its body) and each decides on its own (its head); head and body are trained in turn.
// Collins, Hassani, Mokhtari, Shakkottai 2021, "Exploiting shared representations for personalized federated learning", ICML, algorithm 1:
//   site k:  τ steps of its own head, the body as received;   then one pass (here τ′ steps) of the body, the head at rest;   server:  the mean of the bodies
// A part at rest is put back after every step, so a step is work of its own: plain SGD, exactly; an optimiser with a memory would start afresh each step.
import type { RingVector } from '../../algebra/index.ts'
import type { Mean } from '../folds/weighted-mean.ts'
import type { Update } from '../update.ts'
import type { ModelState } from './fed-avg.ts'
import { count } from './option.ts'
import { fedPer, parts, type PersonalOptions, type PersonalStrategy } from './personal.ts'

/** Options of {@link fedRep}. */
export interface FedRepOptions extends PersonalOptions {
  /** τ. */
  readonly headSteps: number
  /** τ′. */
  readonly bodySteps: number
}

/** FedRep: `personal` names the head's tensors. */
export const fedRep = ({
  headSteps,
  bodySteps,
  ...options
}: FedRepOptions): PersonalStrategy<ModelState, Update, RingVector, Mean, Float32Array> => {
  count('FedRep', 'headSteps', headSteps)
  count('FedRep', 'bodySteps', bodySteps)
  const { pick, join } = parts(options.layout, options.personal)
  const base = fedPer(options)
  return {
    ...base,
    name: 'fedrep',
    client: {
      ...base.client,
      update: (work) => async (node, model, own) => {
        let [body, head] = [model.values, own]
        let [weight, losses] = [1, 0]
        for (let t = 0; t < headSteps + bodySteps; t += 1) {
          const published = { values: join(body, head), numbers: { steps: 1 }, vectors: {} }
          const trained = await work({ ...node, seed: node.seed.split('step', t) }, published)
          if (t < headSteps) head = pick(trained.values, 'personal')
          else body = pick(trained.values, 'shared')
          weight = trained.weight
          losses += trained.loss ?? Number.NaN
        }
        return [{ values: body, weight, ...(Number.isNaN(losses) ? {} : { loss: losses / (headSteps + bodySteps) }) }, head]
      },
    },
  }
}
