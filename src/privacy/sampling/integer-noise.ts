// Exact integer noise, millions a second: the WASM loop draws candidates from secret words, and the open ones are decided in integers.
// Exact means: given uniform words, the probabilities are those of the formula to the last bit, for the float64 parameter as it is. Timing is not constant: it
// tells how many candidates were refused, which does not depend on the numbers that were kept.
import { type Csprng, YimengError } from '../../base/index.ts'
import { BLOCK, type Kernel, samplingKernel, WORDS } from '../kernels/sampling.ts'
import { type CandidateRule, candidate, discreteGaussianRule, discreteLaplaceRule } from './candidate.ts'

/** A distribution on the integers, to be drawn from. */
export interface IntegerNoise {
  /** Overwrites `into` with independent numbers. Numbers beyond an Int32Array's range wrap around, as ring sums want it. */
  readonly draw: (into: Float64Array | Int32Array, rng: Csprng) => void
}

/** Parameters above this leave float64 too few digits for the loop. */
const WIDEST = 2 ** 31
/** Below this nearly all numbers are 0, and a caller has mistaken its units. */
const NARROWEST = 2 ** -10

const check = (name: string, value: number): void => {
  if (value >= NARROWEST && value <= WIDEST) return
  throw new YimengError({ code: 'integer-noise', cannot: 'draw integer noise', expected: `${name} from 2^-10 to 2^31`, got: String(value) })
}

/**
 * Discrete Gaussian noise: mass ∝ exp(−x²/2σ²) on the integers, σ = `stddev` (Canonne, Kamath, Steinke 2020, section 5). Its standard deviation is σ or a little less.
 *
 * @throws YimengError `integer-noise` for a `stddev` outside [2^−10, 2^31].
 *
 * @example
 * ```ts
 * const noise = new Int32Array(10_000)
 * discreteGaussianNoise(3).draw(noise, csprng())
 * const variance = noise.reduce((sum, x) => sum + x * x, 0) / noise.length
 * assert.ok(variance > 7.5 && variance < 10.5)
 * ```
 */
export const discreteGaussianNoise = (stddev: number): IntegerNoise => {
  check('a stddev', stddev)
  return noiseOf(discreteGaussianRule(stddev))
}

/**
 * Discrete Laplace noise: mass ∝ exp(−|x|/b) on the integers, b = `scale` (ibid., algorithm 2).
 *
 * @throws YimengError `integer-noise` for a `scale` outside [2^−10, 2^31].
 */
export const discreteLaplaceNoise = (scale: number): IntegerNoise => {
  check('a scale', scale)
  return noiseOf(discreteLaplaceRule(scale))
}

/** For tests: noise by another rule. */
export const noiseOf = (rule: CandidateRule): IntegerNoise => ({
  draw: (into, rng) => {
    const kernel = samplingKernel()
    const bytes = new Uint8Array(kernel.memory.buffer, kernel.address.words, BLOCK * WORDS * 4)
    try {
      for (let at = 0; at < into.length; ) {
        // a little more than the mean, so that the last block is seldom followed by another
        const count = Math.min(BLOCK, Math.ceil((into.length - at) * rule.candidates * 1.05) + 16)
        rng.fill(bytes.subarray(0, count * WORDS * 4))
        at = drawBlock(kernel, rule, count, into, at, rng.uint32)
      }
    } finally {
      kernel.words.fill(0)
      kernel.out.fill(0)
    }
  },
})

/** Draws from the `count` candidates whose words lie in the kernel's memory. Returns how far `into` is filled. */
const drawBlock = (
  kernel: Kernel,
  rule: CandidateRule,
  count: number,
  into: Float64Array | Int32Array,
  from: number,
  more: () => number,
): number => {
  const { address, words, out, draw } = kernel
  const { width, quadratic, linear, constant } = rule
  const uneven = 2 ** 32 % width
  let at = from
  for (let done = 0; done < count && at < into.length; ) {
    const wanted = Math.min(BLOCK, into.length - at)
    const packed = draw(
      address.words + done * WORDS * 4,
      count - done,
      address.out,
      wanted,
      address.thresholds,
      width,
      uneven,
      quadratic,
      linear,
      constant,
    )
    const used = Number(packed >> 32n)
    const drawn = Number(packed & 0xffffffffn)
    into.set(out.subarray(0, drawn), at)
    done += used
    at += drawn
    if (done < count && drawn < wanted) {
      const number = candidate(rule, [words[done * WORDS]!, words[done * WORDS + 1]!, words[done * WORDS + 2]!], more)
      done += 1
      if (number !== undefined) into[at++] = number
    }
  }
  return at
}
