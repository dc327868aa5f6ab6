// The whole run spec: the envelope of federated/spec with the parts that know tasks, data and models. ONE schema: files, overrides, the command line, editors
// (schema/run-spec.schema.json) and the API all read this one.
import { z } from 'zod'
import { envelopeShape } from '../federated/spec/index.ts'

const columnSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('numeric'), name: z.string().min(1) }),
  z.strictObject({
    kind: z.literal('categorical'),
    name: z.string().min(1),
    levels: z.array(z.string()).min(1).optional().describe('Absent: the levels that occur.'),
  }),
])

/** A person's own table, as `yimeng init` writes it. Paths are relative to the spec file. */
export const tableSchema = z.strictObject({
  name: z.string().min(1).default('table').describe('What messages call it.'),
  files: z
    .array(
      z.union([
        z.string().min(1),
        z.strictObject({ path: z.string().min(1), site: z.string().min(1).describe('Site that all its rows belong to.') }),
      ]),
    )
    .min(1)
    .describe('CSV files with a header line: one, or one for each site.'),
  label: columnSchema.describe('The column to predict: categorical for classes, numeric for a number.'),
  features: z.array(columnSchema).min(1).describe('Columns to predict from.'),
  site: z.string().min(1).optional().describe('Column that names the site of a row.'),
  patient: z.string().min(1).optional().describe('Column that names the patient: rows of one patient stay on one side of a split.'),
  missing: z.array(z.string()).optional().describe('Texts that mean a missing value.'),
})
export type TableSpec = z.output<typeof tableSchema>

/** How rows are spread over sites. */
export const partitionSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('natural') }).describe('The sites that the data name.'),
    z.strictObject({ kind: z.literal('iid'), sites: z.int().min(1) }).describe('Rows at random.'),
    z
      .strictObject({ kind: z.literal('dirichlet'), sites: z.int().min(1), alpha: z.number().positive().default(0.5) })
      .describe('Class shares of each site drawn from Dirichlet(alpha); small alpha: very different sites.'),
    z
      .strictObject({ kind: z.literal('labelShards'), sites: z.int().min(1), shardsPerSite: z.int().min(1).default(2) })
      .describe('Rows sorted by label, cut into shards, some shards a site (McMahan et al. 2017).'),
    z
      .strictObject({ kind: z.literal('missingClasses'), sites: z.int().min(1), classesPerSite: z.int().min(1).default(1) })
      .describe('Each site holds only some of the classes.'),
    z
      .strictObject({ kind: z.literal('quantitySkew'), sites: z.int().min(1), alpha: z.number().positive().default(0.5) })
      .describe('Site sizes drawn from Dirichlet(alpha), rows at random.'),
  ])
  .describe('How rows are spread over sites.')
export type PartitionSpec = z.output<typeof partitionSchema>

/** Which rows are for testing. */
export const splitSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z.literal('random'),
        testShare: z.number().gt(0).lt(1).default(0.2),
        seed: z.int().min(0).optional().describe('Absent: drawn from the run’s seed.'),
      })
      .describe('A share of the rows at random, by patient where patients are known.'),
    z.strictObject({ kind: z.literal('given') }).describe('The split that comes with the data.'),
  ])
  .describe('Which rows are for testing.')

export type SplitSpec = z.output<typeof splitSchema>

/** The network. Input and output sizes come from the data. */
export const modelSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({ kind: z.literal('logistic') })
      .describe('One linear layer: logistic regression, softmax regression, or linear regression for a number.'),
    z
      .strictObject({
        kind: z.literal('mlp'),
        hidden: z.array(z.int().min(1)).default([32]),
        activation: z.enum(['relu', 'sigmoid', 'tanh']).default('relu'),
      })
      .describe('Dense layers with an activation between them.'),
  ])
  .describe('The network; its input and output sizes come from the data.')
export type ModelChoice = z.output<typeof modelSchema>

export const optimiserSchema = z
  .discriminatedUnion('name', [
    z.strictObject({
      name: z.literal('sgd'),
      learningRate: z.number().positive().default(0.1),
      momentum: z.number().min(0).lt(1).default(0),
    }),
    z.strictObject({
      name: z.literal('adam'),
      learningRate: z.number().positive().default(0.001),
      beta1: z.number().min(0).lt(1).default(0.9),
      beta2: z.number().min(0).lt(1).default(0.999),
      epsilon: z.number().positive().default(1e-8),
    }),
  ])
  .describe('What a site takes its steps with.')
export type OptimiserSpec = z.output<typeof optimiserSchema>

/** A site's work in one round. */
export const localSchema = z
  .strictObject({
    epochs: z.int().min(1).optional().describe('Passes over the site’s rows. Absent, and steps too: 1.'),
    steps: z.int().min(1).optional().describe('Gradient steps instead of epochs. Not together with epochs.'),
    batch: z.int().min(1).default(16).describe('Rows in a step.'),
    optimiser: optimiserSchema.prefault({ name: 'sgd' }),
    weightDecay: z.number().min(0).default(0).describe('L2 penalty on all parameters.'),
    keepOptimiser: z.boolean().default(false).describe('Whether a site’s optimiser moments live on from round to round.'),
  })
  .describe('A site’s work in one round.')
export type LocalSpec = z.output<typeof localSchema>

/** The whole run spec. Only `task` is needed: a task brings defaults for the rest. */
export const runSpecSchema = z
  .strictObject({
    $schema: z.string().optional().describe('For editors.'),
    task: z
      .union([z.string().min(1), z.strictObject({ table: tableSchema })])
      .describe('A task’s name (breast-cancer, heart-disease, iris, digits), or a table of your own.'),
    partition: partitionSchema.prefault({ kind: 'natural' }),
    split: splitSchema.prefault({ kind: 'random' }),
    model: modelSchema.prefault({ kind: 'mlp' }),
    local: localSchema.prefault({}),
    ...envelopeShape,
  })
  .describe('A Yimeng run.')

/** A complete spec: every default filled in. */
export type RunSpec = z.output<typeof runSpecSchema>
/** A spec as a person writes it: only `task` is needed. */
export type RunSpecInput = z.input<typeof runSpecSchema>
