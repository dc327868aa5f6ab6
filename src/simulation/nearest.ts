// The yardstick that needs no training: each test row gets the class of the training row nearest to it, all rows in one place (Cover and Hart 1967).
// A model that does not beat it has learnt little more than to recognise rows that it knows, as where many pictures come from one patient.
import { YimengError } from '../base/index.ts'
import { summariseColumn } from '../data/index.ts'
import {
  analysedValues,
  dataSchema,
  type Evaluation,
  evaluationOf,
  fitPreparation,
  prepareRows,
  type RunSpecInput,
  type Task,
} from '../tasks/index.ts'
import { prepare } from './prepare.ts'

/** How the nearest neighbour does: on all test rows, and on each site's. */
export interface NearestNeighbour {
  readonly pooled: Evaluation
  readonly bySite: Readonly<Record<string, Evaluation>>
  readonly classes: readonly string[]
}

/** For each row `[width]` of `asked`, the row of `known` with the smallest squared distance; the first of equals. */
const nearestRows = (known: Float32Array, asked: Float32Array, width: number): Uint32Array =>
  Uint32Array.from({ length: asked.length / width }, (_, row) => {
    const own = row * width
    let [nearest, least] = [0, Number.POSITIVE_INFINITY]
    for (let from = 0; from < known.length; from += width) {
      let distance = 0
      // given up once it is farther than the nearest so far: looked at now and then, since looking costs too
      for (let at = 0; at < width && distance < least; at += 64)
        for (let k = at, end = Math.min(width, at + 64); k < end; k += 1) {
          const difference = (known[from + k] ?? 0) - (asked[own + k] ?? 0)
          distance += difference * difference
        }
      if (distance < least) [nearest, least] = [from / width, distance]
    }
    return nearest
  })

/**
 * Classifies all test rows by their nearest training row, on the inputs that models get. The class has probability 1.
 *
 * @throws YimengError as `run` for a spec or data that cannot be used; `nearest-classes` where a number is predicted; the signal's reason.
 *
 * @example
 * ```ts
 * const { pooled } = await nearestNeighbour({ task: 'iris' })
 * assert.ok((pooled.metrics.accuracy ?? 0) > 0.9)
 * ```
 */
export const nearestNeighbour = async (
  input: RunSpecInput,
  options: { readonly task?: Task; readonly signal?: AbortSignal } = {},
): Promise<NearestNeighbour> => {
  const { spec, dataset, sites } = await prepare(input, options.task)
  const { label } = dataset.schema
  if (label.kind === 'numeric')
    throw new YimengError({
      code: 'nearest-classes',
      cannot: 'take the nearest neighbour',
      expected: 'classes to predict',
      got: 'a number',
    })
  const train = Uint32Array.from(sites.flatMap((site) => Array.from(site.train)))
  const summaries = (await analysedValues(dataset, dataSchema(dataset), train, spec.preprocessing)).map(summariseColumn)
  const preparation = fitPreparation(dataSchema(dataset), summaries, spec.preprocessing)
  const known = await prepareRows(preparation, dataset, train)
  const width = known.inputs.length / known.rows
  const bySite: [string, Evaluation][] = []
  const classes = label.levels.length
  const evaluations: Evaluation[] = []
  for (const { name, test } of sites) {
    options.signal?.throwIfAborted()
    if (test.length === 0) continue
    const { inputs } = await prepareRows(preparation, dataset, test)
    const outputs = new Float32Array(test.length * classes)
    for (const [row, nearest] of nearestRows(known.inputs, inputs, width).entries())
      outputs[row * classes + (known.targets[nearest] ?? 0)] = 1
    const evaluation = evaluationOf(
      Float64Array.from(test, (row) => dataset.labels[row] ?? Number.NaN),
      outputs,
      classes,
    )
    evaluations.push(evaluation)
    bySite.push([name, evaluation])
  }
  return { pooled: together(evaluations, classes), bySite: Object.fromEntries(bySite), classes: label.levels }
}

/** Evaluations of several sets of rows as one. */
const together = (parts: readonly Evaluation[], width: number): Evaluation =>
  evaluationOf(
    Float64Array.from(parts.flatMap(({ labels }) => Array.from(labels))),
    Float32Array.from(parts.flatMap(({ outputs }) => Array.from(outputs))),
    width,
  )
