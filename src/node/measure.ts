// A site measures a model on its own test rows. Only the measures leave the site.
import type { Measures } from '../federated/spec/index.ts'
import type { Engine } from '../learn/index.ts'
import { evaluationOf, modelContent, outputValue, prepareRows } from '../tasks/index.ts'
import type { SiteData } from './bindings.ts'

/** Measures of a model file on the site's test rows; none without such rows. */
export const measure = async (
  engine: Engine,
  file: Uint8Array,
  { test, testRows }: Pick<SiteData, 'test' | 'testRows'>,
): Promise<{ readonly rows: number; readonly measures: Measures }> => {
  const rows = testRows.length
  if (rows === 0) return { rows, measures: {} }
  const { model, head, params, preprocessing, classes } = modelContent(file)
  const predictor = await engine.predictor(model, head)
  const raw = await predictor.predict(params, (await prepareRows(preprocessing, test, testRows)).inputs, rows)
  const labels = Float64Array.from(testRows, (row) => test.labels[row] ?? Number.NaN)
  if (head === 'identity')
    return {
      rows,
      measures: evaluationOf(
        labels,
        raw.map((value) => outputValue(preprocessing, value)),
        1,
      ).metrics,
    }
  // of two classes the model tells the second's probability only
  const outputs =
    head === 'sigmoid' ? Float32Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? 1 - raw[i >> 1]! : raw[i >> 1]!)) : raw
  return { rows, measures: evaluationOf(labels, outputs, classes?.length ?? 2).metrics }
}
