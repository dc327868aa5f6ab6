// Statistical tests here: Pearson's χ² against the exact masses, cells of at least 20 expected. A sound sampler exceeds `limit` with probability below 1e-9 a test
// (Laurent, Massart 2000, lemma 1: P(χ²_k ≥ k + 2√(kx) + 2x) ≤ e^−x), and each test has broken twins that must exceed it.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Csprng, csprng, seed } from '../../base/index.ts'
import { BLOCK, DEPTH, samplingKernel, WORDS } from '../kernels/sampling.ts'
import { type CandidateRule, candidate, discreteGaussianRule, discreteLaplaceRule } from './candidate.ts'
import { discreteGaussianNoise, discreteLaplaceNoise, noiseOf } from './integer-noise.ts'
import { exponentialBounds, lazyUniform, rational } from './lazy-uniform.ts'

const COUNT = 300_000
const FALSE_ALARM = 1e-9
const limit = (cells: number): number => {
  const x = -Math.log(FALSE_ALARM)
  return cells - 1 + 2 * Math.sqrt((cells - 1) * x) + 2 * x
}

/** χ² of numbers against masses on the integers, over its limit: above 1 is a failure. Neighbouring integers are pooled into cells of enough expectation. */
const excess = (numbers: ArrayLike<number>, mass: (x: number) => number, reach: number): number => {
  const counts = new Map<number, number>()
  for (const x of Array.from(numbers)) counts.set(x, (counts.get(x) ?? 0) + 1)
  let total = 0
  for (let x = -reach; x <= reach; x++) total += mass(x)
  const least = Math.max(20, numbers.length / 400)
  let chi = 0
  let cells = 0
  let expected = 0
  let seen = 0
  let left = numbers.length
  for (let x = -reach; x <= reach; x++) {
    expected += (numbers.length * mass(x)) / total
    seen += counts.get(x) ?? 0
    if (expected < least && x < reach) continue
    left -= seen
    chi += (seen - expected) ** 2 / Math.max(expected, 1)
    cells += 1
    expected = 0
    seen = 0
  }
  // numbers out of reach cannot happen
  return left > 0 ? Number.POSITIVE_INFINITY : chi / limit(cells)
}

const drawn = (rule: CandidateRule): Float64Array => {
  const numbers = new Float64Array(COUNT)
  noiseOf(rule).draw(numbers, csprng())
  return numbers
}
const gaussianMass =
  (sigma: number) =>
  (x: number): number =>
    Math.exp(-(x * x) / (2 * sigma * sigma))
const laplaceMass =
  (scale: number) =>
  (x: number): number =>
    Math.exp(-Math.abs(x) / scale)
const reachOf = (spread: number): number => Math.ceil(spread * 40) + 3

test.each([0.4, 0.9, 1, 2, 3.7, 25, 300])(
  'discrete Gaussian, σ = %d: passes χ²; noise a twentieth wider and rounded normal noise do not',
  (sigma) => {
    const check = (numbers: ArrayLike<number>): number => excess(numbers, gaussianMass(sigma), reachOf(sigma))
    expect(check(drawn(discreteGaussianRule(sigma)))).toBeLessThan(1)
    expect(check(drawn(discreteGaussianRule(sigma * 1.05)))).toBeGreaterThan(1)
    const random = seed('rounded normal').random()
    const rounded = Float64Array.from({ length: COUNT }, () => Math.round(sigma * random.normal()))
    // wider, the two are too alike to be told apart by this many numbers
    if (sigma <= 1) expect(check(rounded)).toBeGreaterThan(1)
  },
)

test.each([0.3, 1, 1.5, 10, 200])('discrete Laplace, scale = %d: passes χ²; noise a twentieth wider does not', (scale) => {
  const check = (numbers: ArrayLike<number>): number => excess(numbers, laplaceMass(scale), reachOf(scale))
  expect(check(drawn(discreteLaplaceRule(scale)))).toBeLessThan(1)
  expect(check(drawn(discreteLaplaceRule(scale * 1.05)))).toBeGreaterThan(1)
})

test('a sign tossed without refusing −0 counts 0 twice, and fails', () => {
  const random = seed('twice').random()
  const twin = Float64Array.from({ length: COUNT }, () => Math.floor(-3 * Math.log(1 - random.uniform())) * (random.uint32() & 1 ? 1 : -1))
  const folded = twin.map((x) => x + 0)
  expect(excess(folded, laplaceMass(3), reachOf(3))).toBeGreaterThan(1)
})

test('neighbouring numbers are independent: χ² of pairs; repeated words are not', () => {
  const pairs = (numbers: Float64Array): number => {
    const table = new Float64Array(25)
    const cell = (x: number): number => Math.max(-2, Math.min(2, Math.trunc(x / 2))) + 2
    const single = new Float64Array(5)
    for (const x of numbers) single[cell(x)]! += 1 / numbers.length
    for (let i = 0; i + 1 < numbers.length; i += 2) table[5 * cell(numbers[i]!) + cell(numbers[i + 1]!)]! += 1
    let chi = 0
    for (let i = 0; i < 25; i++) {
      const expected = (single[Math.floor(i / 5)]! * single[i % 5]! * numbers.length) / 2
      chi += (table[i]! - expected) ** 2 / expected
    }
    return chi / limit(25)
  }
  const numbers = drawn(discreteGaussianRule(3))
  expect(pairs(numbers)).toBeLessThan(1)
  expect(pairs(numbers.map((x, i) => (i % 100 === 1 ? numbers[i - 1]! : x)))).toBeGreaterThan(1)
})

/** A source that remembers its bulk words; its single words are counted up from a seed of their own. */
const recorder = (): { readonly rng: Csprng; readonly words: number[] } => {
  const source = csprng()
  const words: number[] = []
  const fill = (bytes: Uint8Array): void => {
    source.fill(bytes)
    words.push(...new Uint32Array(bytes.slice().buffer))
  }
  return { rng: { ...source, fill }, words }
}

test('the loop decides every candidate as exact integers do', () => {
  for (const rule of [
    ...[0.01, 0.7, 3, 1000.5, 2 ** 31].map(discreteGaussianRule),
    ...[0.05, 1, 2.5, 12345.678].map(discreteLaplaceRule),
  ]) {
    const { rng, words } = recorder()
    const numbers = new Float64Array(2000)
    noiseOf(rule).draw(numbers, rng)
    const exact: number[] = []
    for (let i = 0; i < words.length && exact.length < numbers.length; i += WORDS) {
      const number = candidate(rule, [words[i]!, words[i + 1]!, words[i + 2]!], () => 0)
      if (number !== undefined) exact.push(number)
    }
    expect([...numbers]).toEqual(exact)
  }
})

test('candidates on the edge of a decision are left open by the loop, and decided by further bits', () => {
  const rule = discreteGaussianRule(3)
  const { thresholds } = samplingKernel()
  const cases: readonly (readonly [number, number, number])[] = [
    ...Array.from({ length: DEPTH }, (_, v): readonly [number, number, number] => [2 ** 31, (thresholds[v]! << 1) >>> 0, 1]),
    // deeper than the loop tells apart
    [2 ** 31, 2, 0],
    // x = 2 is kept with probability exp(−γ), γ from the rule: its first 32 bits, and its neighbours
    ...[-1, 0, 1].map((by): readonly [number, number, number] => {
      const gamma = rule.quadratic * 4 + rule.constant
      return [2 ** 31, 0xfffffffe, Math.floor(Math.exp(-gamma) * 2 ** 32) + by]
    }),
  ]
  for (const words of cases) {
    for (const bit of [0, 0xffffffff]) {
      const source = csprng()
      let block = 0
      const fill = (bytes: Uint8Array): void => {
        const view = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
        for (let i = 0; i < view.length; i += WORDS) view.set(block === 0 && i === 0 ? words : [2 ** 31, 0xfffffffe, 0], i)
        block += 1
      }
      const first = candidate(rule, words, () => bit)
      const numbers = new Float64Array(2)
      noiseOf(rule).draw(numbers, { ...source, fill, uint32: () => bit })
      // the words that follow all give 2
      expect(numbers[0]).toBe(first ?? 2)
    }
  }
})

test('bounds of e^−γ hold it, are one place apart, and sharper ones lie inside', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 60, noNaN: true }), (gamma) => {
      const exact = rational(gamma)
      expect(Number(exact.over) / Number(exact.under)).toBeCloseTo(gamma, 12)
      const [low, high] = exponentialBounds(exact, 96)
      expect(high - low).toBeLessThanOrEqual(2n)
      const [lower, higher] = exponentialBounds(exact, 256)
      expect(lower >= low << 160n && higher <= high << 160n).toBe(true)
      // float64 agrees to its precision
      if (gamma < 30) expect(Math.abs(Number(low) / 2 ** 96 / Math.exp(-gamma) - 1)).toBeLessThan(1e-13)
    }),
  )
  expect(exponentialBounds(rational(0), 64)[0]).toBe(2n ** 64n - 1n)
  expect(exponentialBounds({ over: 10n ** 30n, under: 1n }, 64)).toEqual([0n, 1n])
})

test('one lazy number answers all questions alike', () => {
  const bits = seed('lazy').random()
  for (let i = 0; i < 200; i++) {
    const number = lazyUniform(i % 4, 2, bits.uint32)
    const answers = [0.1, 0.3, 0.5, 0.7, 1, 2, 4].map((gamma) => number.below(rational(gamma)))
    // monotone: once above, always above
    expect(answers.lastIndexOf(true)).toBe(answers.indexOf(false) === -1 ? 6 : answers.indexOf(false) - 1)
  }
})

test('lengths around a block, small integers for ring sums, and wiped memory', () => {
  for (const length of [0, 1, BLOCK - 1, BLOCK, 3 * BLOCK + 5]) {
    const numbers = new Int32Array(length).fill(12345)
    discreteGaussianNoise(5).draw(numbers, csprng())
    expect(numbers.includes(12345)).toBe(false)
  }
  const { words, out } = samplingKernel()
  expect(words.every((word) => word === 0) && out.every((number) => number === 0)).toBe(true)
})

test('parameters out of range are refused', () => {
  for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32, 1e-4]) {
    expect(() => discreteGaussianNoise(bad)).toThrow(expect.objectContaining({ code: 'integer-noise' }))
    expect(() => discreteLaplaceNoise(bad)).toThrow(expect.objectContaining({ code: 'integer-noise' }))
  }
})
