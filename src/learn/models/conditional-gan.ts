// A conditional generative adversarial network of dense layers (Mirza and Osindero 2014): a generator that makes a sample of a wanted class from noise, and a
// discriminator that tells samples from data. The class is the last input column; it is embedded and joined to the rest.
import { batchNormalisation, batchNormParameters } from '../layers/normalisation.ts'
import { dense, denseParameters } from '../layers/dense.ts'
import { dropout } from '../layers/dropout.ts'
import { embedding, embeddingParameters } from '../layers/embedding.ts'
import { parameters } from '../layers/initialiser.ts'
import type { Node } from '../graph/node.ts'
import { leakyRelu } from '../ops/activation.ts'
import { tanh } from '../ops/elementwise.ts'
import { concat, reshape, slice } from '../ops/structure.ts'
import type { Model, ParamNodes } from './model.ts'

/** The input without its last column, joined with the vector of the class that stands there. */
const conditioned = (params: ParamNodes, x: Node): Node => {
  const [batch = 1, columns = 1] = x.shape
  const label = reshape(slice(x, 1, columns - 1, columns), [batch])
  return concat([slice(x, 1, 0, columns - 1), embedding(params, 'label', label)], 1)
}

/** Options of {@link conditionalGenerator}. */
export interface GeneratorOptions {
  /** Numbers of noise. */
  readonly latent: number
  readonly classes: number
  readonly hidden: readonly number[]
  readonly outputs: number
  /** Batch norm between the layers but the first; without it each sample is on its own. */
  readonly batchNorm?: boolean
}

/** `[latent + 1]` (noise and class) → a sample in (−1, 1). */
export const conditionalGenerator = ({ latent, classes, hidden, outputs, batchNorm = true }: GeneratorOptions): Model => {
  const widths = [latent + classes, ...hidden, outputs]
  const norm = (k: number): boolean => batchNorm && k > 0 && k < hidden.length
  return {
    name: `conditionalGenerator(${widths.join('-')}, ${classes} classes${batchNorm ? ', batch norm' : ''})`,
    input: [latent + 1],
    output: [outputs],
    ...parameters([
      ...embeddingParameters('label', classes, classes),
      ...widths
        .slice(1)
        .flatMap((width, k) => [
          ...denseParameters(`layer${k}`, widths[k] ?? 1, width),
          ...(norm(k) ? batchNormParameters(`norm${k}`, width) : []),
        ]),
    ]),
    forward: (_graph, params, x, mode) => {
      let h = conditioned(params, x)
      for (let k = 0; k <= hidden.length; k++) {
        h = dense(params, `layer${k}`, h)
        if (norm(k)) h = batchNormalisation(params, `norm${k}`, h, mode)
        if (k < hidden.length) h = leakyRelu(h, 0.2)
      }
      return tanh(h)
    },
  }
}

/** Options of {@link conditionalDiscriminator}. */
export interface DiscriminatorOptions {
  readonly inputs: number
  readonly classes: number
  readonly hidden: readonly number[]
  readonly dropout?: number
}

/** `[inputs + 1]` (a sample and its class) → one logit: real (above 0) or made. */
export const conditionalDiscriminator = ({ inputs, classes, hidden, dropout: rate = 0.4 }: DiscriminatorOptions): Model => {
  const widths = [inputs + classes, ...hidden, 1]
  return {
    name: `conditionalDiscriminator(${widths.join('-')}, ${classes} classes, dropout ${rate})`,
    input: [inputs + 1],
    output: [1],
    ...parameters([
      ...embeddingParameters('label', classes, classes),
      ...widths.slice(1).flatMap((width, k) => denseParameters(`layer${k}`, widths[k] ?? 1, width)),
    ]),
    forward: (_graph, params, x, mode) => {
      let h = conditioned(params, x)
      for (let k = 0; k <= hidden.length; k++) {
        h = dense(params, `layer${k}`, h)
        if (k < hidden.length) h = dropout(mode, leakyRelu(h, 0.2), k === 0 ? 0 : rate)
      }
      return h
    },
  }
}
