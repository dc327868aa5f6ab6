// The smallest noise that keeps a composition of releases within (ε, δ), by bracketing any accountant.
import { YimengError } from '../base/index.ts'
import type { Accountant } from './accountant.ts'
import type { DpEvent } from './events.ts'

/** A pair that all releases together may not exceed. */
export interface Budget {
  /** Above 0. */
  readonly epsilon: number
  /** In (0, 1): far below one over the number of units. */
  readonly delta: number
}

/** What to calibrate. */
export interface Calibration extends Budget {
  readonly accountant: Accountant
  /** Everything that will be released, at a given noise. More noise must not cost more. */
  readonly event: (noise: number) => DpEvent
  /** Relative distance to the smallest noise; 1e-6 if left out. */
  readonly tolerance?: number
}

/** Noise between these is looked for: outside, a task is misstated. */
const LEAST_NOISE = 1e-3
const MOST_NOISE = 1e7

/**
 * Noise within `tolerance` of the smallest that fits the budget, on the safe side: the accountant's ε at it is at most `epsilon`.
 *
 * @throws YimengError `budget` for a budget that is none, `calibrate-range` where no noise between 0.001 and 10⁷ fits, and the accountant's refusal.
 *
 * @example
 * ```ts
 * const noise = calibrate({ accountant: rdp(), epsilon: 3, delta: 1e-5, event: (noiseMultiplier) => ({ kind: 'gaussian', noiseMultiplier }) })
 * const epsilon = rdp().epsilon({ kind: 'gaussian', noiseMultiplier: noise }, 1e-5)
 * assert.ok(epsilon <= 3 && epsilon > 2.9999)
 * ```
 */
export const calibrate = ({ accountant, event, epsilon, delta, tolerance = 1e-6 }: Calibration): number => {
  checkBudget({ epsilon, delta })
  // how far the logarithm of ε lies above its target: positive where the noise is too small
  const excess = (logNoise: number): number => Math.log(accountant.epsilon(event(Math.exp(logNoise)), delta)) - Math.log(epsilon)
  let [low, high] = bracket(excess, epsilon)
  let below = excess(low)
  let above = excess(high)
  // Illinois' false position on a curve that is nearly straight in logarithms; halving whenever a step did not help much
  for (let halve = false; high - low > tolerance; ) {
    const width = high - low
    const straight = Number.isFinite(below) && Number.isFinite(above) ? low + (width * below) / (below - above) : Number.NaN
    // not nearer to an end than the tolerance: the far end would never move
    const margin = Math.min(tolerance / 2, width / 4)
    const middle = halve || Number.isNaN(straight) ? (low + high) / 2 : Math.min(high - margin, Math.max(low + margin, straight))
    const value = excess(middle)
    if (value > 0) {
      low = middle
      below = value
      if (!halve) above /= 2
    } else {
      high = middle
      above = value
      if (!halve) below /= 2
    }
    halve = high - low > width / 2
  }
  return Math.exp(high)
}

/** Two logarithms of noise, a factor of at most 2 apart, the first with too little. Walks from the side of much noise: little noise makes accountants slow. */
const bracket = (excess: (logNoise: number) => number, epsilon: number): [number, number] => {
  let high = Math.log(Math.max(1, 4 / epsilon))
  while (excess(high) > 0) {
    high += Math.LN2
    if (high > Math.log(MOST_NOISE)) throw outOfRange(`above ${MOST_NOISE}`)
  }
  let low = high - Math.LN2
  while (excess(low) <= 0) {
    high = low
    low -= Math.LN2
    if (low < Math.log(LEAST_NOISE)) throw outOfRange(`below ${LEAST_NOISE}`)
  }
  return [low, high]
}

const outOfRange = (got: string): YimengError =>
  new YimengError({
    code: 'calibrate-range',
    cannot: 'calibrate noise',
    expected: `a budget that noise from ${LEAST_NOISE} to ${MOST_NOISE} fits`,
    got: `noise ${got}`,
  })

/** Throws `budget` unless ε is finite and above 0 and δ in (0, 1). */
export const checkBudget = ({ epsilon, delta }: Budget): void => {
  const refuse = (expected: string, got: number): YimengError =>
    new YimengError({ code: 'budget', cannot: 'take privacy budget', expected, got: String(got) })
  if (!(epsilon > 0 && Number.isFinite(epsilon))) throw refuse('a finite ε above 0', epsilon)
  if (!(delta > 0 && delta < 1)) throw refuse('δ between 0 and 1', delta)
}
