// Preprocessing: how a row of a table becomes a row of model inputs. A plain record, saved inside the model, so that prediction takes raw rows.
// Fitted from column summaries alone, so that it is the same whether the summaries were pooled or computed by federated analytics.
// Every input k is (rawₖ − centre) / spread, or 0 where spread is 0; rawₖ is a number, or 1 and 0 for yes and no.
import { z } from 'zod'
import type { ColumnSummary } from '../algebra/index.ts'
import { YimengError } from '../base/index.ts'
import type { Column, Schema } from './types.ts'

const scaled = { centre: z.number(), spread: z.number().min(0) }
const missing = z.array(z.string()).optional()

const columnSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('numeric'), name: z.string(), missing }),
  z.strictObject({ kind: z.literal('categorical'), name: z.string(), levels: z.array(z.string()), missing }),
])

/** The format of a saved {@link Preprocessing}. */
export const preprocessingSchema = z
  .strictObject({
    version: z.literal(1),
    /** Feature columns that are read, in the order in which `inputs` names them. */
    columns: z.array(columnSchema),
    inputs: z.array(
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('value'), column: z.string(), fill: z.number(), ...scaled }),
        z.strictObject({ kind: z.literal('level'), column: z.string(), level: z.string(), ...scaled }),
        z.strictObject({ kind: z.literal('missing'), column: z.string(), ...scaled }),
      ]),
    ),
    label: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('categorical'), name: z.string(), levels: z.array(z.string()).min(2) }),
      z.strictObject({ kind: z.literal('numeric'), name: z.string(), ...scaled }),
    ]),
    /** Cells that mean "missing" in any column. Absent: the usual markers. */
    missing,
  })
  .refine(({ columns, inputs }) => inputs.every((input) => columns.some((column) => column.name === input.column)), {
    error: 'an input of a column that is not listed',
  })

/** How rows become inputs and targets. See {@link preprocessingSchema} for its parts. */
export type Preprocessing = z.output<typeof preprocessingSchema>

/** One model input. */
export type Input = Preprocessing['inputs'][number]

/** Choices of {@link fitPreprocessing}. */
export interface PreprocessingOptions {
  /** Numbers: `standardise` to mean 0 and population standard deviation 1 (default), `range` to 0 … 1, or `none`. */
  readonly numeric?: 'standardise' | 'range' | 'none'
  /** Yes-or-no inputs: `plain` 0 and 1 (default), or `standardise` by the share of yes among all rows, missing ones counted as no. */
  readonly oneHot?: 'plain' | 'standardise'
  /** Leaves out the first level of each categorical column, which is then all zeros; an unknown category reads as that level. Default false. */
  readonly dropFirst?: boolean
  /** Adds a yes-or-no input for each column that has missing values anywhere. Default false. */
  readonly missingIndicators?: boolean
  /** A numeric label: `raw` (default), or `standardise`, for which the label's summary must come last among the summaries. */
  readonly target?: 'raw' | 'standardise'
}

/** Centre and spread of a yes-or-no input that is yes in `yes` of `all` rows. */
const scaleOfShare = (yes: number, all: number, options: PreprocessingOptions) => {
  if (options.oneHot !== 'standardise') return { centre: 0, spread: 1 }
  const share = all === 0 ? 0 : yes / all
  return { centre: share, spread: Math.sqrt(share * (1 - share)) }
}

const scaleOfNumbers = (summary: ColumnSummary & { readonly kind: 'numeric' }, how: 'standardise' | 'range' | 'none') => {
  if (how === 'none') return { centre: 0, spread: 1 }
  if (summary.count === 0) return { centre: 0, spread: 0 }
  if (how === 'range') return { centre: summary.min, spread: summary.max - summary.min }
  const stddev = Math.sqrt(Math.max(0, summary.variance))
  // a constant column has a variance of rounding noise, which would be blown up to ±1
  const spread = summary.min === summary.max || stddev <= Math.abs(summary.mean) * 1e-12 ? 0 : stddev
  return { centre: summary.mean, spread }
}

/** A category may be called `constructor`. */
const countOf = (counts: Readonly<Record<string, number>>, level: string): number =>
  Object.hasOwn(counts, level) ? (counts[level] ?? 0) : 0

const inputsOf = (column: Column, summary: ColumnSummary, options: PreprocessingOptions): readonly Input[] => {
  const { name } = column
  const rows =
    summary.missing + (summary.kind === 'numeric' ? summary.count : Object.values(summary.counts).reduce((sum, count) => sum + count, 0))
  const indicator: readonly Input[] =
    options.missingIndicators === true && summary.missing > 0
      ? [{ kind: 'missing', column: name, ...scaleOfShare(summary.missing, rows, options) }]
      : []
  if (summary.kind === 'numeric') {
    const fill = summary.count === 0 ? 0 : summary.mean
    return [{ kind: 'value', column: name, fill, ...scaleOfNumbers(summary, options.numeric ?? 'standardise') }, ...indicator]
  }
  const levels = levelsOf(column, summary)
  return [
    ...levels
      .slice(options.dropFirst === true ? 1 : 0)
      .map((level): Input => ({ kind: 'level', column: name, level, ...scaleOfShare(countOf(summary.counts, level), rows, options) })),
    ...indicator,
  ]
}

/** The schema's levels, then levels seen only at other sites, by code point: the same at every site that fits from the same summaries and schema. */
const levelsOf = (column: Column, summary: ColumnSummary): readonly string[] => {
  const known = column.kind === 'categorical' ? column.levels : []
  const seen = summary.kind === 'categorical' ? Object.keys(summary.counts) : []
  return [...known, ...seen.filter((level) => !known.includes(level)).sort((a, b) => (a < b ? -1 : 1))]
}

/**
 * Preprocessing for a schema from the summaries of its feature columns, in order (the label's summary may follow). Missing numbers become the mean,
 * missing and unknown categories all zeros.
 *
 * @throws YimengError `preprocessing-summaries` when the summaries are not those of the schema
 *
 * @example
 * ```ts
 * const schema = { features: [{ kind: 'numeric', name: 'age' }], label: { kind: 'categorical', name: 'ill', levels: ['no', 'yes'] } } as const
 * const dataset = await readTable(csvText('a.csv', 'age,ill\n60,no\n40,yes\n,yes\n'), schema)
 * const preprocessing = fitPreprocessing(schema, summarise(dataset))
 * assert.deepEqual([...transform(preprocessing, dataset).inputs], [1, -1, 0])
 * ```
 */
export const fitPreprocessing = (
  schema: Schema,
  summaries: readonly ColumnSummary[],
  options: PreprocessingOptions = {},
): Preprocessing => {
  const { features, label } = schema
  const refuse = (expected: string, got: string, column?: string): never => {
    throw new YimengError({
      code: 'preprocessing-summaries',
      cannot: 'fit preprocessing',
      expected,
      got,
      ...(column === undefined ? {} : { where: { column } }),
    })
  }
  if (summaries.length !== features.length && summaries.length !== features.length + 1)
    refuse(`${features.length} summaries, one for each feature`, String(summaries.length))
  const pairs = features.map((column, j) => {
    const summary = summaries[j] ?? refuse('a summary', 'none', column.name)
    return summary.kind === column.kind ? { column, summary } : refuse(`a ${column.kind} summary`, `a ${summary.kind} one`, column.name)
  })
  const labelSummary = summaries[features.length]
  const target = () => {
    if (options.target !== 'standardise') return { centre: 0, spread: 1 }
    return labelSummary?.kind === 'numeric'
      ? scaleOfNumbers(labelSummary, 'standardise')
      : refuse('a numeric summary of the label, last', labelSummary?.kind ?? 'none', label.name)
  }
  const own = (column: Column) => (column.missing === undefined ? {} : { missing: [...column.missing] })
  return {
    version: 1,
    columns: pairs.map(({ column, summary }) =>
      column.kind === 'numeric'
        ? { kind: 'numeric', name: column.name, ...own(column) }
        : { kind: 'categorical', name: column.name, levels: [...levelsOf(column, summary)], ...own(column) },
    ),
    inputs: pairs.flatMap(({ column, summary }) => inputsOf(column, summary, options)),
    label:
      label.kind === 'categorical'
        ? { kind: 'categorical', name: label.name, levels: [...label.levels] }
        : { kind: 'numeric', name: label.name, ...target() },
    ...(schema.missing === undefined ? {} : { missing: [...schema.missing] }),
  }
}

/** Names of the inputs, in order: `age`, `pain=typical angina`, `age is missing`. */
export const inputNames = (preprocessing: Preprocessing): readonly string[] =>
  preprocessing.inputs.map((input) =>
    input.kind === 'value' ? input.column : input.kind === 'level' ? `${input.column}=${input.level}` : `${input.column} is missing`,
  )

/**
 * Preprocessing as text for a model file, and back.
 *
 * @throws YimengError `preprocessing-format` when the text is not a saved preprocessing
 */
export const preprocessingJson: {
  readonly encode: (preprocessing: Preprocessing) => string
  readonly decode: (text: string) => Preprocessing
} = {
  encode: (preprocessing) => JSON.stringify(preprocessing),
  decode: (text) => {
    const fault = (got: string): YimengError =>
      new YimengError({ code: 'preprocessing-format', cannot: 'load preprocessing', expected: 'version 1 of its format', got })
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      throw fault('text that is not JSON')
    }
    const parsed = preprocessingSchema.safeParse(json)
    if (parsed.success) return parsed.data
    const issue = parsed.error.issues[0]
    throw fault(`${issue?.message ?? 'something else'} at ${issue?.path.join('.') ?? ''}`)
  },
}

/** A model's output of a numeric label back in the label's unit; classes are left alone. */
export const labelValue = (preprocessing: Preprocessing, output: number): number =>
  preprocessing.label.kind === 'numeric' ? output * preprocessing.label.spread + preprocessing.label.centre : output
