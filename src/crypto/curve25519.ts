// The prime-order group of Curve25519 for bulk work, as X25519 has it: hashing into it and multiplying by secret scalars. A point is its u in Montgomery form (RFC 7748), so that P and -P are
// one: what suits a pseudorandom function. Hashing maps to the Edwards form (Elligator 2), takes the cofactor out, and converts many points with one inversion. Scalars are clamped: multiples
// of 8, so that a product lies in the prime-order group whatever the peer sent, of points of small order only the neutral one remains, which is refused, and nothing about a scalar shows on the
// twist, whose order is 4 times a prime (Bernstein 2006, section 3).
// sodium-native where it is installed, else libsodium in WebAssembly (three times slower); both give the same bytes.
import { type Csprng, sha256, YimengError } from '../base/index.ts'
import { toMontgomery } from './kernels/montgomery.ts'
import { libsodium } from './sodium.ts'

/** Bytes of a point, and of a scalar. */
export const POINT_BYTES = 32

/** Group operations on many points, which lie one after the other. */
export interface Curve25519 {
  readonly engine: 'native' | 'wasm'
  /** A point for each of `items` within `context` (a session's nonce): nobody knows its logarithm. */
  readonly hashToPoints: (context: Uint8Array, items: readonly Uint8Array[]) => Uint8Array
  /** Each of `points` times `scalar`. @throws YimengError `curve-point` for a point of small order. */
  readonly multiply: (scalar: Uint8Array, points: Uint8Array) => Uint8Array
  /** A secret scalar. */
  readonly scalar: (rng: Csprng) => Uint8Array
  /** A secret scalar and the one that undoes it. */
  readonly blinding: (rng: Csprng) => { readonly blind: Uint8Array; readonly unblind: Uint8Array }
}

/** What a library brings; all write over `out`. */
interface Primitives {
  readonly engine: Curve25519['engine']
  readonly fromUniform: (out: Uint8Array, bytes: Uint8Array) => void
  readonly multiply: (out: Uint8Array, scalar: Uint8Array, point: Uint8Array) => void
  /** 1 / `scalar` modulo the group's order, for `scalar` of 64 bytes. */
  readonly invert: (scalar: Uint8Array) => Uint8Array
}

/** The part of sodium-native that is used. */
interface Native {
  readonly crypto_core_ed25519_from_uniform: (out: Uint8Array, bytes: Uint8Array) => void
  readonly crypto_scalarmult: (out: Uint8Array, scalar: Uint8Array, point: Uint8Array) => void
  readonly crypto_core_ed25519_scalar_reduce: (out: Uint8Array, bytes: Uint8Array) => void
  readonly crypto_core_ed25519_scalar_invert: (out: Uint8Array, scalar: Uint8Array) => void
}

const native = async (): Promise<Native | undefined> => {
  // optional: a platform without a prebuilt binary does without
  const name = 'sodium-native'
  try {
    return ((await import(name)) as { readonly default: Native }).default
  } catch {
    return undefined
  }
}

const refused = (cause: unknown): YimengError =>
  new YimengError({ code: 'curve-point', cannot: 'multiply point', expected: 'a point of large order', got: 'other bytes', cause })

/** 2^252 + …: the order of the group (RFC 7748, section 4.1). */
const ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n
/** 1 / {@link ORDER} modulo 8. */
const ORDER_INVERSE_MOD_8 = 5n

const integerOf = (bytes: Uint8Array): bigint => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
const bytesOf = (value: bigint): Uint8Array => Uint8Array.from({ length: POINT_BYTES }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))

const scalar = (rng: Csprng): Uint8Array => {
  const bytes = new Uint8Array(POINT_BYTES)
  rng.fill(bytes)
  // clamped, as RFC 7748, section 5, has it
  bytes[0] = (bytes[0] as number) & 248
  bytes[31] = ((bytes[31] as number) & 127) | 64
  return bytes
}

const groupOf = ({ engine, fromUniform, multiply, invert }: Primitives): Curve25519 => ({
  engine,
  hashToPoints: (context, items) => {
    const points = new Uint8Array(items.length * POINT_BYTES)
    items.forEach((item, i) => {
      const bytes = new Uint8Array(context.length + item.length)
      bytes.set(context)
      bytes.set(item, context.length)
      fromUniform(points.subarray(i * POINT_BYTES, (i + 1) * POINT_BYTES), sha256(bytes))
    })
    toMontgomery(points)
    return points
  },
  multiply: (by, points) => {
    const out = new Uint8Array(points.length)
    try {
      for (let at = 0; at < points.length; at += POINT_BYTES)
        multiply(out.subarray(at, at + POINT_BYTES), by, points.subarray(at, at + POINT_BYTES))
    } catch (cause) {
      throw refused(cause)
    }
    return out
  },
  scalar,
  blinding: (rng) => {
    for (;;) {
      const blind = scalar(rng)
      const wide = new Uint8Array(64)
      wide.set(blind)
      // of all that undo it, the multiple of 8 below 8 times the order: clamping leaves that one as it is when it is 2^254 or more, which happens every other time
      const inverse = integerOf(invert(wide))
      const unblind = inverse + ((8n - ((inverse * ORDER_INVERSE_MOD_8) & 7n)) & 7n) * ORDER
      if (unblind >> 254n === 1n) return { blind, unblind: bytesOf(unblind) }
    }
  },
})

const nativeGroup = (s: Native): Curve25519 =>
  groupOf({
    engine: 'native',
    fromUniform: s.crypto_core_ed25519_from_uniform,
    multiply: s.crypto_scalarmult,
    invert: (wide) => {
      const [reduced, out] = [new Uint8Array(POINT_BYTES), new Uint8Array(POINT_BYTES)]
      s.crypto_core_ed25519_scalar_reduce(reduced, wide)
      s.crypto_core_ed25519_scalar_invert(out, reduced)
      return out
    },
  })

/** The group in WebAssembly, which every platform has. */
export const curve25519InWasm = async (): Promise<Curve25519> => {
  const s = await libsodium()
  return groupOf({
    engine: 'wasm',
    fromUniform: (out, bytes) => out.set(s.crypto_core_ed25519_from_uniform(bytes)),
    multiply: (out, by, point) => out.set(s.crypto_scalarmult(by, point)),
    invert: (wide) => s.crypto_core_ed25519_scalar_invert(s.crypto_core_ed25519_scalar_reduce(wide)),
  })
}

/** The group, on the fastest engine here. */
export const curve25519 = async (): Promise<Curve25519> => {
  const found = await native()
  return found === undefined ? curve25519InWasm() : nativeGroup(found)
}
