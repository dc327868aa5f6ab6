// Who takes part in a round, when a round ends, and when a run does.
import { z } from 'zod'

/** Who takes part in a round. */
export const cohortSchema = z
  .strictObject({
    size: z.int().min(1).optional().describe('Sites chosen for each round. Absent: all of them.'),
    fraction: z
      .number()
      .positive()
      .max(1)
      .optional()
      .describe('The same as a share of all sites, rounded, at least 1. Not together with size.'),
    choose: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('uniform') }).describe('Each as likely as any other.'),
        z.strictObject({ kind: z.literal('bySize') }).describe('The more likely, the more rows (Li et al. 2020).'),
        z
          .strictObject({
            kind: z.literal('powerOfChoice'),
            candidates: z.int().min(1).describe('Drawn by size; those with the highest loss when last heard of take part.'),
          })
          .describe('Where the loss is high (Cho et al. 2022). Needs sum: plain.'),
        z
          .strictObject({
            kind: z.literal('utility'),
            exploration: z.number().min(0).max(1).default(0.1).describe('Share of places for sites that were never chosen.'),
            seconds: z.number().positive().optional().describe('That a round’s work should take at most. Absent: time does not count.'),
            penalty: z.number().min(0).default(2).describe('The more, the less slow sites count.'),
          })
          .describe('By rows and loss, speed, and when they were last chosen (Oort, Lai et al. 2021). Needs sum: plain.'),
        z
          .strictObject({ kind: z.literal('withinTime'), seconds: z.number().positive() })
          .describe('Sites whose work is expected to be done in so many seconds, by chance (FedCS, Nishio and Yonetani 2019).'),
      ])
      .prefault({ kind: 'uniform' })
      .describe('By which rule they are chosen.'),
    extra: z
      .int()
      .min(0)
      .default(0)
      .describe(
        'Sites chosen beyond size: the round takes the first. In one process the first by the clock below, over a network those that answer first.',
      ),
    quorum: z.int().min(1).optional().describe('Fewest updates that make a round. Absent: every chosen site.'),
    maxRows: z
      .int()
      .min(1)
      .max(2 ** 30)
      .default(2 ** 20)
      .describe('Most training rows that a cohort holds: a public bound on sums. The larger, the coarser their last bits.'),
    deadlineSeconds: z
      .number()
      .positive()
      .default(600)
      .describe(
        'How long a step of a round waits for sites. Who is later is left out; with fewer than the quorum left, the round is tried again.',
      ),
    floor: z
      .strictObject({
        cpus: z.int().min(1).optional(),
        freeMemoryBytes: z.number().positive().optional(),
        freeDiskBytes: z.number().positive().optional(),
      })
      .optional()
      .describe('The least that a machine must have. In an alliance a site below it does not take part, and says so.'),
  })
  .describe('Who takes part in a round.')

/** When a round ends. */
export const scheduleSchema = z
  .union([
    z.literal('sync'),
    z.strictObject({
      kind: z.literal('buffered'),
      size: z.int().min(1).default(1).describe('Updates that make a round.'),
      maxStaleness: z
        .int()
        .min(1)
        .default(20)
        .describe('Rounds that a site’s model may be old: a round waits for a site that would get older.'),
    }),
  ])
  .default('sync')
  .describe(
    'When a round ends. sync: when every chosen site has answered. buffered: with so many updates, for fedbuff and fedasync; cohort.size does not count then.',
  )

/** Virtual time. */
export const clockSchema = z
  .strictObject({
    spread: z.number().min(0).default(0.5).describe('How unlike the sites’ speeds are: standard deviation of their logarithm.'),
    seconds: z.record(z.string(), z.number().positive()).optional().describe('Of a round’s work, for sites where they are known.'),
  })
  .prefault({})
  .describe('How long work takes, where choices and schedules need to know it beforehand: by rows, and speeds drawn from the seed.')

/** When a run ends before its last round. */
export const stoppingSchema = z
  .strictObject({
    patience: z.int().min(1).optional().describe('Rounds without a better training loss after which the run ends. Absent: it does not.'),
    least: z.number().min(0).default(0).describe('What counts as better: lower by more than this share.'),
    keep: z
      .enum(['last', 'best'])
      .default('last')
      .describe('The model that the run ends with: of its last round, or of the one with the lowest loss.'),
  })
  .prefault({})
  .describe('When a run ends before its last round, by the mean training loss: test rows are never looked at.')
