// Which formulation of each of a convolution's three products is fastest for which shape: a table from measurements (one thread, ONNX Runtime 1.30).
import { inputOf } from '../graph/node.ts'
import { sizeOf } from '../graph/shape.ts'
import type { ConvGeometry } from '../ops/convolution.ts'
import type { Shape } from '../types.ts'
import { convolutionForms, FOLDED, flippedPadding, type Formulations } from './convolution-forms.ts'
import type { Lowering } from './lowering.ts'

/** What decides: rank of the map, its size, and how the filter moves. */
interface Situation {
  readonly rank: number
  /** Elements of one channel's output map. */
  readonly map: number
  readonly taps: number
  readonly channels: number
  /** Whether input and output maps together have fewer elements than the filter. */
  readonly lightMaps: boolean
  readonly plain: boolean
  readonly strided: boolean
}

const situation = (dy: Shape, weight: Shape, { stride, dilation, groups }: ConvGeometry): Situation => ({
  rank: weight.length - 2,
  map: sizeOf(dy.slice(2)),
  taps: sizeOf(weight.slice(2)),
  channels: weight[1] ?? 1,
  lightMaps: (dy[0] ?? 1) * sizeOf(dy.slice(2)) * ((weight[0] ?? 1) + (weight[1] ?? 1)) < sizeOf(weight),
  plain: groups === 1 && dilation.every((d) => d === 1),
  strided: stride.some((s) => s !== 1),
})

/**
 * The table, from measurements with one thread on three processors (Xeon with AVX-512, Zen 5 with AVX-512, Zen 3 with AVX2; where they differ, the newer). GFLOP/s of the
 * first choice against the next: 512 channels on 2×2, batch 32: conv folded 205, direct 57; input gradient transposedFolded 60, mirrored 45, flipped 12; 64 channels on 16×16:
 * flipped 181, transposed 156; 5×5 filters on 14×14: transposed 152, flipped 120; 3×3×3 filters on 14×14×14, on a busy machine: flipped 33, transposed 9; filter gradient of
 * 3×3 on 16×16: taps 66, depth 45, columns 38; on 8×8: taps 75, depth 64; on 4×4: depth 77, taps 70; of 5×5 on 14×14: taps 72, depth 55; of 3×3×3 on 14×14×14: taps 39,
 * swapped 22; of 1×1: columns 89, depth 58.
 */
export const chooseForms = {
  conv: ({ rank, map, plain }: Situation): Formulations['conv'] => (rank === 2 && plain && map <= FOLDED ? 'folded' : 'direct'),
  convInputGrad: ({ rank, map, plain, taps, lightMaps, strided }: Situation, fits: boolean): Formulations['convInputGrad'] => {
    if (strided || !fits) return rank === 2 && plain && map <= 15 ? 'transposedFolded' : 'transposed'
    if (rank === 2 && plain && taps > 1 && lightMaps) return map <= 4 ? 'transposedFolded' : 'mirrored'
    return plain && rank === 2 && taps > 9 && map >= 64 ? 'transposed' : 'flipped'
  },
  convFilterGrad: ({ rank, map, plain, taps, channels, strided }: Situation): Formulations['convFilterGrad'] => {
    if (!plain) return rank > 2 ? 'swapped' : 'depth'
    if (taps === 1 && rank < 3) return 'columns'
    if (!strided && map >= 48 && channels >= 16) return 'taps'
    return rank > 2 ? 'swapped' : 'depth'
  },
}

/** Padding beyond the filter's reach cannot be turned into padding of the turned filter. */
const reaches = (geometry: ConvGeometry, ws: Shape): boolean => flippedPadding(geometry, ws).every((p) => p >= 0)

/** Lowerings of the three products. `forced` overrides the table, to compare formulations. */
export const convolutionLowerings = (
  forced: Partial<Formulations> = {},
): {
  readonly conv: Lowering<'conv'>
  readonly convInputGrad: Lowering<'convInputGrad'>
  readonly convFilterGrad: Lowering<'convFilterGrad'>
} => ({
  conv: (node, inputs, to) => {
    const form = forced.conv ?? chooseForms.conv(situation(node.shape, inputOf(node, 1).shape, node.attributes))
    return convolutionForms.conv[form](node, inputs, to)
  },
  convInputGrad: (node, inputs, to) => {
    const [dys, ws] = [inputOf(node, 0).shape, inputOf(node, 1).shape]
    const form = forced.convInputGrad ?? chooseForms.convInputGrad(situation(dys, ws, node.attributes), reaches(node.attributes, ws))
    return convolutionForms.convInputGrad[form](node, inputs, to)
  },
  convFilterGrad: (node, inputs, to) => {
    const form = forced.convFilterGrad ?? chooseForms.convFilterGrad(situation(inputOf(node, 1).shape, node.shape, node.attributes))
    return convolutionForms.convFilterGrad[form](node, inputs, to)
  },
})
