import { createCipheriv, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { discard } from './memory.ts'
import { encryptInto, keystream, permutation } from './symmetric.ts'

test('a whole buffer is given back, with a header before it too; a part of a larger one is left alone', () => {
  const whole = new Uint8Array(64)
  discard(whole)
  expect(whole.length).toBe(0)
  const framed = new Uint8Array(64).subarray(12)
  discard(framed)
  expect(framed.length).toBe(0)
  const shared = new Uint8Array(64)
  for (const part of [shared.subarray(0, 32), shared.subarray(32)]) {
    discard(part)
    expect(part.length).toBe(32)
  }
})

test('in place, a cipher gives what it gives elsewhere; a stream goes on where it stopped, across calls', () => {
  const key = randomBytes(16)
  const plain = randomBytes(80_000)
  const place = Uint8Array.from(plain)
  encryptInto(permutation(key), place, place)
  expect(Buffer.from(place).equals(createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(plain))).toBe(true)
  const stream = keystream(key)
  const pieces = [10, 70_000, 200_000].map((length) => stream.next(length))
  const expected = createCipheriv('aes-128-ctr', key, new Uint8Array(16)).update(new Uint8Array(270_010))
  expect(Buffer.concat(pieces).equals(expected)).toBe(true)
})
