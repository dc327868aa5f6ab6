// Krum: the update whose neighbours are nearest. Multi-Krum: the mean of the m best. Bulyan: many rounds of Krum, then a mean around the median of each coordinate.
// Blanchard, El Mhamdi, Guerraoui, Stainer 2017, "Machine learning with adversaries: Byzantine tolerant gradient descent", NeurIPS, section 4:
//   score(i) = Σ of the n − f − 2 smallest ‖xᵢ − xⱼ‖², j ≠ i;  bears f liars if n ≥ 2f + 3
// El Mhamdi, Guerraoui, Rouault 2018, "The hidden vulnerability of distributed learning in Byzantium", ICML, section 4:
//   θ = n − 2f updates chosen by Krum one after the other;  each coordinate: mean of the θ − 2f values nearest the median;  bears f liars if n ≥ 4f + 3
import { YimengError } from '../../base/index.ts'
import type { Update } from '../update.ts'
import type { VectorShape } from './lifting.ts'
import { byCoordinate, middle, mix, type RobustFold, singleUpdates } from './single-updates.ts'

/** Squared distances of all pairs, `[n][n]`. */
const distances = (updates: readonly Update[]): readonly Float64Array[] => {
  const all = updates.map(() => new Float64Array(updates.length))
  for (const [i, { values: a }] of updates.entries())
    for (let j = 0; j < i; j += 1) {
      const b = updates[j]!.values
      let sum = 0
      for (let k = 0; k < a.length; k += 1) sum += (a[k]! - b[k]!) ** 2
      all[i]![j] = all[j]![i] = sum
    }
  return all
}

/** Krum's score of each of `among`, counting only these. */
const scores = (between: readonly Float64Array[], among: readonly number[], liars: number): readonly number[] => {
  const neighbours = Math.max(1, among.length - liars - 2)
  return among.map((i) => {
    const near = Float64Array.from(
      among.filter((j) => j !== i),
      (j) => between[i]![j]!,
    ).sort()
    return near.subarray(0, neighbours).reduce((sum, value) => sum + value, 0)
  })
}

const enough = (name: string, got: number, least: number): void => {
  if (got < least)
    throw new YimengError({ code: 'fold-updates', cannot: `take ${name}`, expected: `at least ${least} updates`, got: String(got) })
}

const whole = (name: string, what: string, value: number, least: number): number => {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new YimengError({
    code: 'fold-option',
    cannot: `make ${name}`,
    expected: `${what} a whole number from ${least}`,
    got: String(value),
  })
}

/** The mean of the `keep` updates with the smallest scores. @throws YimengError `fold-option`; from `finish`, `fold-updates` for fewer than 2 · liars + 3 updates, or than `keep`. */
export const multiKrum = (shape: VectorShape, liars: number, keep: number): RobustFold => {
  const name = keep === 1 ? 'Krum' : 'Multi-Krum'
  whole(name, 'liars', liars, 0)
  whole(name, 'keep', keep, 1)
  return singleUpdates(name, shape, ({ updates, size }) => {
    enough(name, updates.length, Math.max(2 * liars + 3, keep))
    const score = scores(distances(updates), [...updates.keys()], liars)
    const best = [...updates.keys()].sort((i, j) => score[i]! - score[j]! || i - j).slice(0, keep)
    return {
      values: mix(
        updates,
        [...updates.keys()].map((k) => (best.includes(k) ? 1 / keep : 0)),
        size,
      ),
    }
  })
}

/** The update with the smallest score. */
export const krum = (shape: VectorShape, liars: number): RobustFold => multiKrum(shape, liars, 1)

/** Bulyan over Krum. @throws YimengError `fold-option`; from `finish`, `fold-updates` for fewer than 4 · liars + 3 updates. */
export const bulyan = (shape: VectorShape, liars: number): RobustFold => {
  whole('Bulyan', 'liars', liars, 0)
  return singleUpdates('Bulyan', shape, ({ updates, size }) => {
    enough('Bulyan', updates.length, 4 * liars + 3)
    const between = distances(updates)
    const left = [...updates.keys()]
    const chosen: Update[] = []
    while (chosen.length < updates.length - 2 * liars) {
      const score = scores(between, left, liars)
      const [best] = left.splice(score.indexOf(Math.min(...score)), 1)
      chosen.push(updates[best!]!)
    }
    const keep = chosen.length - 2 * liars
    const nearMedian = (column: Float64Array): number => {
      const centre = middle(column)
      const near = column.toSorted((a, b) => Math.abs(a - centre) - Math.abs(b - centre)).subarray(0, keep)
      return near.reduce((sum, value) => sum + value, 0) / keep
    }
    return { values: byCoordinate(chosen, size, nearMedian) }
  })
}
