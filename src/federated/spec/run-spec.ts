// A run is data. This is its envelope: everything about a run that needs neither a model nor a data set to be understood.
// Tasks compose their own parts (task, partition, split, model, local) into it: see `runSpecSchema` in the tasks room. Every default is written once, here or in a task.
import { z } from 'zod'
import { compressionSchema, strategySchema } from './strategy-spec.ts'

/** Who takes part in a round. */
export const cohortSchema = z
  .strictObject({
    size: z.int().min(1).optional().describe('Sites chosen for each round, uniformly at random. Absent: all of them.'),
    fraction: z
      .number()
      .positive()
      .max(1)
      .optional()
      .describe('The same as a share of all sites, rounded, at least 1. Not together with size.'),
    quorum: z.int().min(1).optional().describe('Fewest updates that make a round. Absent: every chosen site.'),
    deadlineSeconds: z.number().positive().default(600).describe('A round that takes longer is aborted.'),
  })
  .describe('Who takes part in a round.')

/** The parts of a run spec that this room owns, as a zod shape: `z.strictObject({ ...taskParts, ...envelopeShape })`. */
export const envelopeShape = {
  version: z.literal(1).default(1).describe('Version of this format.'),
  strategy: strategySchema.prefault({ name: 'fedavg' }),
  compression: compressionSchema.prefault({ kind: 'none' }),
  privacy: z.literal('none').default('none').describe('Differential privacy. None yet: the model may remember single patients.'),
  sum: z.literal('plain').default('plain').describe('How updates are added up. plain: the coordinator can read each site’s update.'),
  cohort: cohortSchema.prefault({}),
  schedule: z.literal('sync').default('sync').describe('When a round ends. sync: when every chosen site has answered.'),
  rounds: z.int().min(1).default(20).describe('Rounds of federated training.'),
  seed: z.int().min(0).default(1).describe('The root of all reproducible randomness of the run.'),
  engine: z
    .strictObject({
      kind: z.enum(['native', 'reference']).default('native').describe('native: ONNX Runtime. reference: plain float64 loops, slow.'),
      workers: z
        .int()
        .min(1)
        .max(64)
        .default(1)
        .describe('Worker threads. Does not change the result, and is not part of the spec’s hash.'),
    })
    .prefault({})
    .describe('What computes.'),
  evaluate: z
    .strictObject({ every: z.int().min(0).default(1).describe('Rounds between evaluations on test rows; 0: only after the last round.') })
    .prefault({})
    .describe('When the model is measured.'),
} as const

/** The envelope alone, resolved: what the run loop reads of a spec. */
export type RunEnvelope = z.output<z.ZodObject<typeof envelopeShape>>
