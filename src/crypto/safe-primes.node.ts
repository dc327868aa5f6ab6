// Safe primes from OpenSSL, for keys of threshold Paillier: seconds here, minutes in BigInt.
import { generatePrime } from 'node:crypto'
import { YimengError } from '../base/index.ts'

const one = (bits: number): Promise<bigint> =>
  new Promise((resolve, reject) => {
    generatePrime(bits, { safe: true, bigint: true }, (error, prime) => (error instanceof Error ? reject(error) : resolve(prime)))
  })

/**
 * Two different safe primes (p = 2·p' + 1, p' prime) whose product has `2 · bits` bits.
 *
 * @throws YimengError `safe-primes` below 1024 bits.
 */
export const safePrimes = async (bits = 1024): Promise<readonly [bigint, bigint]> => {
  if (!(Number.isInteger(bits) && bits >= 1024))
    throw new YimengError({ code: 'safe-primes', cannot: 'draw primes', expected: 'at least 1024 bits', got: String(bits) })
  for (;;) {
    const [p, q] = await Promise.all([one(bits), one(bits)])
    if (p !== q && (p * q).toString(2).length === 2 * bits) return [p, q]
  }
}
