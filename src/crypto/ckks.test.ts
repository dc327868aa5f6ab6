import { expect, test } from 'vitest'
import { csprng } from '../base/index.ts'
import { addKeyShares, ckks, ckksKey, type CkksSumKey, combineKeyShares, dealKeyShares, KEY_WORDS, MOST_CONTRIBUTIONS } from './ckks.ts'
import { COEFFICIENTS, ckksKernel, PRIMES, powerOf } from './kernels/ckks.ts'

const rng = csprng()
const seed = Uint8Array.from({ length: 32 }, (_, i) => i)
const random = (bits: 32 | 64, length: number) => {
  const vector = bits === 64 ? new BigUint64Array(length) : new Uint32Array(length)
  rng.fill(new Uint8Array(vector.buffer))
  return vector
}
/** Keys of some contributors, and the key of their sum from the shares of the first `threshold` points. */
const contributors = (count: number, threshold = count) => {
  const keys = Array.from({ length: count }, () => ckksKey(rng))
  const deals = keys.map((key) => dealKeyShares(key, { threshold, holders: count }, rng))
  const shareAt = (k: number) => ({ point: k + 1, words: addKeyShares(deals.map((deal) => deal[k]!.words)) })
  return { keys, shareAt, deals }
}

test('the primes are primes with room for the transform, and the transform is evaluation at the odd powers of the root', () => {
  const { room, of, forward, inverse } = ckksKernel()
  const [polynomial] = room
  const reversed = (i: number) => Number.parseInt(i.toString(2).padStart(12, '0').split('').reverse().join(''), 2)
  for (const [k, p] of PRIMES.entries()) {
    for (let d = 2; d * d <= p; d += 1) if (p % d === 0) throw new Error(`${p} = ${d} · ${p / d}`)
    expect(p % (2 * COEFFICIENTS)).toBe(1)
    const coefficients = Uint32Array.from({ length: COEFFICIENTS }, (_, i) => (i * 7919 + 13 * k) % p)
    polynomial.words.set(coefficients)
    const { table, inverseTable, scale } = of[k]!
    forward(polynomial.at, COEFFICIENTS, table, p)
    // the root is the second power in the table: its index 1 is bit-reversed to N/2
    const root = new Uint32Array(ckksKernel().memory.buffer, table, 2 * COEFFICIENTS)[COEFFICIENTS]!
    expect(powerOf(root, COEFFICIENTS, p)).toBe(p - 1)
    for (const i of [0, 1, 2, 1000, COEFFICIENTS - 1]) {
      const x = BigInt(powerOf(root, 2 * reversed(i) + 1, p))
      const value = coefficients.reduceRight((sum, coefficient) => (sum * x + BigInt(coefficient)) % BigInt(p), 0n)
      expect(polynomial.words[i]).toBe(Number(value))
    }
    inverse(polynomial.at, COEFFICIENTS, inverseTable, p, scale)
    expect(polynomial.words).toEqual(coefficients)
  }
})

test.each([
  [32, 1],
  [32, 4096],
  [64, 4097],
  [64, 9000],
] as const)('opens the sum exactly: elements of %i bits, %i of them, wrapping round', async (bits, length) => {
  const scheme = ckks(bits)
  const { keys, shareAt } = contributors(5, 4)
  const vectors = keys.map(() => random(bits, length))
  const total = new Uint32Array(scheme.words(length))
  for (const [k, key] of keys.entries()) {
    const cipher = await scheme.encrypt(key, vectors[k]!, seed, rng)
    expect(scheme.checked(cipher, length)).toBe(cipher)
    scheme.add(total, cipher)
  }
  const expected = vectors.reduce((sum, vector) => sum.map(((x: never, i: number) => x + (vector[i] as never)) as never) as never)
  for (const points of [
    [0, 1, 2, 3],
    [4, 1, 0, 2],
  ]) {
    const sumKey = combineKeyShares(points.map(shareAt), 5)
    expect(await scheme.open(sumKey!, total, seed)).toEqual(expected)
  }
})

test('the largest sum is exact too: 512 contributions of the largest noise and elements', async () => {
  const scheme = ckks(64)
  const keys = Array.from({ length: 2 }, () => ckksKey(rng))
  // a stand-in for 512: one ciphertext added 256 times carries 256 times its key and its noise, more than independent ones would
  const vector = BigUint64Array.of(2n ** 64n - 1n, 0n, 2n ** 63n)
  const total = new Uint32Array(scheme.words(3))
  for (const key of keys) {
    const cipher = await scheme.encrypt(key, vector, seed, rng)
    for (let i = 0; i < MOST_CONTRIBUTIONS / 2; i += 1) scheme.add(total, cipher)
  }
  const values = keys[0]!.values.map((value, i) => 256 * (value + keys[1]!.values[i]!))
  const key = { values, contributions: MOST_CONTRIBUTIONS } as CkksSumKey
  expect(await scheme.open(key, total, seed)).toEqual(vector.map((value) => BigInt.asUintN(64, 512n * value)))
})

test('fewer shares than the threshold, a wrong share and a wrong key open nothing', async () => {
  const scheme = ckks(64)
  const { keys, shareAt } = contributors(4, 3)
  const length = 50
  const total = new Uint32Array(scheme.words(length))
  for (const key of keys.slice(0, 3)) scheme.add(total, await scheme.encrypt(key, random(64, length), seed, rng))
  const shares = [0, 1, 2].map(shareAt)
  expect(combineKeyShares(shares.slice(0, 2), 4)).toBeUndefined()
  const wrong = { ...shares[1]!, words: shares[1]!.words.map((word, i) => (i === 9 ? (word + 2 ** 20) % PRIMES[0] : word)) }
  expect(combineKeyShares([shares[0]!, wrong, shares[2]!], 4)).toBeUndefined()
  // one that is wrong by little gives a key, which opens nothing
  const near = { ...wrong, words: shares[1]!.words.map((word, i) => (i === 9 ? (word + 1) % PRIMES[0] : word)) }
  await expect(scheme.open(combineKeyShares([shares[0]!, near, shares[2]!], 4)!, total, seed)).rejects.toThrow()
  // the key of four does not open the sum of three, nor does another seed
  const four = combineKeyShares(shares, 4)!
  await expect(scheme.open(four, total, seed)).rejects.toThrow(expect.objectContaining({ code: 'ckks' }))
  scheme.add(total, await scheme.encrypt(keys[3]!, random(64, length), seed, rng))
  await expect(scheme.open(four, total, seed)).resolves.toHaveLength(length)
  await expect(scheme.open(four, total, new Uint8Array(32))).rejects.toThrow(expect.objectContaining({ code: 'ckks' }))
})

test('keys and noise are small numbers of variance 24, and one vector has many ciphertexts', async () => {
  const { values } = ckksKey(rng)
  expect(values.every((value) => Math.abs(value) <= 48)).toBe(true)
  const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length
  // of 4096 draws the variance's standard deviation is 24·√(2/4096) = 0.53: seven of them, false alarm 3e-12
  expect(Math.abs(variance - 24)).toBeLessThan(3.7)
  const vector = new BigUint64Array(10)
  const ciphers = [ckksKey(rng), ckksKey(rng)].map((key) => ckks(64).encrypt(key, vector, seed, rng))
  const [a, b] = await Promise.all(ciphers)
  expect(a).not.toEqual(b)
})

test('refuses what is no ciphertext, no share, no threshold', () => {
  const bad = expect.objectContaining({ code: 'ckks' })
  expect(() => ckks(64).checked(new Uint32Array(5), 2)).toThrow(bad)
  expect(() => ckks(32).checked(Uint32Array.of(0, PRIMES[1]), 1)).toThrow(bad)
  expect(() => addKeyShares([new Uint32Array(3)])).toThrow(bad)
  expect(() => addKeyShares([new Uint32Array(KEY_WORDS).fill(2 ** 31)])).toThrow(bad)
  const words = new Uint32Array(KEY_WORDS)
  expect(() =>
    combineKeyShares(
      [
        { point: 1, words },
        { point: 1, words },
      ],
      2,
    ),
  ).toThrow(bad)
  expect(() => combineKeyShares([], 2)).toThrow(bad)
  for (const [threshold, holders] of [
    [3, 2],
    [0, 2],
    [1, 513],
  ] as const)
    expect(() => dealKeyShares(ckksKey(rng), { threshold, holders }, rng)).toThrow(bad)
})
