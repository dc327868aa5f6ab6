// Measures a model on the pooled test rows and on each site's, or each site's own model on its own: the judge's view, which no party of a real federation has.
import type { Params } from '../algebra/index.ts'
import type { Engine } from '../learn/index.ts'
import {
  type DealtSite,
  type Evaluation,
  evaluationOf,
  isSeries,
  type Learner,
  partOf,
  type Preparation,
  predictOver,
  readableOutputs,
  type TaskData,
  trainingRows,
} from '../tasks/index.ts'

/** A model's evaluation: pooled, and by site. */
export interface Bench {
  readonly pooled: Evaluation
  readonly bySite: Readonly<Record<string, Evaluation>>
}

/** One model for all, or the model of each site, to be measured on that site's rows. */
export type Measured = Params | ((site: DealtSite) => Promise<Params>)

/** Measures models of one preprocessing on the sites' test rows; sites without any are left out. */
export const testBench = async (
  engine: Engine,
  learner: Pick<Learner, 'model' | 'head'>,
  preprocessing: Preparation,
  dataset: TaskData,
  sites: readonly DealtSite[],
): Promise<(model: Measured) => Promise<Bench>> => {
  const predictor = await engine.predictor(learner.model, learner.head)
  const tested = sites.filter(({ test }) => test.length > 0)
  const rows = Uint32Array.from(tested.flatMap(({ test }) => Array.from(test)))
  const inputs = await trainingRows(preprocessing, dataset, rows, { augment: [] })
  const labels = Float64Array.from(rows, (row) => dataset.labels[row] ?? Number.NaN)
  const otherLabels = Object.fromEntries(
    Object.entries((isSeries(dataset) ? dataset.otherLabels : undefined) ?? {}).map(([name, all]) => [
      name,
      Float64Array.from(rows, (row) => all[row] ?? Number.NaN),
    ]),
  )
  /** Raw outputs of all rows, each by its site's model. */
  const bySiteModels = async (modelOf: (site: DealtSite) => Promise<Params>): Promise<Float32Array> => {
    const parts: Float32Array[] = []
    let from = 0
    for (const site of tested) {
      const to = from + site.test.length
      parts.push(await predictOver(predictor, await modelOf(site), inputs, { from, to }))
      from = to
    }
    return Float32Array.from(parts.flatMap((part) => [...part]))
  }
  return async (model) => {
    const raw = typeof model === 'function' ? await bySiteModels(model) : await predictOver(predictor, model, inputs)
    const readable = readableOutputs(raw, learner.head, preprocessing)
    const pooled = evaluationOf(labels, readable.outputs, readable.width, otherLabels)
    let from = 0
    const bySite: Record<string, Evaluation> = {}
    for (const { name, test } of tested) {
      bySite[name] = partOf(pooled, from, from + test.length)
      from += test.length
    }
    return { pooled, bySite }
  }
}
