// Threshold Paillier: anybody encrypts, sums are taken under encryption, and only `threshold` holders of key shares together open a ciphertext. No party holds the key.
// Paillier 1999, "Public-key cryptosystems based on composite degree residuosity classes", EUROCRYPT; shares and their combination: Damgård, Jurik 2001, "A generalisation, a simplification
// and some applications of Paillier's probabilistic public-key system", PKC, section 4.1 with s = 1; short fixed-base randomness: Damgård, Jurik, Nielsen 2010, section 4.2 (the base h^n).
// n = p·q of safe primes, m = p'·q', Δ = holders!. Plaintexts in Z/n, ciphertexts in Z/n².
// Adversary: honest-but-curious, with fewer than `threshold` holders. Whoever deals the shares knows the key while dealing: that is a trusted set-up, done once and forgotten.
// Not protected: holders that send wrong partial openings (the result is then nonsense; there are no proofs), and timing: BigInt arithmetic is not constant-time.
import { type Csprng, YimengError } from '../base/index.ts'

/** What everybody may know. */
export interface PaillierKey {
  readonly n: bigint
  /** Base of the randomness, h^n mod n². */
  readonly base: bigint
  readonly holders: number
  readonly threshold: number
}

/** One holder's share of the opening key: a secret. */
export interface PaillierShare {
  /** 1 … holders. */
  readonly point: number
  readonly share: bigint
}

/** What one holder gives to open one ciphertext. */
export interface PartialOpening {
  readonly point: number
  readonly value: bigint
}

/** Least bits of n. */
export const LEAST_BITS = 2048
/** Bits of the exponent that blinds a ciphertext: twice what a discrete logarithm in a short interval may cost at 128 bits of security, with room. */
const BLIND_BITS = 400
const WINDOW_BITS = 8

const refused = (cannot: string, expected: string, got: string): YimengError => new YimengError({ code: 'paillier', cannot, expected, got })

/** base^exponent mod modulus, for exponent ≥ 0. */
export const power = (base: bigint, exponent: bigint, modulus: bigint): bigint => {
  let result = 1n
  // from the highest bit, four at a time: a fourth of the multiplications by the base
  const table = [1n]
  for (let i = 1; i < 16; i += 1) table.push((table[i - 1]! * base) % modulus)
  const digits = exponent.toString(16)
  for (const digit of digits) {
    for (let square = 0; square < 4; square += 1) result = (result * result) % modulus
    const value = Number.parseInt(digit, 16)
    if (value > 0) result = (result * table[value]!) % modulus
  }
  return result
}

/** x⁻¹ mod modulus. @throws YimengError `paillier` where there is none. */
export const inverse = (x: bigint, modulus: bigint): bigint => {
  let [a, b] = [((x % modulus) + modulus) % modulus, modulus]
  let [u, v] = [1n, 0n]
  while (b !== 0n) {
    const quotient = a / b
    ;[a, b] = [b, a - quotient * b]
    ;[u, v] = [v, u - quotient * v]
  }
  if (a !== 1n) throw refused('invert number', 'one without common factors', 'another')
  return ((u % modulus) + modulus) % modulus
}

const factorial = (count: number): bigint => {
  let product = 1n
  for (let i = 2; i <= count; i += 1) product *= BigInt(i)
  return product
}

/** Uniform in [0, below). */
const below = (limit: bigint, rng: Csprng): bigint => {
  const bits = limit.toString(2).length
  for (;;) {
    const drawn = randomBits(bits, rng)
    if (drawn < limit) return drawn
  }
}

const randomBits = (bits: number, rng: Csprng): bigint => {
  const bytes = new Uint8Array(Math.ceil(bits / 8))
  rng.fill(bytes)
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return value >> BigInt(bytes.length * 8 - bits)
}

/**
 * Deals a key from two safe primes (p = 2·p' + 1 with p' prime) of 1024 bits or more.
 *
 * @throws YimengError `paillier` for n below 2048 bits, equal primes, or unless 1 ≤ threshold ≤ holders ≤ 1000.
 */
export const dealPaillierKey = (
  primes: readonly [bigint, bigint],
  { holders, threshold }: { readonly holders: number; readonly threshold: number },
  rng: Csprng,
): { readonly key: PaillierKey; readonly shares: readonly PaillierShare[] } => {
  const [p, q] = primes
  const n = p * q
  const bits = n.toString(2).length
  if (bits < LEAST_BITS || p === q) throw refused('deal key', `different primes, n of at least ${LEAST_BITS} bits`, `${bits} bits`)
  if (!(Number.isInteger(threshold) && Number.isInteger(holders) && threshold >= 1 && threshold <= holders && holders <= 1000))
    throw refused('deal key', '1 ≤ threshold ≤ holders ≤ 1000', `${threshold} of ${holders}`)
  const m = ((p - 1n) / 2n) * ((q - 1n) / 2n)
  // opens: 0 mod m takes the randomness away, 1 mod n leaves the message
  const opener = m * inverse(m, n)
  const modulus = n * m
  const coefficients = [opener, ...Array.from({ length: threshold - 1 }, () => below(modulus, rng))]
  const shares = Array.from({ length: holders }, (_, k): PaillierShare => {
    const x = BigInt(k + 1)
    return { point: k + 1, share: coefficients.reduceRight((sum, coefficient) => (sum * x + coefficient) % modulus, 0n) }
  })
  const x = below(n - 2n, rng) + 2n
  // −x² has Jacobi symbol 1: it generates the randomness of nearly all ciphertexts
  const h = (n - ((x * x) % n)) % n
  return { key: { n, base: power(h, n, n * n), holders, threshold }, shares }
}

/** Encrypts under one key. */
export interface PaillierEncryption {
  /** Ciphertext of a plaintext in [0, n). @throws YimengError `paillier`. */
  readonly encrypt: (plain: bigint, rng: Csprng) => bigint
  /** Ciphertext of the sum. */
  readonly add: (a: bigint, b: bigint) => bigint
}

/**
 * Encryption with a table of powers of the base: about fifty multiplications a ciphertext. Making the table takes a quarter of a second and 7 MB at 2048 bits.
 *
 * @throws YimengError `paillier` for a key below 2048 bits.
 */
export const paillierEncryption = ({ n, base }: PaillierKey): PaillierEncryption => {
  if (n.toString(2).length < LEAST_BITS) throw refused('encrypt', `a key of at least ${LEAST_BITS} bits`, `${n.toString(2).length}`)
  const square = n * n
  const windows = BLIND_BITS / WINDOW_BITS
  const table: bigint[][] = []
  for (let window = 0, start = base; window < windows; window += 1) {
    const row = [1n]
    for (let i = 1; i < 1 << WINDOW_BITS; i += 1) row.push((row[i - 1]! * start) % square)
    table.push(row)
    start = (row[(1 << WINDOW_BITS) - 1]! * start) % square
  }
  return {
    encrypt: (plain, rng) => {
      if (plain < 0n || plain >= n) throw refused('encrypt', 'a plaintext in [0, n)', 'another')
      const blind = new Uint8Array(windows)
      rng.fill(blind)
      let cipher = (1n + plain * n) % square
      for (let window = 0; window < windows; window += 1) cipher = (cipher * table[window]![blind[window]!]!) % square
      return cipher
    },
    add: (a, b) => (a * b) % square,
  }
}

/** One holder's part in opening a ciphertext. */
export const openPartly = ({ n, holders }: PaillierKey, { point, share }: PaillierShare, cipher: bigint): PartialOpening => ({
  point,
  value: power(cipher, 2n * factorial(holders) * share, n * n),
})

/**
 * The plaintext from `threshold` partial openings of one ciphertext.
 *
 * @throws YimengError `paillier` for too few, a point twice or out of range, or openings that do not fit each other.
 */
export const combineOpenings = ({ n, holders, threshold }: PaillierKey, openings: readonly PartialOpening[]): bigint => {
  const used = openings.slice(0, threshold)
  const points = used.map(({ point }) => point)
  const sound = new Set(points).size === threshold && points.every((point) => Number.isInteger(point) && point >= 1 && point <= holders)
  if (!sound) throw refused('open ciphertext', `openings of ${threshold} different holders`, `${openings.length}`)
  const square = n * n
  const delta = factorial(holders)
  let product = 1n
  for (const { point, value } of used) {
    // Δ · Lagrange at 0 is whole
    let [over, under] = [delta, 1n]
    for (const other of points)
      if (other !== point) {
        over *= BigInt(-other)
        under *= BigInt(point - other)
      }
    const exponent = (2n * over) / under
    product = (product * power(exponent < 0n ? inverse(value, square) : value, exponent < 0n ? -exponent : exponent, square)) % square
  }
  if (product % n !== 1n) throw refused('open ciphertext', 'openings of one ciphertext', 'others')
  return (((product - 1n) / n) * inverse(4n * delta * delta, n)) % n
}
