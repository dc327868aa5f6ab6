// What a spec says of augmentation, and the functions that do it: each picture changed a little, anew each time it is trained on.
import { z } from 'zod'
import { type Augmentation, contrast, flip, inTurn, noise, rotate, shift, zoom } from '../data/index.ts'

const factor = z.number().min(0.1).max(10)

/** Changes of pictures and volumes while training, one after another. */
export const augmentSchema = z
  .array(
    z.discriminatedUnion('kind', [
      z
        .strictObject({ kind: z.literal('flip'), axis: z.enum(['left-right', 'up-down']).default('left-right') })
        .describe('Mirrored, every other time.'),
      z.strictObject({ kind: z.literal('rotate'), degrees: z.number().min(0).max(180).default(10) }).describe('By up to so many degrees.'),
      z
        .strictObject({ kind: z.literal('shift'), share: z.number().min(0).max(1).default(0.1) })
        .describe('By up to this share of height and width.'),
      z
        .strictObject({ kind: z.literal('zoom'), smallest: factor.default(0.9), largest: factor.default(1.1) })
        .refine(({ smallest, largest }) => smallest <= largest, { path: ['largest'], error: 'at least the smallest' })
        .describe('By a factor; above 1 is larger.'),
      z
        .strictObject({ kind: z.literal('noise'), stddev: z.number().min(0).max(10).default(0.02) })
        .describe('Normal noise; white is 1, black 0.'),
      z
        .strictObject({ kind: z.literal('contrast'), smallest: factor.default(0.8), largest: factor.default(1.25) })
        .refine(({ smallest, largest }) => smallest <= largest, { path: ['largest'], error: 'at least the smallest' })
        .describe('Stretched about the mean by a factor.'),
      z
        .strictObject({ kind: z.literal('mixup'), alpha: z.number().positive().max(100).default(0.2) })
        .describe('Mixed with another row of the batch by a share from Beta(alpha, alpha), labels too (Zhang et al. 2018).'),
    ]),
  )
  .default([])
  .describe('How pictures and volumes are changed while training, anew each time. Absent: not at all.')

export type AugmentSpec = z.output<typeof augmentSchema>
type Change = Exclude<AugmentSpec[number], { readonly kind: 'mixup' }>

type Makers = { readonly [K in Change['kind']]: (options: Extract<Change, { readonly kind: K }>) => Augmentation }

/** A total table: a kind of the schema that nobody makes does not compile. */
const makers: Makers = {
  flip: ({ axis }) => flip(axis),
  rotate: ({ degrees }) => rotate(degrees),
  shift: ({ share }) => shift(share),
  zoom: ({ smallest, largest }) => zoom(smallest, largest),
  noise: ({ stddev }) => noise(stddev),
  contrast: ({ smallest, largest }) => contrast(smallest, largest),
}

/** The changes of single rows, in turn; undefined: none. */
export const augmentationOf = (spec: AugmentSpec): Augmentation | undefined => {
  const changes = spec.filter((each) => each.kind !== 'mixup')
  if (changes.length === 0) return undefined
  return inTurn(...changes.map((each) => (makers[each.kind] as (options: Change) => Augmentation)(each)))
}

/** The alpha of mixup; undefined: rows are not mixed. */
export const mixupAlpha = (spec: AugmentSpec): number | undefined => spec.find((each) => each.kind === 'mixup')?.alpha
