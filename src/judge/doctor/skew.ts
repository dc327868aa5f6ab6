// How unlike the sites' data are, by federated analytics: two passes of sums, so that no site's own figure is told. What travels: the sum over sites of rows, rows by class,
// inputs and their squares; then, around the whole's mixes and means, the sum of each site's distances. Works under masked sums as it stands.
import { float64Codec, structCodec } from '../../base/index.ts'
import { realSum, type RoundProgram, plain } from '../../federated/index.ts'
import type { Skew } from './rules.ts'

/** A site's rows as a model takes them: `inputs` `[rows, width]`, `classes` the class of each row (all 0 for a numeric label). */
export interface ExaminedSite {
  readonly rows: number
  readonly width: number
  readonly inputs: Float32Array
  readonly classes: Float32Array
}

/** Inputs that are looked at: of pictures, so many evenly spread. */
export const MOST_INPUTS = 256

/** Inputs are cut to ± this before they are summed: one broken number must not hide everything else. */
const MOST_VALUE = 16

interface Whole {
  /** Rows by class, `[classes]`. */
  readonly counts: Float64Array
  /** Mean of each input in each class, `[classes, inputs]`. */
  readonly means: Float64Array
  /** Variance of each input within classes, `[inputs]`. */
  readonly variance: Float64Array
}

const wholeCodec = structCodec<Whole>({ counts: float64Codec, means: float64Codec, variance: float64Codec })

interface Sums {
  readonly counts: Float64Array
  readonly sums: Float64Array
  readonly squares: Float64Array
}

const inputsOf = (width: number): readonly number[] =>
  width <= MOST_INPUTS
    ? Array.from({ length: width }, (_, i) => i)
    : Array.from({ length: MOST_INPUTS }, (_, i) => Math.floor((i * width) / MOST_INPUTS))

const sumsOf = ({ rows, width, inputs, classes }: ExaminedSite, count: number): Sums => {
  const chosen = inputsOf(width)
  const counts = new Float64Array(count)
  const sums = new Float64Array(count * chosen.length)
  const squares = new Float64Array(chosen.length)
  for (let row = 0; row < rows; row += 1) {
    const label = classes[row] ?? 0
    counts[label] = (counts[label] ?? 0) + 1
    for (const [i, at] of chosen.entries()) {
      const value = Math.min(MOST_VALUE, Math.max(-MOST_VALUE, inputs[row * width + at] ?? 0))
      const place = label * chosen.length + i
      sums[place] = (sums[place] ?? 0) + value
      squares[i] = (squares[i] ?? 0) + value * value
    }
  }
  return { counts, sums, squares }
}

/** Where a site stands around the whole, in shares of the whole's rows so that plain sums over sites are means. */
const distancesOf = (own: Sums, whole: Whole): Float64Array => {
  const total = whole.counts.reduce((sum, count) => sum + count, 0)
  const rows = own.counts.reduce((sum, count) => sum + count, 0)
  const width = own.squares.length
  let distance = 0
  let chance = 0
  let missing = 0
  let cells = 0
  let between = 0
  const usable = whole.variance.reduce((sum, variance) => sum + (variance > 1e-12 ? 1 : 0), 0)
  for (const [label, all] of whole.counts.entries()) {
    const share = all / total
    const count = own.counts[label] ?? 0
    distance += Math.abs(count / Math.max(1, rows) - share) / 2
    // mean absolute deviation of a binomial share, by its normal approximation
    chance += Math.sqrt((2 * share * (1 - share)) / (Math.PI * Math.max(1, rows))) / 2
    if (all > 0 && count === 0) missing += 1
    if (count === 0) continue
    cells += 1
    for (let i = 0; i < width; i += 1) {
      const variance = whole.variance[i] ?? 0
      if (variance <= 1e-12) continue
      const shift = (own.sums[label * width + i] ?? 0) / count - (whole.means[label * width + i] ?? 0)
      between += (count * shift * shift) / variance / usable
    }
  }
  const weight = rows / total
  return Float64Array.of(weight * (distance - chance), missing, cells, between / total, weight * weight, 1)
}

/** The program: everything about a federation's unlikeness in one round. */
export const skewProgram = (classes: number, width: number) => (): RoundProgram<Skew | undefined, undefined, ExaminedSite> => {
  const inputs = inputsOf(width).length
  const first = realSum({ length: classes + classes * inputs + inputs, maxAbs: 2 ** 30 })
  const second = realSum({ length: 6, maxAbs: 2 ** 16 })
  const via = plain()
  return async (round) => {
    const own = await round.atClients(({ site }) => sumsOf(site, classes))
    const sums = await round.aggregate(
      first,
      via,
      await round.atClients((_, { counts, sums: by, squares }) => Float64Array.of(...counts, ...by, ...squares), own),
    )
    const whole = await round.atServer((all): Whole => {
      const counts = all.slice(0, classes)
      const by = all.slice(classes, classes + classes * inputs)
      const squares = all.slice(classes + classes * inputs)
      const total = counts.reduce((sum, count) => sum + count, 0)
      const means = by.map((sum, at) => sum / Math.max(1, counts[Math.floor(at / inputs)] ?? 0))
      const explained = squares.map((_, i) => counts.reduce((sum, count, label) => sum + count * (means[label * inputs + i] ?? 0) ** 2, 0))
      return { counts, means, variance: squares.map((square, i) => Math.max(0, square - (explained[i] ?? 0)) / Math.max(1, total)) }
    }, sums)
    const known = await round.broadcast(wholeCodec, whole)
    const distances = await round.aggregate(second, via, await round.atClients((_, mine, all) => distancesOf(mine, all), own, known))
    const server = await round.atServer(
      (found, { counts }): Skew => {
        const [label = 0, missing = 0, cells = 0, between = 0, squares = 0, sites = 0] = found
        const rows = counts.reduce((sum, count) => sum + count, 0)
        const present = counts.filter((count) => count > 0).length
        // by chance alone every (site, class) mean beyond the first of a class strays by the class's own variance over its rows
        const chance = Math.min(0.99, Math.max(0, cells - present) / rows)
        return {
          sites,
          rows,
          classes: present,
          label: classes < 2 ? 0 : Math.max(0, label),
          missingClasses: missing / (sites * present),
          feature: Math.min(1, Math.max(0, (between - chance) / (1 - chance))),
          quantity: Math.max(0, 1 - 1 / (sites * squares)),
        }
      },
      distances,
      whole,
    )
    return { server, clients: await round.atClients(() => undefined) }
  }
}
