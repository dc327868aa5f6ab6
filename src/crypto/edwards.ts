// The prime-order group of Curve25519 in Edwards form, for bulk work: hashing into it and multiplying by secret scalars. sodium-native where it is installed, else libsodium in
// WebAssembly (three times slower); both give the same bytes. libsodium refuses points outside the prime-order group and small-order points.
import { type Csprng, sha256, YimengError } from '../base/index.ts'
import { libsodium } from './sodium.ts'

/** Bytes of a point, and of a scalar. */
export const POINT_BYTES = 32

/** Group operations. */
export interface Edwards {
  readonly engine: 'native' | 'wasm'
  /** A point from 32 uniform bytes (Elligator 2, cofactor cleared). */
  readonly fromUniform: (bytes: Uint8Array) => Uint8Array
  /** @throws YimengError `edwards-point` for bytes that are no point of the group. */
  readonly multiply: (scalar: Uint8Array, point: Uint8Array) => Uint8Array
  /** A secret scalar, not zero. */
  readonly scalar: (rng: Csprng) => Uint8Array
  /** 1 / scalar. */
  readonly invert: (scalar: Uint8Array) => Uint8Array
}

interface Native {
  readonly crypto_core_ed25519_from_uniform: (out: Uint8Array, bytes: Uint8Array) => void
  readonly crypto_scalarmult_ed25519_noclamp: (out: Uint8Array, scalar: Uint8Array, point: Uint8Array) => void
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
  new YimengError({
    code: 'edwards-point',
    cannot: 'multiply point',
    expected: 'a point of the prime-order group',
    got: 'other bytes',
    cause,
  })

const wide = (rng: Csprng): Uint8Array => {
  const bytes = new Uint8Array(64)
  rng.fill(bytes)
  return bytes
}

const nativeGroup = (s: Native): Edwards => {
  const made = (fill: (out: Uint8Array) => void): Uint8Array => {
    const out = new Uint8Array(POINT_BYTES)
    fill(out)
    return out
  }
  return {
    engine: 'native',
    fromUniform: (bytes) => made((out) => s.crypto_core_ed25519_from_uniform(out, bytes)),
    multiply: (scalar, point) => {
      try {
        return made((out) => s.crypto_scalarmult_ed25519_noclamp(out, scalar, point))
      } catch (cause) {
        throw refused(cause)
      }
    },
    scalar: (rng) => made((out) => s.crypto_core_ed25519_scalar_reduce(out, wide(rng))),
    invert: (scalar) => made((out) => s.crypto_core_ed25519_scalar_invert(out, scalar)),
  }
}

/** The group in WebAssembly, which every platform has. */
export const edwardsInWasm = async (): Promise<Edwards> => {
  const s = await libsodium()
  return {
    engine: 'wasm',
    fromUniform: (bytes) => s.crypto_core_ed25519_from_uniform(bytes),
    multiply: (scalar, point) => {
      try {
        return s.crypto_scalarmult_ed25519_noclamp(scalar, point)
      } catch (cause) {
        throw refused(cause)
      }
    },
    scalar: (rng) => s.crypto_core_ed25519_scalar_reduce(wide(rng)),
    invert: (scalar) => s.crypto_core_ed25519_scalar_invert(scalar),
  }
}

/** The group, on the fastest engine here. */
export const edwards = async (): Promise<Edwards> => {
  const found = await native()
  return found === undefined ? edwardsInWasm() : nativeGroup(found)
}

/** A point for `item` within `context` (a session's nonce): nobody knows its logarithm. */
export const hashToPoint = (group: Edwards, context: Uint8Array, item: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(context.length + item.length)
  bytes.set(context)
  bytes.set(item, context.length)
  return group.fromUniform(sha256(bytes))
}
