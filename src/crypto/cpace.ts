// CPace: two parties that typed the same short code agree on a strong key over an open line (draft-irtf-cfrg-cpace; Abdalla, Haase and Hesse 2021), on ristretto255 with SHA-512.
// Adversary: active on the line: each attempt tests one guess of the code; a recording helps nothing, then or later. What leaks: that an attempt took place. Not for stored passwords.
import { concatBytes, type Csprng, utf8Bytes, YimengError } from '../base/index.ts'
import { libsodium } from './sodium.ts'

const DOMAIN = 'CPaceRistretto255'
/** Input block of SHA-512: the code is padded to fill it, so that its length does not show in the hash's timing. */
const BLOCK = 128

const sized = (...parts: readonly Uint8Array[]): Uint8Array =>
  concatBytes(...parts.flatMap((part) => [Uint8Array.of(part.length >> 8, part.length & 255), part]))

/** Bytes of a message. */
export const CPACE_BYTES = 32

/** One side of the exchange: `message` goes to the peer. */
export interface Cpace {
  readonly message: Uint8Array
  /** The 32-byte key that the peer has too if it typed the same code. Nothing tells whether it did: prove the key to each other. */
  readonly key: (theirs: Uint8Array) => Uint8Array
}

/**
 * Starts as `initiator` or not. `channel` names what the key is for and who is who, `session` is fresh for each attempt; both sides use the same.
 *
 * @throws YimengError `cpace-point` from `key`, when the peer's message is no usable group element.
 */
export const cpace = async (rng: Csprng, code: string, channel: string, session: Uint8Array, initiator: boolean): Promise<Cpace> => {
  const sodium = await libsodium()
  const secret = utf8Bytes(code)
  const padding = new Uint8Array(Math.max(0, BLOCK - 4 - DOMAIN.length - secret.length))
  const generator = sodium.crypto_core_ristretto255_from_hash(
    sodium.crypto_hash_sha512(sized(utf8Bytes(DOMAIN), secret, padding, utf8Bytes(channel), session)),
  )
  const wide = new Uint8Array(64)
  rng.fill(wide)
  const scalar = sodium.crypto_core_ristretto255_scalar_reduce(wide)
  const message = sodium.crypto_scalarmult_ristretto255(scalar, generator)
  return {
    message,
    key: (theirs) => {
      const refused = (got: string): YimengError =>
        new YimengError({ code: 'cpace-point', cannot: 'agree on a key', expected: 'an element of ristretto255', got })
      if (theirs.length !== CPACE_BYTES || !sodium.crypto_core_ristretto255_is_valid_point(theirs)) throw refused('other bytes')
      const shared = ((): Uint8Array => {
        try {
          return sodium.crypto_scalarmult_ristretto255(scalar, theirs)
        } catch {
          // libsodium refuses the neutral element
          throw refused('the neutral one')
        }
      })()
      const [first, second] = initiator ? [message, theirs] : [theirs, message]
      return sodium.crypto_hash_sha512(sized(utf8Bytes(`${DOMAIN}_ISK`), session, shared, first, second)).slice(0, 32)
    },
  }
}
