// Residual networks of 18 and 34 layers (He et al. 2016, table 1), with batch norm or group norm. Names as torchvision's, so that its weights fit.
import type { Node } from '../graph/node.ts'
import { convolution, convolutionParameters, type ConvLayer } from '../layers/convolution.ts'
import { dense, denseParameters } from '../layers/dense.ts'
import { normal, type ParameterSpec, parameters } from '../layers/initialiser.ts'
import { batchNormalisation, batchNormParameters, groupNormalisation, normParameters } from '../layers/normalisation.ts'
import { add, relu } from '../ops/elementwise.ts'
import { globalAveragePool, maxPool } from '../ops/pooling.ts'
import type { Mode, Model, ParamNodes } from './model.ts'

/** Options of {@link resnet}. */
export interface ResnetOptions {
  readonly depth: 18 | 34
  readonly channels?: number
  readonly height: number
  readonly width: number
  readonly classes: number
  /** Channels of the first stage, doubled at each of the three others. Default 64, as published; fewer for small sets and slow machines. */
  readonly firstChannels?: number
  /** `group`: 32 groups (half the channels, if fewer); it has gradients of single samples (differential privacy) and no running statistics to average. */
  readonly norm?: 'batch' | 'group'
  /** `large`: 7×7 of stride 2 and max pooling, as for ImageNet. `small`: 3×3 of stride 1, for pictures of about 32×32. */
  readonly stem?: 'large' | 'small'
}

const BLOCKS = { 18: [2, 2, 2, 2], 34: [3, 4, 6, 3] } as const
const GROUPS = 32

/** One residual block: its name, width in and out, and stride. */
interface BlockPlan {
  readonly name: string
  readonly inputs: number
  readonly outputs: number
  readonly stride: number
}

const plan = (depth: 18 | 34, first: number): readonly BlockPlan[] =>
  [1, 2, 4, 8].flatMap((factor, stage) =>
    Array.from({ length: BLOCKS[depth][stage] ?? 0 }, (_, i) => ({
      name: `layer${stage + 1}.${i}`,
      inputs: i > 0 || stage === 0 ? factor * first : (factor / 2) * first,
      outputs: factor * first,
      stride: i === 0 && stage > 0 ? 2 : 1,
    })),
  )

const shortcut = ({ inputs, outputs, stride }: BlockPlan): boolean => stride !== 1 || inputs !== outputs

/** Pictures `[channels, height, width]` → logits. */
export const resnet = (options: ResnetOptions): Model => {
  const { depth, channels = 3, height, width, classes, norm = 'batch', stem = 'large', firstChannels = 64 } = options
  const blocks = plan(depth, firstChannels)
  const stemKernel = stem === 'large' ? 7 : 3
  // torchvision draws convolutions from N(0, 2 / fan-out)
  const conv = (name: string, layer: ConvLayer & { readonly kernel: number }): readonly ParameterSpec[] =>
    convolutionParameters(name, { ...layer, bias: false }).map((spec) => ({
      ...spec,
      initialiser: normal(Math.sqrt(2 / (layer.outputs * layer.kernel ** 2))),
    }))
  const normSpecs = norm === 'batch' ? batchNormParameters : normParameters
  const normalise = (params: ParamNodes, name: string, x: Node, mode: Mode): Node =>
    norm === 'batch' ? batchNormalisation(params, name, x, mode) : groupNormalisation(params, name, x, Math.min(GROUPS, firstChannels / 2))
  return {
    name: `resnet${depth}(${channels}x${height}x${width}-${classes}, ${norm} norm, ${stem} stem${firstChannels === 64 ? '' : `, ${firstChannels} channels`})`,
    input: [channels, height, width],
    output: [classes],
    ...parameters([
      ...conv('conv1', { inputs: channels, outputs: firstChannels, kernel: stemKernel }),
      ...normSpecs('bn1', firstChannels),
      ...blocks.flatMap((block) => [
        ...conv(`${block.name}.conv1`, { inputs: block.inputs, outputs: block.outputs, kernel: 3 }),
        ...normSpecs(`${block.name}.bn1`, block.outputs),
        ...conv(`${block.name}.conv2`, { inputs: block.outputs, outputs: block.outputs, kernel: 3 }),
        ...normSpecs(`${block.name}.bn2`, block.outputs),
        ...(shortcut(block)
          ? [
              ...conv(`${block.name}.downsample.0`, { inputs: block.inputs, outputs: block.outputs, kernel: 1 }),
              ...normSpecs(`${block.name}.downsample.1`, block.outputs),
            ]
          : []),
      ]),
      ...denseParameters('fc', 8 * firstChannels, classes),
    ]),
    forward: (_graph, params, x, mode) => {
      const layer = (convName: string, normName: string, h: Node, stride: number, padding: number): Node =>
        normalise(params, normName, convolution(params, convName, h, { stride, padding, bias: false }), mode)
      const first = relu(layer('conv1', 'bn1', x, stem === 'large' ? 2 : 1, (stemKernel - 1) / 2))
      const residual = (h: Node, block: BlockPlan): Node => {
        const inner = relu(layer(`${block.name}.conv1`, `${block.name}.bn1`, h, block.stride, 1))
        const skip = shortcut(block) ? layer(`${block.name}.downsample.0`, `${block.name}.downsample.1`, h, block.stride, 0) : h
        return relu(add(layer(`${block.name}.conv2`, `${block.name}.bn2`, inner, 1, 1), skip))
      }
      const pooled = stem === 'large' ? maxPool(first, { kernel: 3, stride: 2, padding: 1 }) : first
      return dense(params, 'fc', globalAveragePool(blocks.reduce(residual, pooled)))
    },
  }
}
