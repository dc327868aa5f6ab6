// Privacy loss distributions on a grid: the loss is ln(P/Q) of one neighbour against the other, drawn under P; δ(ε) = E[1 − e^(ε − loss)]₊ (Sommer, Meiser,
// Mohammadi 2019, "Privacy loss classes"; Koskela, Jälkö, Honkela 2020). A continuous loss is put on the grid in one of three ways:
// - `connect`, the default: each piece of mass is split between its two grid neighbours so that its mass under P and under Q are both kept. δ is then exact at grid
//   points and never too small between them (Doroshenko, Ghazi, Kamath, Kumar, Manurangsi 2022, "Connect the dots");
// - `up`: to the next grid point, never too small; `down`: to the previous one, never too large. Between the last two lies the truth.
// All truncation follows the same side: mass beyond the grid becomes infinite loss, or under `down` vanishes.
import { YimengError } from '../../base/index.ts'
import { type Complex, invertReal, powerOfTwoFrom, transform } from './fourier.ts'

/** How losses are put on the grid: `connect` and `up` bound from above, `down` from below. */
export type Rounding = 'connect' | 'up' | 'down'

/** How a distribution is discretised. */
export interface Grid {
  /** Distance of grid points, in nats. */
  readonly interval: number
  readonly rounding: Rounding
}

/** Masses under P: `masses[i]` at loss `(first + i) · interval`, and the rest at infinite loss. */
export interface LossDistribution {
  readonly grid: Grid
  readonly first: number
  readonly masses: Float64Array
  readonly infinite: number
}

/** A piece of loss: its mass under P and under Q, and the grid cell `(index · interval, (index + 1) · interval]` it lies in. */
export type Pieces = (emit: (index: number, p: number, q: number) => void) => void

/** Tail mass cut from every composition, and charged as infinite loss where the rounding is pessimistic. */
const TAIL = 1e-15
/** More grid points than this are refused: a transform of that length needs gigabytes. */
const MOST_POINTS = 2 ** 24

/** Loss of releasing nothing: 0. */
export const noLoss = (grid: Grid): LossDistribution => ({ grid, first: 0, masses: Float64Array.of(1), infinite: 0 })

const checkPoints = (points: number, grid: Grid): void => {
  if (points <= MOST_POINTS) return
  const got = `one of ${(points * grid.interval).toFixed(0)} nats`
  throw new YimengError({
    code: 'pld-grid',
    cannot: 'lay out privacy losses',
    expected: `a range up to ${MOST_POINTS * grid.interval} nats`,
    got,
  })
}

/** Puts pieces whose cells lie from `low` to `high` on the grid. `infinite` is mass that lies above. */
export const discretise = (grid: Grid, low: number, high: number, infinite: number, pieces: Pieces): LossDistribution => {
  checkPoints(high - low + 2, grid)
  const masses = new Float64Array(high - low + 2)
  const growth = Math.expm1(grid.interval)
  pieces((index, p, q) => {
    const i = index - low
    let atLow = 0
    if (grid.rounding === 'down') atLow = p
    // a + b = p and a e^(−ε) + b e^(−ε − h) = q, solved for a; rounding errors may not take it out of [0, p]
    else if (grid.rounding === 'connect') atLow = Math.min(p, Math.max(0, (q * Math.exp((index + 1) * grid.interval) - p) / growth))
    masses[i]! += atLow
    masses[i + 1]! += p - atLow
  })
  return { grid, first: low, masses, infinite: grid.rounding === 'down' ? 0 : infinite }
}

/** Loss of both releases, one after the other. */
export const convolve = (a: LossDistribution, b: LossDistribution): LossDistribution => {
  if (a.masses.length === 1 && a.masses[0] === 1) return shifted(b, a)
  if (b.masses.length === 1 && b.masses[0] === 1) return shifted(a, b)
  const length = a.masses.length + b.masses.length - 1
  checkPoints(length, a.grid)
  const n = powerOfTwoFrom(length)
  const x = spectrum(a.masses, 0, n)
  const y = spectrum(b.masses, 0, n)
  for (let i = 0; i < n; i++) {
    const re = x.re[i]! * y.re[i]! - x.im[i]! * y.im[i]!
    x.im[i] = x.re[i]! * y.im[i]! + x.im[i]! * y.re[i]!
    x.re[i] = re
  }
  const masses = positive(invertReal(x).subarray(0, length))
  return trim({ grid: a.grid, first: a.first + b.first, masses, infinite: either(a.infinite, b.infinite) })
}

/** Loss of `count` such releases. */
export const power = (one: LossDistribution, count: number): LossDistribution => {
  if (count === 0) return noLoss(one.grid)
  if (count === 1) return one
  const [low, high] = reach(one, count)
  const length = high - low + 1
  checkPoints(length, one.grid)
  const n = powerOfTwoFrom(length)
  const z = spectrum(one.masses, one.first, n)
  for (let i = 0; i < n; i++) {
    const magnitude = Math.exp(count * Math.log(Math.hypot(z.re[i]!, z.im[i]!)))
    const angle = count * Math.atan2(z.im[i]!, z.re[i]!)
    z.re[i] = magnitude * Math.cos(angle)
    z.im[i] = magnitude * Math.sin(angle)
  }
  // the transform is periodic: loss j lies at j mod n; what lies outside [low, high] comes out at a wrong place, and is at most twice the tail
  const circle = invertReal(z)
  const masses = new Float64Array(length)
  for (let i = 0; i < length; i++) masses[i] = Math.max(0, circle[modulo(low + i, n)]!)
  const infinite = -Math.expm1(count * Math.log1p(-one.infinite))
  return trim({ grid: one.grid, first: low, masses, infinite: one.grid.rounding === 'down' ? 0 : infinite + 2 * TAIL })
}

/** δ at `epsilon`. */
export const deltaAt = ({ grid, first, masses, infinite }: LossDistribution, epsilon: number): number => {
  let delta = infinite
  for (let i = masses.length - 1; i >= 0; i--) {
    const gap = epsilon - (first + i) * grid.interval
    if (gap >= 0) break
    delta -= masses[i]! * Math.expm1(gap)
  }
  return Math.min(1, delta)
}

/** Smallest ε ≥ 0 with δ(ε) ≤ `delta`. */
export const epsilonAt = (loss: LossDistribution, delta: number): number => {
  const { grid, first, masses, infinite } = loss
  if (infinite > delta) return Number.POSITIVE_INFINITY
  // above the grid point ε: mass, and mass · e^(ε − loss); both grow on the way down. δ at the point is infinite + mass − weighted
  let mass = 0
  let weighted = 0
  const fade = Math.exp(-grid.interval)
  // losses up to 0 do not count at any ε ≥ 0
  for (let i = masses.length - 2; i >= -1 && first + i + 1 > 0; i--) {
    mass += masses[i + 1]!
    weighted = fade * (weighted + masses[i + 1]!)
    if (infinite + mass - weighted > delta) return Math.max(0, (first + i) * grid.interval + Math.log((infinite + mass - delta) / weighted))
  }
  return 0
}

const either = (a: number, b: number): number => a + b - a * b
const modulo = (a: number, n: number): number => ((a % n) + n) % n

const shifted = (a: LossDistribution, by: LossDistribution): LossDistribution => ({
  ...a,
  first: a.first + by.first,
  infinite: either(a.infinite, by.infinite),
})

const positive = (masses: Float64Array): Float64Array => masses.map((m) => Math.max(0, m))

/** Transform of masses laid around a circle of `n` points, the first at `first`. */
const spectrum = (masses: Float64Array, first: number, n: number): Complex => {
  const z = { re: new Float64Array(n), im: new Float64Array(n) }
  for (let i = 0, at = modulo(first, n); i < masses.length; i++, at = at + 1 === n ? 0 : at + 1) z.re[at]! += masses[i]!
  transform(z)
  return z
}

/** Grid indices between which a sum of `count` losses lies but for twice the tail: Chernoff's bound on both sides, best of some exponents. */
const reach = ({ grid, first, masses }: LossDistribution, count: number): readonly [number, number] => {
  let low = first * count
  let high = (first + masses.length - 1) * count
  const mass = masses.reduce((sum, m) => sum + m, 0)
  for (let step = -6; step <= 12; step++) {
    const rate = 1.7 ** step
    for (const sign of [-1, 1]) {
      // ln E e^(± rate · loss), with the largest exponent taken out
      const edge = (sign > 0 ? first + masses.length - 1 : first) * grid.interval
      let moment = 0
      const factor = Math.exp(-rate * grid.interval)
      let weight = 1
      for (let k = 0; k < masses.length && weight > 1e-300; k++) {
        moment += masses[sign > 0 ? masses.length - 1 - k : k]! * weight
        weight *= factor
      }
      if (moment === 0) continue
      const cumulant = Math.log(moment / mass) + sign * rate * edge
      const bound = (count * cumulant - Math.log(TAIL)) / rate / grid.interval
      if (sign > 0) high = Math.min(high, Math.ceil(bound))
      else low = Math.max(low, Math.floor(-bound))
    }
  }
  return [low, Math.max(low, high)]
}

/** Cuts both tails: the upper to infinite loss (or away), the lower to the lowest loss kept. */
const trim = (loss: LossDistribution): LossDistribution => {
  const { masses } = loss
  let start = 0
  let end = masses.length
  let below = 0
  let above = 0
  while (end > start + 1 && above + masses[end - 1]! <= TAIL) above += masses[--end]!
  while (start < end - 1 && below + masses[start]! <= TAIL) below += masses[start++]!
  const kept = masses.slice(start, end)
  const optimistic = loss.grid.rounding === 'down'
  if (!optimistic) kept[0]! += below
  return { grid: loss.grid, first: loss.first + start, masses: kept, infinite: optimistic ? 0 : loss.infinite + above }
}
