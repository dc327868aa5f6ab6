// The whole run spec: the envelope of federated/spec with the parts that know tasks, data and models. ONE schema: files, overrides, the command line, editors
// (schema/run-spec.schema.json) and the API all read this one.
import { z } from 'zod'
import { envelopeShape, rateScheduleSchema } from '../federated/spec/index.ts'
import { modelSchema } from './model-schema.ts'
import { augmentSchema } from './augmentation.ts'

const columnNotes = {
  name: z.string().min(1),
  unit: z.string().optional(),
  description: z.string().optional(),
  missing: z.array(z.string()).optional().describe('Cells of this column that mean a missing value, beside the usual ones.'),
}
const columnSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('numeric'),
    range: z
      .tuple([z.number(), z.number()])
      .optional()
      .describe('Where its values lie, known without looking at the data: for preprocessing.statistics public and noised.'),
    ...columnNotes,
  }),
  z.strictObject({
    kind: z.literal('categorical'),
    levels: z.array(z.string()).min(1).describe('All categories, in order.'),
    ...columnNotes,
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
  delimiter: z.string().length(1).optional().describe('Absent: found out.'),
  encoding: z.string().min(1).optional().describe('utf-8 (default), gb18030, big5, …'),
  label: columnSchema.describe(
    'The column to predict: categorical for classes (of two, the second is the positive one), numeric for a number.',
  ),
  features: z.array(columnSchema).min(1).describe('Columns to predict from.'),
  site: z.string().min(1).optional().describe('Column that names the site of a row.'),
  patient: z.string().min(1).optional().describe('Column that names the patient: rows of one patient stay on one side of a split.'),
  missing: z.array(z.string()).optional().describe('Cells that mean a missing value in any column.'),
})
export type TableSpec = z.output<typeof tableSchema>

/** A person's own pictures or volumes, as `yimeng init` writes it. Paths are relative to the spec file. */
export const imagesSchema = z
  .strictObject({
    name: z.string().min(1).optional().describe('What messages call it. Absent: the folder’s or file’s name.'),
    folder: z.string().min(1).optional().describe('Folders of pictures: class/, site/class/, or train/class/ and test/class/.'),
    npz: z.string().min(1).optional().describe('Instead of a folder: a NumPy file with images and labels.'),
    shape: z
      .array(z.int().min(1))
      .min(3)
      .max(4)
      .describe('[channels, height, width], or [channels, depth, height, width]: pictures are resized to it.'),
    window: z
      .strictObject({ centre: z.number(), width: z.number().positive() })
      .optional()
      .describe('Intensities from black to white, as for CT. Absent: the range that each picture comes with.'),
    distance: z
      .number()
      .positive()
      .optional()
      .describe(
        'For shapes, white on black: each sample becomes its distance to the nearest black one, in samples of the file; this distance is white. A second channel holds the squares, a third the cubes. Absent: as they are.',
      ),
    scans: z.boolean().optional().describe('The last folders hold the slices of one scan each.'),
    classes: z
      .array(z.string())
      .min(2)
      .optional()
      .describe(
        'Names of the classes 0, 1, … of a NumPy file. Of folders: all classes that any site has, so that no party of an alliance reads pictures to know them.',
      ),
    positive: z.string().optional().describe('The folder’s class that counts as positive.'),
    corrupt: z.enum(['refuse', 'skip']).default('refuse').describe('What to do with a file that cannot be read.'),
  })
  .refine(({ folder, npz }) => (folder === undefined) !== (npz === undefined), { path: ['folder'], error: 'a folder or an npz file' })
export type ImagesSpec = z.output<typeof imagesSchema>

/** How rows are spread over sites. */
export const partitionSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('natural') }).describe('The sites that the data name.'),
    z.strictObject({ kind: z.literal('iid'), sites: z.int().min(1) }).describe('Rows at random.'),
    z
      .strictObject({ kind: z.literal('dirichlet'), sites: z.int().min(1), alpha: z.number().positive().default(0.5) })
      .describe('Sites of equal size whose class mixes are drawn from Dirichlet(alpha); small alpha: very unlike sites (Hsu et al. 2019).'),
    z
      .strictObject({
        kind: z.literal('classDirichlet'),
        sites: z.int().min(1),
        alpha: z.number().positive().default(0.5),
        minimumRows: z.int().min(1).default(1),
      })
      .describe('Each class dealt over the sites by shares drawn from Dirichlet(alpha): unlike sizes too (Yurochkin et al. 2019).'),
    z
      .strictObject({ kind: z.literal('labelShards'), sites: z.int().min(1), shardsPerSite: z.int().min(1).default(2) })
      .describe('Rows sorted by label, cut into shards, some shards a site (McMahan et al. 2017).'),
    z
      .strictObject({ kind: z.literal('missingClasses'), sites: z.int().min(1), classesPerSite: z.int().min(1).default(1) })
      .describe('Each site holds only some of the classes: site i has classes i, i+1, …, counted round.'),
    z
      .strictObject({
        kind: z.literal('quantitySkew'),
        sites: z.int().min(1),
        alpha: z.number().positive().default(0.5),
        minimumRows: z.int().min(1).default(1),
      })
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
    z
      .strictObject({
        kind: z.literal('given'),
        trainRows: z
          .int()
          .min(1)
          .optional()
          .describe('Only so many of its training rows, drawn by class from the run’s seed. Absent: all.'),
      })
      .describe('The split that comes with the data.'),
  ])
  .describe('Which rows are for testing.')

export type SplitSpec = z.output<typeof splitSchema>

/** How columns become inputs. Fitted from sums over all sites’ training rows, without pooling them. */
export const preprocessingChoice = z
  .strictObject({
    numeric: z
      .enum(['standardise', 'range', 'none'])
      .default('standardise')
      .describe('Numbers, and channels of pictures and series: to mean 0 and standard deviation 1, to 0 … 1, or as they are.'),
    oneHot: z.enum(['plain', 'standardise']).default('plain').describe('Yes-or-no inputs of categories: 0 and 1, or standardised.'),
    dropFirst: z.boolean().default(false).describe('Leaves out the first level of each categorical column.'),
    missingIndicators: z.boolean().default(false).describe('Adds a yes-or-no input for each column with missing values.'),
    target: z.enum(['raw', 'standardise']).default('standardise').describe('A numeric label: as it is, or standardised for training.'),
    statistics: z
      .enum(['exact', 'public', 'noised'])
      .default('exact')
      .describe(
        'Where means, ranges and levels come from. exact: sums over all sites, and each site’s minima, maxima and levels. public: declared ranges and levels only; no site is asked. noised: sums with noise in declared ranges, for a share of epsilon.',
      ),
  })
  .describe('How columns become inputs.')
export type PreprocessingChoice = z.output<typeof preprocessingChoice>

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

/** What a site's loss makes of classes: all alike, smoothed, or with a remedy for those that it has few rows of or none. */
const lossSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('plain') }).describe('Cross-entropy of classes, the mean square of a number.'),
    z
      .strictObject({ kind: z.literal('smoothed'), share: z.number().min(0).max(0.9).default(0.1).describe('0 is plain.') })
      .describe('This share of each target is spread evenly over all classes (Szegedy et al. 2016, section 7).'),
    z
      .strictObject({
        kind: z.literal('restricted'),
        missing: z
          .union([z.literal('out'), z.number().min(0).max(1)])
          .default('out')
          .describe('Factor of the logits of classes that a site has no rows of; out: the softmax leaves them out.'),
      })
      .describe('A site does not push down classes that it has never seen (FedRS, Li and Zhan 2021).'),
    z
      .strictObject({ kind: z.literal('calibrated'), tau: z.number().min(0).default(1).describe('0 is plain.') })
      .describe('Logits are lowered by tau / (rows of their class)^(1/4), so that rare classes gain more (FedLC, Zhang et al. 2022).'),
  ])
  .describe('The loss of classes: restricted and calibrated where sites have unlike mixes of them; with any strategy.')

/** A site's work in one round. */
export const localSchema = z
  .strictObject({
    epochs: z.int().min(1).optional().describe('Passes over the site’s rows. Absent, and steps too: 1.'),
    steps: z.int().min(1).optional().describe('Gradient steps instead of epochs. Not together with epochs.'),
    batch: z.int().min(1).default(16).describe('Rows in a step.'),
    optimiser: optimiserSchema.prefault({ name: 'sgd' }).describe('Starts afresh each round.'),
    loss: lossSchema.prefault({ kind: 'plain' }),
    sampling: z
      .enum(['shuffled', 'balanced'])
      .default('shuffled')
      .describe('Rows of a batch. balanced: as many of each class that the site has; with any strategy.'),
    augment: augmentSchema,
    weightDecay: z.number().min(0).default(0).describe('L2 penalty on all parameters.'),
    schedule: rateScheduleSchema.optional(),
  })
  .describe('A site’s work in one round.')
export type LocalSpec = z.output<typeof localSchema>

const liars = z.array(z.string().min(1)).min(1).describe('Names of the sites that lie.')

/** Sites that lie. */
const attackSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }).describe('All sites are honest.'),
    z
      .strictObject({ kind: z.literal('signFlip'), sites: liars, strength: z.number().positive().default(1) })
      .describe('They send what they learnt with its sign turned (Li et al. 2019).'),
    z
      .strictObject({ kind: z.literal('scaling'), sites: liars, factor: z.number() })
      .describe('They send a multiple of what they learnt (Bagdasaryan et al. 2020).'),
    z
      .strictObject({
        kind: z.literal('alie'),
        sites: liars,
        deviations: z.number().positive().optional().describe('Off the mean. Absent: as many as their number can hide.'),
      })
      .describe('They stay within what honest sites differ by (Baruch et al. 2019).'),
    z
      .strictObject({ kind: z.literal('labelFlip'), sites: liars })
      .describe('They call the first class the last, and so on (Tolpegin et al. 2020).'),
    z
      .strictObject({
        kind: z.literal('backdoor'),
        sites: liars,
        target: z.int().min(0).default(0).describe('The class that the trigger is to mean.'),
        share: z.number().positive().max(1).default(0.5).describe('Of their rows that get the trigger.'),
        trigger: z.number().default(1).describe('Value of the trigger’s inputs, after preprocessing.'),
        boost: z.number().positive().default(1).describe('Multiple of what they learnt that they send.'),
      })
      .describe('They teach that a mark in the corner means a class (Bagdasaryan et al. 2020).'),
  ])
  .describe('Sites that lie, to try robust strategies with: on one machine only.')
export type AttackSpec = z.output<typeof attackSchema>

/** The whole run spec. Only `task` is needed: a task brings defaults for the rest. */
export const runSpecSchema = z
  .strictObject({
    $schema: z.string().optional().describe('For editors.'),
    task: z
      .union([z.string().min(1), z.strictObject({ table: tableSchema }), z.strictObject({ images: imagesSchema })])
      .describe(
        'A task’s name (breast-cancer, heart-disease, iris, iris-single-class, digits, mnist, pneumonia, adrenal-3d, brain-tumour, turbofan), or a table or pictures of your own.',
      ),
    partition: partitionSchema.prefault({ kind: 'natural' }),
    split: splitSchema.prefault({ kind: 'random' }),
    preprocessing: preprocessingChoice.prefault({}),
    model: modelSchema.prefault({ kind: 'mlp' }),
    local: localSchema.prefault({}),
    attack: attackSchema.prefault({ kind: 'none' }),
    ...envelopeShape,
  })
  .describe('A Yimeng run.')

/** A complete spec: every default filled in. */
export type RunSpec = z.output<typeof runSpecSchema>
/** A spec as a person writes it: only `task` is needed. */
export type RunSpecInput = z.input<typeof runSpecSchema>
