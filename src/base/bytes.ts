// Byte arrays: joined, compared, spelled as hex and text, hashed. Hosts are little-endian, like WASM and the wire (checked once, on import).
import { sha256 as sha256Of } from '@noble/hashes/sha2.js'
import { YimengError } from './errors.ts'

if (new Uint8Array(Uint16Array.of(1).buffer)[0] !== 1)
  throw new YimengError({ code: 'host-endian', cannot: 'start', expected: 'a little-endian machine', got: 'a big-endian one' })

/** Bytes of all parts together. */
export const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((length, part) => length + part.length, 0)

/** All parts of a list, however long it is, one after the other in a fresh array. */
export const joinBytes = (parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(lengthOf(parts))
  let start = 0
  for (const part of parts) {
    whole.set(part, start)
    start += part.length
  }
  return whole
}

/** All parts, one after the other, in a fresh array. */
export const concatBytes = (...parts: readonly Uint8Array[]): Uint8Array => joinBytes(parts)

/** Whether both hold the same bytes. Takes the same time for all arrays of one length, so that tags and keys can be compared with it. */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}

/** Lower-case hex, two digits a byte. */
export const toHex = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

/**
 * Bytes of a hex text in either case.
 *
 * @throws YimengError `hex` for an odd number of digits or anything that is not a digit. The text itself is not shown: it may be a key.
 *
 * @example
 * ```ts
 * assert.equal(toHex(fromHex('00FFa0')), '00ffa0')
 * ```
 */
export const fromHex = (text: string): Uint8Array => {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text))
    throw new YimengError({
      code: 'hex',
      cannot: 'read hex',
      expected: 'an even number of hex digits',
      got: `another text of ${text.length} characters`,
    })
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16))
}

/**
 * UTF-8 of a text.
 *
 * @throws YimengError `utf8-text` for a text with half of a surrogate pair: no UTF-8 spells it.
 */
export const utf8Bytes = (text: string): Uint8Array => {
  if (!text.isWellFormed())
    throw new YimengError({ code: 'utf8-text', cannot: 'encode text', expected: 'whole characters', got: 'half of a surrogate pair' })
  return new TextEncoder().encode(text)
}

/**
 * Text of UTF-8 bytes. A byte order mark is a character like any other.
 *
 * @throws YimengError `utf8-bytes` for bytes that are not UTF-8.
 */
export const utf8Text = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new YimengError({
      code: 'utf8-bytes',
      cannot: 'decode text',
      expected: 'UTF-8',
      got: `${bytes.length} bytes that are not`,
      cause,
    })
  }
}

/** Not an import: this file runs in browsers too, where hashing takes some five times as long. */
const nodeCrypto = globalThis.process?.getBuiltinModule?.('node:crypto')
/** Node takes less than 2 GiB at a time. */
const HASHED_AT_ONCE = 2 ** 30
const piecewise = <D extends { readonly update: (bytes: Uint8Array) => unknown }>(digest: D, bytes: Uint8Array): D => {
  for (let at = 0; at < bytes.length; at += HASHED_AT_ONCE) digest.update(bytes.subarray(at, at + HASHED_AT_ONCE))
  return digest
}

/** SHA-256 (FIPS 180-4): 32 bytes. */
export const sha256 = (bytes: Uint8Array): Uint8Array =>
  nodeCrypto === undefined ? sha256Of(bytes) : Uint8Array.from(piecewise(nodeCrypto.createHash('sha256'), bytes).digest())

/**
 * SHA-256 as 64 hex digits; a text is hashed as UTF-8.
 *
 * @example
 * ```ts
 * assert.equal(sha256Hex('abc').slice(0, 16), 'ba7816bf8f01cfea')
 * ```
 */
export const sha256Hex = (value: Uint8Array | string): string => toHex(sha256(typeof value === 'string' ? utf8Bytes(value) : value))
