// The methods of a comparison: each trains on a spec and gives an outcome in the same terms.
import { monotonicMs } from '../base/index.ts'
import { nearestNeighbour, type RunOptions, type RunResult, run, type Trained, trainAlone, trainCentralised } from '../simulation/index.ts'
import type { RunSpecInput, Task } from '../tasks/index.ts'
import type { CurvePoint, MethodKind, Outcome } from './comparison.ts'

/** Options of a training. `task` takes the place of the spec's. */
export type TrainOptions = RunOptions & { readonly task?: Task }

/** A way to train that can be compared. `name` is stable: programs and colours know a method by it. */
export interface Method {
  readonly name: string
  readonly kind: MethodKind
  /** What the method lays over a spec, if that is all that it does: then the spec alone says what it would train. */
  readonly change?: (spec: RunSpecInput) => RunSpecInput
  readonly train: (spec: RunSpecInput, options: TrainOptions) => Promise<Omit<Outcome, 'seed'>>
}

const curveOf = ({ history }: Trained): readonly CurvePoint[] =>
  history.flatMap(({ round, test }) => (test === undefined ? [] : [{ round, measures: test }]))

/** The curve with the bytes that had travelled by each point. */
const curveWithBytes = ({ history }: Trained): readonly CurvePoint[] => {
  let bytes = 0
  return history.flatMap(({ round, test, bytesUp, bytesDown }) => {
    bytes += bytesUp + bytesDown
    return test === undefined ? [] : [{ round, measures: test, bytes }]
  })
}

/** Mean of several curves, measure by measure, at the rounds of the first; a measure that some curve lacks is left out there. */
const meanCurve = (curves: readonly (readonly CurvePoint[])[]): readonly CurvePoint[] => {
  const lookups = curves.map((curve) => new Map(curve.map(({ round, measures }) => [round, measures])))
  return (curves[0] ?? []).map(({ round, measures }) => ({
    round,
    measures: Object.fromEntries(
      Object.keys(measures).flatMap((name) => {
        const values = lookups.map((lookup) => lookup.get(round)?.[name])
        const known = values.filter((value): value is number => typeof value === 'number')
        return known.length < values.length ? [] : [[name, known.reduce((sum, value) => sum + value, 0) / known.length]]
      }),
    ),
  }))
}

const classesOf = ({ model }: Trained) => (model.classes === undefined ? {} : { classes: model.classes })

const outcomeOf = (trained: Trained): Omit<Outcome, 'seed'> => ({
  pooled: [trained.pooled],
  bySite: trained.bySite,
  curve: curveOf(trained),
  steps: trained.steps,
  seconds: trained.seconds,
  bytesUp: 0,
  bytesDown: 0,
  modelHashes: [trained.model.hash],
  ...classesOf(trained),
})

/** All training rows in one place. */
export const centralised: Method = {
  name: 'centralised',
  kind: 'centralised',
  change: (spec) => spec,
  train: async (spec, options) => outcomeOf(await trainCentralised(spec, options)),
}

/** Each site trains on its own rows only. On all test rows, every site's model counts; on a site's rows, its own. */
export const alone: Method = {
  name: 'alone',
  kind: 'alone',
  change: (spec) => spec,
  train: async (spec, options) => {
    const startedMs = monotonicMs()
    const bySite = Object.entries(await trainAlone(spec, options))
    // sites train at the same time: their own times overlap
    const seconds = (monotonicMs() - startedMs) / 1000
    const models = bySite.map(([, trained]) => trained)
    return {
      pooled: models.map(({ pooled }) => pooled),
      bySite: Object.fromEntries(
        bySite.flatMap(([site, trained]) => {
          const own = trained.bySite[site]
          return own === undefined ? [] : [[site, own]]
        }),
      ),
      curve: meanCurve(models.map(curveOf)),
      steps: models.reduce((sum, { steps }) => sum + steps, 0),
      seconds,
      bytesUp: 0,
      bytesDown: 0,
      modelHashes: models.map(({ model }) => model.hash),
      crossSite: Object.fromEntries(
        bySite.map(([site, trained]) => [
          site,
          Object.fromEntries(Object.entries(trained.bySite).map(([where, { metrics }]) => [where, metrics])),
        ]),
      ),
    }
  },
}

/** The class of the nearest training row, all rows in one place: {@link nearestNeighbour}. */
export const nearest: Method = {
  name: 'nearest',
  kind: 'nearest',
  change: (spec) => spec,
  train: async (spec, options) => {
    const startedMs = monotonicMs()
    const { pooled, bySite, classes } = await nearestNeighbour(spec, options)
    const seconds = (monotonicMs() - startedMs) / 1000
    return { pooled: [pooled], bySite, curve: [], steps: 0, seconds, bytesUp: 0, bytesDown: 0, modelHashes: [], classes }
  },
}

const federatedOutcome = (result: RunResult): Omit<Outcome, 'seed'> => ({
  ...outcomeOf(result),
  curve: curveWithBytes(result),
  bytesUp: result.bytesUp,
  bytesDown: result.bytesDown,
  runId: result.runId,
  sites: result.sites,
  ...(result.contributions && { contributions: result.contributions }),
})

/** The run itself; `change` lays another strategy (or anything else) over the spec, under another name. */
export const federated = (name: string = 'federated', change: (spec: RunSpecInput) => RunSpecInput = (spec) => spec): Method => ({
  name,
  kind: 'federated',
  change,
  train: async (spec, options) => federatedOutcome(await run(change(spec), options)),
})
