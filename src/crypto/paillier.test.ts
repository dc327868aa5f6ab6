import { expect, test } from 'vitest'
import { csprng } from '../base/index.ts'
import golden from './paillier.golden.json' with { type: 'json' }
import { combineOpenings, dealPaillierKey, inverse, openPartly, paillierEncryption, power } from './paillier.ts'
import { safePrimes } from './safe-primes.node.ts'

const rng = csprng()
const primes = golden.primes.map(BigInt) as [bigint, bigint]
const { key, shares } = dealPaillierKey(primes, { holders: 5, threshold: 3 }, rng)
const encryption = paillierEncryption(key)
const open = (cipher: bigint, ...points: readonly number[]): bigint =>
  combineOpenings(
    key,
    points.map((point) => openPartly(key, shares[point - 1]!, cipher)),
  )

test('opens ciphertexts of textbook Paillier, made by other software', () => {
  for (const { plain, cipher } of golden.cases) expect(open(BigInt(cipher), 1, 2, 3)).toBe(BigInt(plain))
})

test('any threshold of holders opens a sum, in any order', () => {
  const plains = [5n, key.n - 3n, 2n ** 1000n]
  const sum = plains.map((plain) => encryption.encrypt(plain, rng)).reduce(encryption.add)
  const expected = plains.reduce((a, b) => a + b) % key.n
  expect(open(sum, 5, 1, 3)).toBe(expected)
  expect(open(sum, 2, 4, 3)).toBe(expected)
})

test('fewer holders open nothing: what fits no message is refused', () => {
  const cipher = encryption.encrypt(7n, rng)
  expect(() => open(cipher, 1, 2)).toThrow(expect.objectContaining({ code: 'paillier' }))
  // two that pose as three, and openings of two ciphertexts
  const [first, second] = [openPartly(key, shares[0]!, cipher), openPartly(key, shares[1]!, cipher)]
  expect(() => combineOpenings(key, [first, second, { point: 3, value: second.value }])).toThrow(
    expect.objectContaining({ code: 'paillier' }),
  )
  expect(() => combineOpenings(key, [first, second, second])).toThrow(expect.objectContaining({ code: 'paillier' }))
})

test('one plaintext has many ciphertexts', () => {
  expect(encryption.encrypt(7n, rng)).not.toBe(encryption.encrypt(7n, rng))
})

test('refuses small keys, equal primes, impossible thresholds and plaintexts out of range', () => {
  const bad = { code: 'paillier' }
  expect(() => dealPaillierKey([23n, 47n], { holders: 3, threshold: 2 }, rng)).toThrow(expect.objectContaining(bad))
  expect(() => dealPaillierKey([primes[0], primes[0]], { holders: 3, threshold: 2 }, rng)).toThrow(expect.objectContaining(bad))
  expect(() => dealPaillierKey(primes, { holders: 3, threshold: 4 }, rng)).toThrow(expect.objectContaining(bad))
  expect(() => paillierEncryption({ ...key, n: 35n })).toThrow(expect.objectContaining(bad))
  for (const plain of [-1n, key.n]) expect(() => encryption.encrypt(plain, rng)).toThrow(expect.objectContaining(bad))
  expect(() => inverse(6n, 9n)).toThrow(expect.objectContaining(bad))
})

test('powers are powers', () => {
  expect(power(3n, 0n, 7n)).toBe(1n)
  expect(power(3n, 1000n, 10n ** 9n + 7n)).toBe(3n ** 1000n % (10n ** 9n + 7n))
})

test('no primes below 1024 bits', async () => {
  await expect(safePrimes(512)).rejects.toThrow(expect.objectContaining({ code: 'safe-primes' }))
})
