// A small 3-D convolutional network for volumes such as 28³ scans: three stages of two 3×3×3 convolutions with group norm, halved between, then the global mean.
import { convolution, convolutionParameters } from '../layers/convolution.ts'
import { dense, denseParameters } from '../layers/dense.ts'
import { parameters } from '../layers/initialiser.ts'
import { groupNormalisation, normParameters } from '../layers/normalisation.ts'
import type { Node } from '../graph/node.ts'
import { relu } from '../ops/elementwise.ts'
import { globalAveragePool } from '../ops/pooling.ts'
import type { Model } from './model.ts'

/** Options of {@link volumeCnn}. */
export interface VolumeCnnOptions {
  readonly side: number
  readonly channels?: number
  readonly classes: number
  /** Channels of the first stage, doubled at each; a multiple of 4. */
  readonly width?: number
}

/** Volumes `[channels, side, side, side]` → logits. */
export const volumeCnn = ({ side, channels = 1, classes, width = 16 }: VolumeCnnOptions): Model => {
  // the first convolution of each stage but the first halves the sides
  const plan = [0, 1, 2].flatMap((stage) => {
    const outputs = width * 2 ** stage
    return [
      { name: `stage${stage}.0`, inputs: stage === 0 ? channels : outputs / 2, outputs, stride: stage === 0 ? 1 : 2 },
      { name: `stage${stage}.1`, inputs: outputs, outputs, stride: 1 },
    ]
  })
  return {
    name: `volumeCnn(${channels}x${side}^3-${width}-${classes})`,
    input: [channels, side, side, side],
    output: [classes],
    ...parameters([
      ...plan.flatMap(({ name, inputs, outputs }) => [
        ...convolutionParameters(`${name}.conv`, { inputs, outputs, kernel: 3, rank: 3, bias: false }),
        ...normParameters(`${name}.norm`, outputs),
      ]),
      ...denseParameters('fc', 4 * width, classes),
    ]),
    forward: (_graph, params, x) => {
      const layer = (h: Node, { name, stride }: (typeof plan)[number]): Node =>
        relu(groupNormalisation(params, `${name}.norm`, convolution(params, `${name}.conv`, h, { stride, padding: 1, bias: false }), 4))
      return dense(params, 'fc', globalAveragePool(plan.reduce(layer, x)))
    },
  }
}
