// The glue for differential privacy of single records or patients: a trainer's per-sample steps become the local work of a federated round (DP-SGD, Abadi et al. 2016).
// Everything that leaves the site is computed from noised steps alone: the trained model. The mean loss is not, and stays; the number of rows is taken to be public.
// A patient with several rows brings one of them, drawn anew, to each step it is in: its clipped gradient is then one contribution, whatever the number of its rows.
import type { Layout } from '../algebra/index.ts'
import { type Csprng, YimengError } from '../base/index.ts'
import type { LocalWork } from '../federated/index.ts'
import type { BatchOrder, Trainer } from '../learn/index.ts'
import type { SampledGaussian } from '../privacy/index.ts'
import type { TrainingSite } from './label-skew.ts'
import type { LocalSpec } from './run-spec.ts'
import { epochOver } from './training-rows.ts'

/** What private steps are taken with. */
export interface PrivateSteps {
  readonly mechanism: SampledGaussian
  /** Largest L2 norm of a record's gradient. */
  readonly clip: number
  /** Of a round: public, since each costs. */
  readonly steps: number
  readonly unit: 'record' | 'patient'
  readonly rng: Csprng
}

/** Rows by unit: `rows[u]` are those of unit u. */
type Units = readonly ArrayLike<number>[]

/** One list for each patient, in order of first appearance. */
const byPatient = (patients: readonly string[]): Units => {
  const lists = new Map<string, number[]>()
  for (const [row, patient] of patients.entries()) {
    const list = lists.get(patient)
    if (list === undefined) lists.set(patient, [row])
    else list.push(row)
  }
  return [...lists.values()]
}

// noise is drawn for several steps at once: 2^23 numbers are 32 MiB
const MOST_NOISE = 2 ** 23
/** Standard deviations above the expected size that a batch's graph has room for: a larger sample, one in 30,000, gets a graph of its own. */
const ROOM = 4

/** The sizes that graphs are made for: few of them, at most an eighth too large. */
const roundedUp = (size: number): number => {
  const grain = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, size))) - 3)
  return Math.ceil(size / grain) * grain
}

/** Samples as batches of one size, padded with row 0 at weight 0. */
const orderOf = (samples: readonly ArrayLike<number>[], room: number): BatchOrder => {
  const batch = roundedUp(Math.max(1, room, ...samples.map(({ length }) => length)))
  const indices = new Int32Array(samples.length * batch)
  const weights = new Float32Array(samples.length * batch)
  for (const [step, rows] of samples.entries()) {
    indices.set(rows, step * batch)
    weights.fill(1, step * batch, step * batch + rows.length)
  }
  return { steps: samples.length, batch, indices, weights }
}

/**
 * Trains the received model in private steps, with a fresh optimiser. Weight: the rows. Honours `proximal` and `rate`, which do not depend on rows.
 *
 * Rejects with YimengError `diverged` as the engine does, `per-sample` for a model whose samples mix, `model-size`, `private-steps` for a server that asks for other steps,
 * `private-patients` for a site that does not know its patients.
 */
export const privateWork =
  (trainer: Trainer, layout: Layout, local: Pick<LocalSpec, 'optimiser'>, how: PrivateSteps): LocalWork<TrainingSite> =>
  async (node, published) => {
    const { mechanism, clip, steps, unit, rng } = how
    const where = { site: node.id }
    if (published.values.length !== layout.size) {
      const expected = `${layout.size} parameters`
      throw new YimengError({ code: 'model-size', cannot: 'train', expected, got: String(published.values.length), where })
    }
    const { proximal, rate = 1, steps: asked = steps } = published.numbers
    if (asked !== steps)
      throw new YimengError({
        code: 'private-steps',
        cannot: 'train',
        expected: `the ${steps} steps that were planned`,
        got: String(asked),
        where,
      })
    const { anchor = published.values } = published.vectors
    const { train, patients } = node.site
    if (unit === 'patient' && patients === undefined)
      throw new YimengError({
        code: 'private-patients',
        cannot: 'protect patients',
        expected: 'rows that name their patient',
        got: 'none',
        where,
      })
    const units = unit === 'patient' && patients !== undefined ? byPatient(patients) : undefined
    const count = units?.length ?? train.rows
    const draw = (): ArrayLike<number> => {
      const sample = mechanism.sample(count, rng)
      if (units === undefined) return sample
      return sample.map((at) => {
        const rows = units[at] ?? []
        return rows[rng.integer(rows.length)] ?? 0
      })
    }
    const expected = mechanism.probability * count
    const room = Math.min(count, Math.ceil(expected + ROOM * Math.sqrt(expected * (1 - mechanism.probability))))
    const atOnce = Math.max(1, Math.min(steps, Math.floor(MOST_NOISE / layout.size)))
    let state = trainer.start({ layout, values: published.values })
    for (let done = 0; done < steps; done += atOnce) {
      node.signal.throwIfAborted()
      const now = Math.min(atOnce, steps - done)
      const hyper = {
        learningRate: rate * local.optimiser.learningRate,
        perSample: { clip, denominator: Math.max(1, expected), noise: mechanism.noise({ steps: now, length: layout.size, clip }, rng) },
        ...(proximal === undefined ? {} : { proximal, anchor }),
      }
      const order = orderOf(Array.from({ length: now }, draw), room)
      const result = await epochOver(trainer, state, train, order, hyper, node.seed.split('epoch', done))
      state = result.state
    }
    return { values: state.params.values, weight: train.rows, steps }
  }
