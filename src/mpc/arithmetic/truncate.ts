// Truncation of shared fixed-point numbers: x / 2^bits, or x / divisor, to within a unit or so. `local` divides shares by themselves (Mohassel and Zhang 2017, SecureML, section 4.1):
// free, but wrong by 2^64 / divisor with probability about |x| / 2^63 per element. `exact` knows that |x| < 2^62 and repairs the wrap-around: with 2^62 added, x is positive, so the
// shares wrap exactly when either of their top bits is set, one private bit of each party and one transfer (the known-sign case of Huang, Lu, Hong and Ding 2022, Cheetah).
// Adversary: semi-honest. What leaks: the number of elements.
import type { Session } from '../session.ts'
import type { SessionTraffic } from '../session.ts'
import type { TrafficCount } from '../traffic.ts'
import { oneWayTraffic, receiveFactors, sendFactors } from '../ot/one-way.ts'
import type { Words } from './words.ts'

/** What is divided by: a positive rational. Real divisors are passed as numerator over denominator. */
export interface Divisor {
  readonly by: bigint
  readonly over: bigint
}

const OFFSET = 1n << 62n
const MODULUS = 1n << 64n

/** By 2^bits. */
export const powerOfTwo = (bits: number): Divisor => ({ by: 1n << BigInt(bits), over: 1n })

// towards minus infinity; `by` is positive
const floorDivide = (x: bigint, by: bigint): bigint => (x >= 0n ? x / by : -((by - 1n - x) / by))

/** My share divided without a word to the peer, as a signed number, towards zero. */
export const truncateLocally = (x: Words, { by, over }: Divisor): Words => {
  const out = new BigUint64Array(x.length)
  const signed = new BigInt64Array(x.buffer, x.byteOffset, x.length)
  for (let i = 0; i < x.length; i++) out[i] = BigInt.asUintN(64, ((signed[i] as bigint) * over) / by)
  return out
}

/** My share of x / divisor, for |x| < 2^62: less than one unit off for powers of two, less than 1.5 otherwise, and not biased. */
export const truncateExactly = async (session: Session, x: Words, { by, over }: Divisor): Promise<Words> => {
  const guest = session.me === 'guest'
  const tops = new Uint8Array(Math.ceil(x.length / 8))
  const topWords = new BigUint64Array(x.length)
  const out = new BigUint64Array(x.length)
  const power = over === 1n && (by & (by - 1n)) === 0n ? BigInt(by.toString(2).length - 1) : undefined
  for (let i = 0; i < x.length; i++) {
    const share = guest ? BigInt.asUintN(64, (x[i] as bigint) + OFFSET) : (x[i] as bigint)
    const top = share >> 63n
    tops[i >> 3] = (tops[i >> 3] as number) | (Number(top) << (i & 7))
    topWords[i] = top
    // the guest rounds up and takes the offset out again, the host rounds down
    const value = guest ? OFFSET - share : share
    const quotient = power === undefined ? floorDivide(value * over, by) : value >> power
    out[i] = BigInt.asUintN(64, guest ? -quotient : quotient)
  }
  // wrap = top0 + top1 - top0 * top1
  const product = guest ? await sendFactors(session, 'truncate', topWords) : await receiveFactors(session, 'truncate', x.length, tops)
  const wrapped = floorDivide(2n * MODULUS * over + by, 2n * by)
  for (let i = 0; i < x.length; i++) out[i] = (out[i] as bigint) - ((topWords[i] as bigint) - (product[i] as bigint)) * wrapped
  return out
}

/** What {@link truncateExactly} sends for `count` elements. */
export const truncateTraffic = (traffic: TrafficCount, session: SessionTraffic, count: number): void =>
  oneWayTraffic(traffic, session, 'guest', count, 1)
