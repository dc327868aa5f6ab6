// A plain convolutional network for series, pictures and volumes alike: blocks of convolutions with norm and ReLU, pooling by 2 after each block, then dense layers.
import type { Node } from '../graph/node.ts'
import { convolution, convolutionParameters } from '../layers/convolution.ts'
import { dense, denseParameters } from '../layers/dense.ts'
import { dropout } from '../layers/dropout.ts'
import { parameters } from '../layers/initialiser.ts'
import { batchNormalisation, batchNormParameters, groupNormalisation, normParameters } from '../layers/normalisation.ts'
import { relu } from '../ops/elementwise.ts'
import { globalAveragePool, maxPool } from '../ops/pooling.ts'
import { flatten, transpose } from '../ops/structure.ts'
import type { Shape } from '../types.ts'
import type { Model } from './model.ts'

/** Options of {@link convolutionalNetwork}. */
export interface ConvolutionalOptions {
  /** `[channels, …1 to 3 lengths]`, or `[time, channels]` for series. */
  readonly input: Shape
  /** Channels of each block. */
  readonly channels: readonly number[]
  /** Convolutions of each block, one after another. */
  readonly convolutions: number
  /** Of the first convolution. */
  readonly stride: number
  /** Length of the kernels; odd. */
  readonly kernel: number
  readonly norm: 'none' | 'batch' | 'group'
  /** Dense layer before the last; 0: none. */
  readonly hidden: number
  /** Before the last layer, while training. */
  readonly dropout: number
  /** What the dense layers see: all features, or the mean of each channel. */
  readonly pool: 'none' | 'average'
  readonly outputs: number
}

// group norm: as many groups as divide the channels, at most eight
const groupsOf = (channels: number): number => [8, 4, 2, 1].find((groups) => channels % groups === 0) ?? 1

/** Rows of shape `input` → `[outputs]`. A length below 2 is not pooled. */
export const convolutionalNetwork = (options: ConvolutionalOptions): Model => {
  const { input, channels, convolutions, stride, kernel, norm, hidden, dropout: rate, pool, outputs } = options
  const isSeries = input.length === 2
  const [inputs = 1, ...lengths] = isSeries ? [input[1] ?? 1, input[0] ?? 1] : input
  const rank = lengths.length
  const blocks = channels.map((own, k) => ({
    name: `block${k}`,
    inputs: channels[k - 1] ?? inputs,
    outputs: own,
    stride: k === 0 ? stride : 1,
  }))
  // what is put behind the names of a block's convolutions and norms
  const nths = Array.from({ length: convolutions }, (_, i) => (i === 0 ? '' : `${i + 1}`))
  const sides = blocks.reduce<readonly number[]>(
    (now, block) => now.map((length) => Math.ceil(length / block.stride)).map((length) => (length < 2 ? length : Math.floor(length / 2))),
    lengths,
  )
  const mapped = channels.at(-1) ?? inputs
  const features = pool === 'average' ? mapped : mapped * sides.reduce((product, length) => product * length, 1)
  const normSpecs = norm === 'batch' ? batchNormParameters : norm === 'group' ? normParameters : () => []
  return {
    name: `convnet(${input.join('x')}-${channels.join('-')}${convolutions === 1 ? '' : ` of ${convolutions} convolutions`} kernel ${kernel}, stride ${stride}, ${norm} norm, ${pool} pool-${hidden}-${outputs}, dropout ${rate})`,
    input,
    output: [outputs],
    ...parameters([
      ...blocks.flatMap(({ name, inputs: before, outputs: own }) =>
        nths.flatMap((nth, i) => [
          ...convolutionParameters(`${name}.conv${nth}`, {
            inputs: i === 0 ? before : own,
            outputs: own,
            kernel,
            rank,
            bias: norm === 'none',
          }),
          ...normSpecs(`${name}.norm${nth}`, own),
        ]),
      ),
      ...(hidden === 0 ? [] : denseParameters('fc1', features, hidden)),
      ...denseParameters('fc', hidden === 0 ? features : hidden, outputs),
    ]),
    forward: (_graph, params, x, mode) => {
      const convolved = (h: Node, at: string, nth: string, own: number, step: number): Node => {
        const raw = convolution(params, `${at}.conv${nth}`, h, { stride: step, padding: (kernel - 1) / 2, bias: norm === 'none' })
        if (norm === 'batch') return batchNormalisation(params, `${at}.norm${nth}`, raw, mode)
        return norm === 'group' ? groupNormalisation(params, `${at}.norm${nth}`, raw, groupsOf(own)) : raw
      }
      const block = (h: Node, { name, outputs: own, stride: step }: (typeof blocks)[number]): Node => {
        const last = nths.reduce(
          (before, nth, i) => (i === 0 ? convolved(before, name, nth, own, step) : convolved(relu(before), name, nth, own, 1)),
          h,
        )
        // pooling and ReLU commute; pooled first, ReLU has a part of the work
        const windows = last.shape.slice(2).map((length) => (length < 2 ? 1 : 2))
        return relu(windows.every((window) => window === 1) ? last : maxPool(last, { kernel: windows, stride: windows }))
      }
      const blocked = blocks.reduce(block, isSeries ? transpose(x, [0, 2, 1]) : x)
      const flat = pool === 'average' ? globalAveragePool(blocked) : flatten(blocked)
      const inner = hidden === 0 ? flat : relu(dense(params, 'fc1', flat))
      return dense(params, 'fc', dropout(mode, inner, rate))
    },
  }
}
