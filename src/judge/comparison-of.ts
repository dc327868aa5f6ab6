// All outcomes of all methods, judged: the last, pure step of a comparison.
import { type Comparison, measureOrder } from './comparison.ts'
import { testsOf } from './paired-tests.ts'
import { imagesName } from '../tasks/index.ts'
import { type MethodOutcomes, measuresOf, scopesOf, summaryOf } from './summary.ts'

/** What a comparison says of itself beside its outcomes. */
export type ComparisonFacts = Pick<Comparison, 'spec' | 'specHash' | 'seeds' | 'at' | 'seconds' | 'versions' | 'target'>

/** The measure that tests and bars show, of those that there are: accuracy for classes, RMSE for numbers. */
export const primaryMeasure = (measures: readonly string[]): string => measureOrder.find((measure) => measures.includes(measure)) ?? 'loss'

/** Summarises and tests. Every method has one outcome for each of `facts.seeds`, in their order. */
export const comparisonOf = (methods: readonly MethodOutcomes[], facts: ComparisonFacts): Comparison => {
  const { spec } = facts
  const first = methods.flatMap(({ kind, outcomes }) => (kind === 'federated' ? outcomes : [])).find(({ failure }) => failure === undefined)
  const measures = measuresOf(methods)
  const primary = primaryMeasure(measures)
  const scopes = scopesOf(methods, measures)
  const splitBySeed = spec.split.kind === 'random' && spec.split.seed === undefined
  const trainRows = (first?.sites ?? []).reduce((sum, site) => sum + site.trainRows, 0)
  const overlap = splitBySeed && trainRows > 0 ? (scopes[0]?.testRows ?? 0) / trainRows : 0
  return {
    format: 'yimeng-comparison/1',
    task: typeof spec.task === 'string' ? spec.task : 'table' in spec.task ? spec.task.table.name : imagesName(spec.task.images),
    splitBySeed,
    sites: first?.sites ?? [],
    classes: first?.classes ?? null,
    primary,
    measures,
    methods: methods.map((method) => summaryOf(method, measures, primary, facts.target)),
    scopes,
    tests: testsOf(methods, scopes, primary, overlap),
    ...facts,
  }
}
