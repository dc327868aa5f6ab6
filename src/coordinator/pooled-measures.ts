// What the sites measured, as one figure over all their rows: of measures that add up by rows, and of no others.
import type { Measures } from '../federated/spec/index.ts'

/** What one site measured, and on how many rows. */
export interface Told {
  readonly rows: number
  readonly measures: Measures
}

const additive = ['loss', 'accuracy', 'brier', 'mae']
/** Roots of means of squares: their squares add up. */
const roots = ['rmse']

/** Means by rows. A measure that a site with rows lacks is left out. */
export const pooledMeasures = (told: Iterable<Told>): Measures => {
  const parts = [...told].filter(({ rows }) => rows > 0)
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const meanOf = (name: string, each: (value: number) => number): number | undefined => {
    const values = parts.map(({ measures }) => measures[name])
    if (rows === 0 || values.some((value) => typeof value !== 'number')) return undefined
    return parts.reduce((sum, part, at) => sum + part.rows * each(values[at] ?? 0), 0) / rows
  }
  const means = [
    ...additive.map((name) => [name, meanOf(name, (value) => value)] as const),
    ...roots.map((name) => {
      const square = meanOf(name, (value) => value * value)
      return [name, square === undefined ? undefined : Math.sqrt(square)] as const
    }),
  ]
  return Object.fromEntries(means.filter((mean): mean is readonly [string, number] => mean[1] !== undefined))
}
