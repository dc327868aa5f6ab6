// One candidate of the rejection sampler for integer noise, decided exactly in integers. The WASM loop decides the same candidates from the same words, except the
// few that it leaves open (about one in 10^8); those come here, and the tests send all of them here.
//
// Method. A strip v is drawn with mass ∝ e^−v and a place u uniform in 0 … width − 1: x = u + width · v, with a sign (−0 is refused, as in Canonne, Kamath, Steinke
// 2020, algorithms 2 and 3). It is kept with probability e^−γ, where γ ≥ 0 turns the mass e^−v into the wanted one up to a constant:
//   discrete Laplace e^(−x/b):      γ = x/b − v,                        and width ≥ b makes x/b ≥ v;
//   discrete Gaussian e^(−x²/2σ²):  γ = x²/2σ² − v + σ²/2w² = (x − σ²/w)²/2σ² + u/w, w = width: a square and a fraction.
// That is theirs but with one coin e^−γ where they toss many.
import { lazyUniform, type Rational, rational } from './lazy-uniform.ts'

/** The noise to be drawn, as numbers for the loop and exactly. */
export interface CandidateRule {
  /** Length of a strip, an integer below 2^32. */
  readonly width: number
  /** γ = quadratic · x² + linear · x − v + constant, to float64 precision. */
  readonly quadratic: number
  readonly linear: number
  readonly constant: number
  /** γ exactly. */
  readonly gamma: (x: bigint, strip: bigint) => Rational
  /** Mean number of candidates for one accepted number. */
  readonly candidates: number
}

/** Mass ∝ exp(−x²/2σ²), for the very float64 σ. */
export const discreteGaussianRule = (stddev: number): CandidateRule => {
  const width = Math.floor(stddev) + 1
  const sigma = rational(stddev)
  const [a, b, w] = [sigma.over ** 2n, sigma.under ** 2n, BigInt(width)] // σ² = a / b
  return {
    width,
    quadratic: 1 / (2 * stddev * stddev),
    linear: 0,
    constant: (stddev * stddev) / (2 * width * width),
    gamma: (x, strip) => ({ over: (x * b * w) ** 2n + a * a - 2n * a * b * w * w * strip, under: 2n * a * b * w * w }),
    candidates: acceptance(
      width,
      (x) => Math.exp(-(x * x) / (2 * stddev * stddev)),
      Math.exp(-(stddev * stddev) / (2 * width * width)),
      stddev,
    ),
  }
}

/** Mass ∝ exp(−|x|/b), for the very float64 b. */
export const discreteLaplaceRule = (scale: number): CandidateRule => {
  const width = Math.ceil(scale)
  const { over, under } = rational(scale)
  return {
    width,
    quadratic: 0,
    linear: 1 / scale,
    constant: 0,
    gamma: (x, strip) => ({ over: x * under - strip * over, under: over }),
    candidates: acceptance(width, (x) => Math.exp(-x / scale), 1, scale),
  }
}

/** Candidates for one number: the inverse of Σ over x and both signs of (1 − 1/e) / (2 width) · constant · weight(x). */
const acceptance = (width: number, weight: (x: number) => number, constant: number, spread: number): number => {
  // by midpoints where there are many: an estimate is enough
  const step = Math.max(1, Math.floor(spread / 64))
  let sum = weight(0) / 2
  for (let x = step; x < 40 * spread + 2; x += step) sum += weight(x) * step
  sum += step > 1 ? (step - 1) / 2 : 0
  return width / ((1 - Math.exp(-1)) * constant * sum)
}

/** Number of the candidate with these three words, or undefined if it is refused. `more` gives further words. */
export const candidate = (rule: CandidateRule, words: readonly [number, number, number], more: () => number): number | undefined => {
  const [first, second, third] = words
  const width = BigInt(rule.width)
  const product = BigInt(first) * width
  // Lemire 2019: the few low products of the places that would come up once too often
  if (BigInt.asUintN(32, product) < (1n << 32n) % width) return undefined
  const place = product >> 32n
  const deep = lazyUniform(second >>> 1, 31, more)
  let strip = 0n
  while (deep.below({ over: strip + 1n, under: 1n })) strip++
  const x = place + width * strip
  const negative = (second & 1) === 1
  if (x === 0n && negative) return undefined
  if (!lazyUniform(third, 32, more).below(rule.gamma(x, strip))) return undefined
  return negative ? -Number(x) : Number(x)
}
