// A site measures a model on its own test rows. Only the measures leave the site.
import type { Measures } from '../federated/spec/index.ts'
import type { Engine } from '../learn/index.ts'
import { evaluationOf, modelContent, predictOver, readableOutputs, trainingRows } from '../tasks/index.ts'
import type { SiteData } from './bindings.ts'

/** Measures of a model file on the site's test rows; none without such rows. */
export const measure = async (
  engine: Engine,
  file: Uint8Array,
  { test, testRows }: Pick<SiteData, 'test' | 'testRows'>,
): Promise<{ readonly rows: number; readonly measures: Measures }> => {
  const rows = testRows.length
  if (rows === 0) return { rows, measures: {} }
  const { model, head, params, preprocessing } = modelContent(file)
  const inputs = await trainingRows(preprocessing, test, testRows, { augment: [] })
  const raw = await predictOver(await engine.predictor(model, head), params, inputs)
  const { outputs, width } = readableOutputs(raw, head, preprocessing)
  const labels = Float64Array.from(testRows, (row) => test.labels[row] ?? Number.NaN)
  return { rows, measures: evaluationOf(labels, outputs, width).metrics }
}
