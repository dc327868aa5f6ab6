// A run is data. This is its envelope: everything about a run that needs neither a model nor a data set to be understood.
// Tasks compose their own parts (task, partition, split, model, local) into it: see `runSpecSchema` in the tasks room. Every default is written once, here or in a task.
import { z } from 'zod'
import type { Unit } from '../../privacy/index.ts'
import { clockSchema, cohortSchema, scheduleSchema, stoppingSchema } from './cohort-spec.ts'
import { contributionSchema } from './contribution-spec.ts'
import { compressionSchema, strategySchema } from './strategy-spec.ts'

/** Differential privacy of a run. */
export const privacySchema = z
  .union([
    z.literal('none'),
    z.strictObject({
      noise: z
        .enum(['central', 'distributed', 'local', 'dp-sgd'])
        .default('central')
        .describe(
          'Who adds noise, to what. central: the coordinator, to the mean. distributed: each site a share, so that nobody sees less noise; needs sum: masked. local: each site enough for itself. dp-sgd: each site, to every step of its training.',
        ),
      unit: z
        .enum(['site', 'record', 'patient'])
        .optional()
        .describe(
          'Whose presence is hidden. Absent: record with dp-sgd, else site (all that it holds). patient: all rows of one patient at one site.',
        ),
      epsilon: z.number().positive().describe('The run stops before it costs more, at delta.'),
      delta: z.number().gt(0).lt(1).default(1e-5).describe('Far below one over the number of units.'),
      accountant: z
        .enum(['rdp', 'pld'])
        .optional()
        .describe(
          'What adds ε up, in the plan of the noise, in the ledgers and in the report. Absent: rdp. pld: sharper, so that a tenth less noise does; a second a round. Not for distributed noise.',
        ),
      clip: z
        .number()
        .positive()
        .default(1)
        .describe('Longest update, or with dp-sgd longest gradient of one record (L2 norm); longer ones are scaled down.'),
      sampleRate: z
        .number()
        .positive()
        .max(1)
        .default(0.01)
        .describe('dp-sgd: chance of each record, or patient, to be in a step, in the place of local.batch; who was stays at the site.'),
      adaptive: z
        .strictObject({
          quantile: z.number().min(0).max(1).default(0.5),
          learningRate: z.number().positive().default(0.2),
        })
        .optional()
        .describe(
          'clip is the first bound only; it then follows this quantile of the updates’ lengths, told with noise (Andrew et al. 2021).',
        ),
      noiseMultiplier: z
        .number()
        .positive()
        .optional()
        .describe('Noise over sensitivity in each round, or step. Absent: planned so that all rounds keep to epsilon.'),
      statisticsShare: z
        .number()
        .gt(0)
        .lt(1)
        .default(0.1)
        .describe('Share of epsilon that the columns’ statistics take where preprocessing.statistics is noised.'),
      colluding: z.int().min(0).default(0).describe('Sites whose share of distributed noise does not count, because they might tell it.'),
    }),
  ])
  .describe('Differential privacy. none: the model may remember single patients.')

/** Options of differential privacy; `none` without. */
export type PrivacySpec = z.output<typeof privacySchema>

/** Whose presence a spec hides. */
export const unitOf = ({ unit, noise }: Exclude<PrivacySpec, 'none'>): Unit => unit ?? (noise === 'dp-sgd' ? 'record' : 'site')

/** The parts of a run spec that this room owns, as a zod shape: `z.strictObject({ ...taskParts, ...envelopeShape })`. */
export const envelopeShape = {
  version: z.literal(1).default(1).describe('Version of this format.'),
  strategy: strategySchema.prefault({ name: 'fedavg' }),
  compression: compressionSchema.prefault({ kind: 'none' }),
  privacy: privacySchema.default('none'),
  sum: z
    .enum(['plain', 'masked', 'encrypted'])
    .default('plain')
    .describe(
      'How updates are added up. plain: the coordinator can read each site’s update. masked, encrypted: it learns their sum only; masks cost fewest bytes, encryption spares the coordinator work for lost sites.',
    ),
  encryption: z
    .enum(['ckks', 'paillier'])
    .optional()
    .describe(
      'Of encrypted sums. ckks (if absent): for any model, keys made by the sites for each round. paillier: for small models, in one process only, since somebody has to deal its key.',
    ),
  neighbours: z
    .strictObject({
      // below a twentieth, two or three sites around another would be enough
      corrupt: z.number().min(0.05).max(0.6).default(0.2).describe('Share of a round’s sites that tell the coordinator all they know.'),
      dropouts: z.number().min(0).max(0.3).default(0.1).describe('Share of a round’s sites that are lost while the sum is made.'),
    })
    .optional()
    .describe(
      'Of masked sums: each site masks with as few others as withstand this, but for a chance of 2^−40, so that its work hardly grows with the cohort. Absent: with all others up to 255 sites in a round; beyond, as { corrupt: 0.2, dropouts: 0.1 }.',
    ),
  cohort: cohortSchema.prefault({}),
  schedule: scheduleSchema,
  clock: clockSchema,
  stopping: stoppingSchema,
  contribution: contributionSchema,
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
      device: z
        .enum(['cpu', 'cuda', 'webgpu', 'coreml', 'directml'])
        .optional()
        .describe('Where ONNX Runtime computes. Absent: cpu, the only one that is tested and gives the same numbers everywhere.'),
      fallBack: z.boolean().optional().describe('Go on with the CPU, with one warning, where the device is missing. Absent: stop.'),
    })
    .prefault({})
    .describe('What computes.'),
  evaluate: z
    .strictObject({
      every: z.int().min(0).default(1).describe('Rounds between evaluations on test rows; 0: only after the last round.'),
      fineTune: z
        .int()
        .min(0)
        .optional()
        .describe(
          'Steps by which each site fits the model to its own rows before it is measured as the site’s own, beside the common one. Absent: a round’s work for perfedavg and reptile, none else.',
        ),
    })
    .prefault({})
    .describe('When the model is measured.'),
} as const

/** The envelope alone, resolved: what the run loop reads of a spec. */
export type RunEnvelope = z.output<z.ZodObject<typeof envelopeShape>>
