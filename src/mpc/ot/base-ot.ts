// Base oblivious transfers: 128 at once, of random 16-byte keys, on ristretto255 (libsodium). Chou and Orlandi 2015, "The Simplest Protocol for Oblivious Transfer".
// Adversary: semi-honest. The receiver learns one key of each pair, the sender learns nothing; messages are uniform group elements. Not proven against active parties.
import { createHash } from 'node:crypto'
import { concatBytes, type Csprng, YimengError } from '../../base/index.ts'
import { libsodium, type Sodium } from '../../crypto/index.ts'

/** Computational security in bits: the number of base transfers and of columns of the extension. */
export const KAPPA = 128
const POINT = 32

const randomScalar = (sodium: Sodium, rng: Csprng): Uint8Array => {
  const wide = new Uint8Array(64)
  rng.fill(wide)
  return sodium.crypto_core_ristretto255_scalar_reduce(wide)
}

const keyOf = (index: number, a: Uint8Array, b: Uint8Array, shared: Uint8Array): Uint8Array =>
  createHash('sha256').update('yimeng base ot').update(Uint8Array.of(index)).update(a).update(b).update(shared).digest().subarray(0, 16)

const checkPoint = (sodium: Sodium, point: Uint8Array): void => {
  if (!sodium.crypto_core_ristretto255_is_valid_point(point))
    throw new YimengError({ code: 'mpc-point', cannot: 'transfer base keys', expected: 'an element of ristretto255', got: 'other bytes' })
}

/** What the sender of base transfers says and how it makes its key pairs from the answer ({@link KAPPA} points). */
export interface BaseSender {
  readonly message: Uint8Array
  readonly keys: (answer: Uint8Array) => readonly (readonly [Uint8Array, Uint8Array])[]
}

/** The sender's side. */
export const baseSender = async (rng: Csprng): Promise<BaseSender> => {
  const s = await libsodium()
  const secret = randomScalar(s, rng)
  const message = s.crypto_scalarmult_ristretto255_base(secret)
  const own = s.crypto_scalarmult_ristretto255(secret, message)
  return {
    message,
    keys: (answer) =>
      Array.from({ length: KAPPA }, (_, i) => {
        const point = answer.subarray(i * POINT, (i + 1) * POINT)
        checkPoint(s, point)
        const shared = s.crypto_scalarmult_ristretto255(secret, point)
        return [keyOf(i, message, point, shared), keyOf(i, message, point, s.crypto_core_ristretto255_sub(shared, own))] as const
      }),
  }
}

/** The receiver's side: for choice bits `choices` (packed, {@link KAPPA} of them) its answer to `message` and the chosen keys. */
export const baseReceive = async (
  rng: Csprng,
  message: Uint8Array,
  choices: Uint8Array,
): Promise<{ readonly answer: Uint8Array; readonly keys: readonly Uint8Array[] }> => {
  const s = await libsodium()
  checkPoint(s, message)
  const points: Uint8Array[] = []
  const keys: Uint8Array[] = []
  for (let i = 0; i < KAPPA; i++) {
    const secret = randomScalar(s, rng)
    const base = s.crypto_scalarmult_ristretto255_base(secret)
    const shifted = s.crypto_core_ristretto255_add(base, message)
    // both candidates are computed, and the choice is a mask
    const mask = -(((choices[i >> 3] ?? 0) >> (i & 7)) & 1)
    const point = base.map((byte, at) => byte ^ ((byte ^ (shifted[at] ?? 0)) & mask))
    points.push(point)
    keys.push(keyOf(i, message, point, s.crypto_scalarmult_ristretto255(secret, message)))
  }
  return { answer: concatBytes(...points), keys }
}

/** Payload bytes: the sender's message, then the answer. */
export const BASE_MESSAGE_BYTES = POINT
/** See {@link BASE_MESSAGE_BYTES}. */
export const BASE_ANSWER_BYTES = KAPPA * POINT
