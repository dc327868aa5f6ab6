import { createHash } from 'node:crypto'
import { sha256 as ofBrowsers } from '@noble/hashes/sha2.js'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { concatBytes, equalBytes, fromHex, sha256, sha256Hex, toHex, utf8Bytes, utf8Text } from './bytes.ts'
import { YimengError } from './errors.ts'

const bytes = fc.uint8Array({ maxLength: 200 })

test('hex, text and concatenation agree with Node', () => {
  fc.assert(
    fc.property(bytes, bytes, fc.string({ unit: 'grapheme' }), (a, b, text) => {
      expect(toHex(a)).toBe(Buffer.from(a).toString('hex'))
      expect(fromHex(toHex(a).toUpperCase())).toEqual(a)
      expect(Buffer.from(concatBytes(a, b))).toEqual(Buffer.concat([a, b]))
      expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0)
      expect(equalBytes(a, Uint8Array.from(a))).toBe(true)
      expect(Buffer.from(utf8Bytes(text))).toEqual(Buffer.from(text))
      expect(utf8Text(utf8Bytes(text))).toBe(text)
      expect(toHex(sha256(a))).toBe(createHash('sha256').update(a).digest('hex'))
      expect(sha256(a)).toEqual(ofBrowsers(a))
    }),
  )
  expect(concatBytes()).toEqual(new Uint8Array(0))
  // FIPS 180-4, the example of three letters
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(sha256Hex('医盟')).toBe(sha256Hex(utf8Bytes('医盟')))
})

test('a byte order mark survives, and what is no text is refused without being shown', () => {
  expect(utf8Text(utf8Bytes('\ufeffa'))).toBe('\ufeffa')
  for (const broken of [[0xff], [0xc3], [0xed, 0xa0, 0x80]]) expect(() => utf8Text(Uint8Array.from(broken))).toThrow(YimengError)
  expect(() => utf8Bytes('\ud800')).toThrow(YimengError)
  for (const broken of ['abc', 'zz', '0x12', ' a']) expect(() => fromHex(broken)).toThrow(YimengError)
})
