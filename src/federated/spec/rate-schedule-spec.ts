// How a learning rate changes from round to round: a site's, and the server's.
import { z } from 'zod'

const warmUp = z.int().min(0).default(0).describe('First rounds in which the rate rises evenly to its full size.')

/** How a learning rate changes from round to round. */
export const rateScheduleSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('constant'), warmUp }),
    z
      .strictObject({ kind: z.literal('cosine'), rounds: z.int().min(1).describe('Round at whose end the rate is 0.'), warmUp })
      .describe('Falls to 0 along half a cosine (Loshchilov and Hutter 2017).'),
    z
      .strictObject({ kind: z.literal('step'), every: z.int().min(1), factor: z.number().positive().default(0.1), warmUp })
      .describe('Multiplied by the factor after so many rounds, again and again.'),
  ])
  .describe('How the learning rate changes from round to round. Absent: not at all.')
export type RateScheduleSpec = z.output<typeof rateScheduleSchema>
