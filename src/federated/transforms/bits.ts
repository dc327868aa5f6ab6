// Small whole numbers side by side: 1 to 16 bits each, lowest bit first, the last byte filled with zeros.
import { broken } from './compressor.ts'

/** Numbers from 0 to 2^bits − 1 as ⌈count · bits / 8⌉ bytes. */
export const packBits = (numbers: ArrayLike<number>, bits: number): Uint8Array => {
  const bytes = new Uint8Array(Math.ceil((numbers.length * bits) / 8))
  let [held, count, at] = [0, 0, 0]
  for (let i = 0; i < numbers.length; i += 1) {
    held |= numbers[i]! << count
    for (count += bits; count >= 8; count -= 8) {
      bytes[at++] = held & 0xff
      held >>>= 8
    }
  }
  if (count > 0) bytes[at] = held
  return bytes
}

/** `count` numbers of `bits` bits. @throws YimengError `packed` for another number of bytes. */
export const unpackBits = (bytes: Uint8Array, bits: number, count: number): Uint16Array => {
  const expected = Math.ceil((count * bits) / 8)
  if (bytes.length !== expected) throw broken(`${expected} bytes for ${count} numbers`, String(bytes.length))
  const numbers = new Uint16Array(count)
  const mask = 2 ** bits - 1
  let [held, have, at] = [0, 0, 0]
  for (let i = 0; i < count; i += 1) {
    for (; have < bits; have += 8) held |= bytes[at++]! << have
    numbers[i] = held & mask
    held >>>= bits
    have -= bits
  }
  return numbers
}
