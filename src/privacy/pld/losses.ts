// Privacy losses of single releases, for one direction of adjacency: `removed` compares the data with the unit (P) against those without (Q), `added` the reverse.
// A Poisson sample of probability q turns the noise density f around 0 into the mixture (1 − q) f(x) + q f(x − 1) on the side of the data with the unit
// (Zhu, Dong, Wang 2022, "Optimal accounting of differential privacy via characteristic function"; sensitivity 1 is the worst case for the noises here).
import { massBetween, normalTail } from '../special.ts'
import { discretise, type Grid, type LossDistribution } from './distribution.ts'

/** Which side the data with the unit are on. */
export type Direction = 'removed' | 'added'

/** Tail of the noise that is left out: its loss counts as infinite. Far below any δ in use. */
const TAIL_EXPONENT = 50

/** Noise on the real line of a query with sensitivity 1, whose likelihood ratio f(x − 1) / f(x) grows with x. */
interface Noise {
  /** Mass beyond x, on the side away from 0. */
  readonly tail: (x: number) => number
  /** Mass outside (−reach, reach] is e^−50 or less. */
  readonly reach: number
  /** ln f(x − 1) / f(x). */
  readonly logRatio: (x: number) => number
  /** Largest x whose log ratio is at most `l`; ±Infinity beyond its range. */
  readonly where: (l: number) => number
}

const normalNoise = (z: number): Noise => ({
  tail: (x) => normalTail(x / z),
  reach: z * Math.sqrt(2 * TAIL_EXPONENT),
  logRatio: (x) => (2 * x - 1) / (2 * z * z),
  where: (l) => z * z * l + 0.5,
})

const laplaceNoise = (z: number): Noise => ({
  tail: (x) => Math.exp(-Math.abs(x) / z) / 2,
  reach: z * TAIL_EXPONENT,
  logRatio: (x) => (Math.abs(x) - Math.abs(x - 1)) / z,
  where: (l) => (l >= 1 / z ? Number.POSITIVE_INFINITY : l < -1 / z ? Number.NEGATIVE_INFINITY : (l * z + 1) / 2),
})

/** Normal noise; `q` = 1 without sampling. */
export const gaussianLoss = (grid: Grid, direction: Direction, z: number, q: number): LossDistribution =>
  continuous(grid, direction, normalNoise(z), q)

/** Laplace noise; `q` = 1 without sampling. */
export const laplaceLoss = (grid: Grid, direction: Direction, z: number, q: number): LossDistribution =>
  continuous(grid, direction, laplaceNoise(z), q)

/** ln((1 − q) + q eˡ). */
const mixed = (l: number, q: number): number =>
  q === 1 ? l : l > 0 ? l + Math.log(q + (1 - q) * Math.exp(-l)) : Math.log1p(q * Math.expm1(l))
/** Inverse of {@link mixed} in l; −Infinity below its range. */
const unmixed = (m: number, q: number): number => {
  if (q === 1) return m
  if (m > 0) return m + Math.log(q - (1 - q) * Math.expm1(-m)) - Math.log(q)
  return Math.expm1(m) <= -q ? Number.NEGATIVE_INFINITY : Math.log1p(Math.expm1(m) / q)
}

const continuous = (grid: Grid, direction: Direction, noise: Noise, q: number): LossDistribution => {
  const removed = direction === 'removed'
  const h = grid.interval
  // the loss is ± mixed(logRatio(x)): grid indices of its range over the bulk of P
  const left = -noise.reach
  const right = noise.reach + (removed ? 1 : 0)
  const lossAt = (x: number): number => (removed ? 1 : -1) * mixed(noise.logRatio(x), q)
  const low = Math.floor(Math.min(lossAt(left), lossAt(right)) / h) - 1
  const high = Math.ceil(Math.max(lossAt(left), lossAt(right)) / h)
  // the largest x whose loss is at most ε (removed), or the largest whose loss is at least ε (added, where the loss falls with x)
  const crossing = (epsilon: number): number => noise.where(unmixed(removed ? epsilon : -epsilon, q))
  const start = edgeAt(noise, removed ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY)
  const end = edgeAt(noise, removed ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY)
  /** Masses under P and Q between two edges. */
  const between = (one: Edge, other: Edge): readonly [p: number, q: number] => {
    const [a, b] = removed ? [one, other] : [other, one]
    const base = massBetween(a.x, a.tail, b.x, b.tail)
    const mixture = (1 - q) * base + q * massBetween(a.x - 1, a.shifted, b.x - 1, b.shifted)
    return removed ? [mixture, base] : [base, mixture]
  }
  const [beyond] = between(edgeAt(noise, crossing((high + 1) * h)), end)
  return discretise(grid, low, high, beyond, (emit) => {
    // everything below the grid rounds up to its lowest cell
    let before = start
    for (let index = low; index <= high; index++) {
      const after = edgeAt(noise, crossing((index + 1) * h))
      emit(index, ...between(before, after))
      before = after
    }
  })
}

/** A point between two cells, with the tails beyond it: of the noise, and of the noise moved by the sensitivity. */
interface Edge {
  readonly x: number
  readonly tail: number
  readonly shifted: number
}

const edgeAt = (noise: Noise, x: number): Edge => ({ x, tail: noise.tail(x), shifted: noise.tail(x - 1) })

/** A set of integers with the same loss: logarithms of its mass under the noise around 0, and around the sensitivity. */
type Point = readonly [base: number, shifted: number]

/** Discrete Gaussian noise of `stddev` steps at integer distance `sensitivity`; `q` = 1 without sampling. */
export const discreteGaussianLoss = (
  grid: Grid,
  direction: Direction,
  stddev: number,
  sensitivity: number,
  q: number,
): LossDistribution => {
  const exponent = (x: number): number => -(x * x) / (2 * stddev * stddev)
  const reach = Math.ceil(stddev * Math.sqrt(2 * TAIL_EXPONENT)) + 1
  let total = 1
  for (let x = 1; x <= reach; x++) total += 2 * Math.exp(exponent(x))
  const logTotal = Math.log(total)
  const points = function* (): Iterable<Point> {
    for (let x = -reach; x <= reach + sensitivity; x++) yield [exponent(x) - logTotal, exponent(x - sensitivity) - logTotal]
  }
  // what lies outside is e^−50 or less on each side
  return lattice(grid, direction, points, 2 * Math.exp(-TAIL_EXPONENT), q)
}

/** Discrete Laplace noise of `scale` steps at integer distance `sensitivity`; `q` = 1 without sampling. */
export const discreteLaplaceLoss = (grid: Grid, direction: Direction, scale: number, sensitivity: number, q: number): LossDistribution => {
  const logMass = (x: number): number => Math.log(Math.tanh(1 / (2 * scale))) - Math.abs(x) / scale
  const side = -Math.log1p(Math.exp(-1 / scale)) // of {x ≤ 0}
  const points = function* (): Iterable<Point> {
    // left of 0 and right of the sensitivity the loss does not change
    yield [side, side - sensitivity / scale]
    for (let x = 1; x < sensitivity; x++) yield [logMass(x), logMass(x - sensitivity)]
    yield [side - sensitivity / scale, side]
  }
  return lattice(grid, direction, points, 0, q)
}

/** `points` in order of increasing loss of the shifted noise against the other. */
const lattice = (grid: Grid, direction: Direction, points: () => Iterable<Point>, infinite: number, q: number): LossDistribution => {
  const h = grid.interval
  const lossOf = ([base, shifted]: Point): number => (direction === 'removed' ? 1 : -1) * mixed(shifted - base, q)
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const point of points()) {
    const loss = lossOf(point)
    if (loss < least) least = loss
    if (loss > most) most = loss
  }
  const cell = (loss: number): number => Math.floor(loss / h)
  return discretise(grid, cell(least), cell(most), infinite, (emit) => {
    for (const point of points()) {
      const base = Math.exp(point[0])
      const mixture = (1 - q) * base + q * Math.exp(point[1])
      if (direction === 'removed') emit(cell(lossOf(point)), mixture, base)
      else emit(cell(lossOf(point)), base, mixture)
    }
  })
}

/** Pure ε-privacy: randomised response, which every ε-private release can be made from (Kairouz, Oh, Viswanath 2015, theorem 3.3). */
export const pureLoss = (grid: Grid, epsilon: number): LossDistribution => {
  const h = grid.interval
  const likely = 1 / (1 + Math.exp(-epsilon))
  const index = Math.floor(epsilon / h)
  const low = Math.floor(-epsilon / h)
  return discretise(grid, low, Math.max(low, index), 0, (emit) => {
    emit(index, likely, 1 - likely)
    emit(low, 1 - likely, likely)
  })
}
