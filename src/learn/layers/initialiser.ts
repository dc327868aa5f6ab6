// Initial values, as PyTorch's layers draw them (torch.nn.init, `reset_parameters` of each layer).
import { layout, type Params } from '../../algebra/index.ts'
import type { Random, Seed } from '../../base/index.ts'
import { sizeOf } from '../graph/shape.ts'
import type { Shape } from '../types.ts'

/** Fills one tensor. */
export type Initialiser = (values: Float32Array, random: Random) => void

/** A tensor of a model: its name, shape and first values. */
export interface ParameterSpec {
  readonly name: string
  readonly shape: Shape
  readonly initialiser: Initialiser
  /** A running statistic: carried along and aggregated, but not trained. */
  readonly buffer?: boolean
}

/** Uniform in (−bound, bound). */
export const uniform =
  (bound: number): Initialiser =>
  (values, random) => {
    for (let i = 0; i < values.length; i++) values[i] = bound * (2 * random.uniform() - 1)
  }

/** Normal with mean 0. */
export const normal =
  (stddev: number): Initialiser =>
  (values, random) => {
    for (let i = 0; i < values.length; i++) values[i] = stddev * random.normal()
  }

/** One number everywhere. */
export const constantly =
  (value: number): Initialiser =>
  (values) => {
    values.fill(value)
  }

/** PyTorch's default for weights and biases of dense and convolution layers: Kaiming uniform with a = √5, which is uniform within 1/√fan-in (He et al. 2015). */
export const kaimingUniform = (fanIn: number): Initialiser => uniform(1 / Math.sqrt(fanIn))

/** Layout, initial parameters and buffer names of a list of tensors. Each tensor draws from its own child seed, so that adding a layer changes no other's numbers. */
export const parameters = (
  specs: readonly ParameterSpec[],
): { readonly layout: Params['layout']; readonly init: (seed: Seed) => Params; readonly buffers: ReadonlySet<string> } => {
  const arrangement = layout(specs.map(({ name, shape }) => ({ name, shape })))
  return {
    layout: arrangement,
    buffers: new Set(specs.flatMap(({ name, buffer }) => (buffer === true ? [name] : []))),
    init: (seed) => {
      const values = new Float32Array(arrangement.size)
      let offset = 0
      for (const { name, shape, initialiser } of specs) {
        const size = sizeOf(shape)
        initialiser(values.subarray(offset, offset + size), seed.split('init', name).random())
        offset += size
      }
      return { layout: arrangement, values }
    },
  }
}
