// Personal layers: some tensors stay at their site, the rest is averaged. Neither way does a personal value travel.
// Arivazhagan, Aggarwal, Singh, Choudhary 2019, "Federated learning with personalization layers", arXiv 1912.00818, algorithm 1 (FedPer): the last layers stay.
// Li, Jiang, Zhang, Kamp, Dou 2021, "FedBN: federated learning on non-IID features via local batch normalization", ICLR, section 3.3: the normalisation layers stay.
//   site k:  w ← (received shared part, own personal part);  train w;  send the shared part, keep the personal part
//   server:  the mean of the shared parts, weighted by rows
import { type Layout, layout as layoutOf, type Params, type RingVector } from '../../algebra/index.ts'
import { float32Codec, YimengError } from '../../base/index.ts'
import { type Mean, type MeanBounds, weightedMean } from '../folds/weighted-mean.ts'
import type { LinearStrategy, Strategy } from '../strategy.ts'
import type { Update } from '../update.ts'
import { fedAvg, type ModelState } from './fed-avg.ts'

/** A strategy whose sites each have a model of their own. */
export interface PersonalStrategy<S, U, Acc, R, N> extends LinearStrategy<S, U, Acc, R, N> {
  /** The model of a site, from the server's state and the site's own. */
  readonly modelAt: (state: S, local: N) => Params
}

/** A strategy whose groups of sites have a model each, and are added up each by itself: for plain sums, see `groupedMean`. */
export interface GroupStrategy<S, U, Acc, R, N> extends Strategy<S, U, Acc, R, N> {
  readonly modelAt: PersonalStrategy<S, U, Acc, R, N>['modelAt']
}

type Personal = PersonalStrategy<ModelState, Update, RingVector, Mean, Float32Array>

/** Options of {@link fedPer} and {@link fedBn}. */
export interface PersonalOptions extends Omit<MeanBounds, 'layout' | 'length'> {
  readonly layout: Layout
  /** Names of tensors that stay at the sites. */
  readonly personal: RegExp
}

/** Shared and personal part of a flat vector, and back. */
export interface Parts {
  readonly shared: Layout
  readonly personal: Layout
  readonly pick: (values: Float32Array, part: 'shared' | 'personal') => Float32Array
  readonly join: (shared: Float32Array, personal: Float32Array) => Float32Array
}

/**
 * Cuts a layout in two by tensor names.
 *
 * @throws YimengError `personal-layers` when all tensors match, or none.
 */
export const parts = (layout: Layout, pattern: RegExp): Parts => {
  // a pattern with g or y would remember where it was
  const isPersonal = (name: string): boolean => new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).test(name)
  const own = layout.entries.filter(({ name }) => isPersonal(name))
  const common = layout.entries.filter(({ name }) => !isPersonal(name))
  // a layout of nothing is asked for a strategy's name only
  if (layout.entries.length > 0 && (own.length === 0 || common.length === 0))
    throw new YimengError({
      code: 'personal-layers',
      cannot: 'keep layers at the sites',
      expected: `some of ${layout.entries.map(({ name }) => name).join(', ')}, not all`,
      got: `${own.length} that match ${pattern.source}`,
    })
  const cut = { shared: layoutOf(common), personal: layoutOf(own) }
  const of = { shared: common, personal: own }
  const pick: Parts['pick'] = (values, part) => {
    const picked = new Float32Array(cut[part].size)
    for (const [i, { offset, size }] of of[part].entries()) picked.set(values.subarray(offset, offset + size), cut[part].entries[i]!.offset)
    return picked
  }
  const join: Parts['join'] = (shared, personal) => {
    const whole = new Float32Array(layout.size)
    for (const [part, values] of [
      ['shared', shared],
      ['personal', personal],
    ] as const)
      for (const [i, { offset, size }] of of[part].entries()) {
        const start = cut[part].entries[i]!.offset
        whole.set(values.subarray(start, start + size), offset)
      }
    return whole
  }
  return { ...cut, pick, join }
}

const personalLayers = (name: string, { layout, personal, ...bounds }: PersonalOptions): Personal => {
  const { shared, pick, join } = parts(layout, personal)
  const average = fedAvg({ ...bounds, layout: shared })
  return {
    ...average,
    name,
    publish: ({ params }) => ({ values: pick(params.values, 'shared'), numbers: {}, vectors: {} }),
    client: {
      init: ({ values }) => pick(values, 'personal'),
      codec: float32Codec,
      update: (work) => async (node, model, own) => {
        const { values, weight, loss } = await work(node, { ...model, values: join(model.values, own) })
        return [{ values: pick(values, 'shared'), weight, ...(loss === undefined ? {} : { loss }) }, pick(values, 'personal')]
      },
    },
    fold: weightedMean({ ...bounds, layout: shared }),
    // the personal tensors of the global model stay as they started: nobody at the server ever sees one
    step: ({ params }, mean) => ({
      params: { layout, values: join(Float32Array.from(mean.values), pick(params.values, 'personal')) },
      loss: mean.loss,
    }),
    modelAt: ({ params }, own) => ({ layout, values: join(pick(params.values, 'shared'), own) }),
  }
}

/** The tensors of these layers: those whose names are one of `names`, or begin with one and a dot. */
export const layersNamed = (names: readonly string[]): RegExp =>
  new RegExp(`^(${names.map((name) => RegExp.escape(name)).join('|')})(\\.|$)`)

/** The last layer: the tensors that share all but the last part of the last tensor's name (`fc2.weight`, `fc2.bias`). */
export const lastLayer = ({ entries }: Layout): RegExp => layersNamed([(entries.at(-1)?.name ?? '').replace(/\.[^.]*$/, '')])

/** FedPer: the tensors that `personal` names, usually the last layers, are each site's own. */
export const fedPer = (options: PersonalOptions): Personal => personalLayers('fedper', options)

/** Names that PyTorch's models give to batch normalisation: `bn1.weight`, `layer1.0.bn2.running_var`, `norm.bias`, `downsample.1.running_mean`. */
export const NORMALISATION = /(^|\.)(bn|norm|batchnorm)\d*(\.|$)|(^|\.)downsample\.1\.|running_(mean|var)$|num_batches_tracked$/i

/** FedBN: normalisation layers are each site's own. `personal` names them; by default {@link NORMALISATION}. */
export const fedBn = ({ personal = NORMALISATION, ...options }: Omit<PersonalOptions, 'personal'> & Partial<PersonalOptions>): Personal =>
  personalLayers('fedbn', { ...options, personal })
