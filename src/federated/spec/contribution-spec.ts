// Who added how much, round by round.
import { z } from 'zod'

const orders = z.int().min(1).optional().describe('Most orders of sites that are tried. Absent: 100 a site.')
const truncation = z.number().min(0).default(0.001).describe('What is this near to the whole round’s worth counts as all of it.')

/** How each round’s worth is shared out over its sites. */
export const contributionSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('leaveOneOut') }).describe('What the round is worth less without the site.'),
    z.strictObject({ kind: z.literal('shapley') }).describe('Shapley values, exactly, for up to ten sites in a round.'),
    z
      .strictObject({ kind: z.literal('truncatedMonteCarlo'), orders, truncation })
      .describe('Shapley values from random orders (Ghorbani and Zou 2019).'),
    z
      .strictObject({ kind: z.literal('gtg'), orders, truncation })
      .describe('Shapley values from guided orders; rounds that moved nothing are not looked at (Liu et al. 2022).'),
    z
      .strictObject({
        kind: z.literal('fedCon'),
        cap: z.number().min(1).optional().describe('No share above this many times 1/n. Absent: no cap.'),
      })
      .describe('FedCon’s: normalised inverse training losses, as the sites tell them.'),
  ])
  .optional()
  .describe(
    'Who contributed how much in each round. A coalition of sites is worth minus the loss, on test rows, of the mean of its models. Absent: not measured. Needs sum: plain, and one machine.',
  )

/** A way to share out what a round was worth. */
export type ContributionSpec = NonNullable<z.output<typeof contributionSchema>>
