import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8Bytes } from './bytes.ts'
import { codecLaws } from './codec.suite.ts'
import {
  bytesCodec,
  type Codec,
  float32Codec,
  float64Codec,
  jsonCodec,
  listCodec,
  structCodec,
  textCodec,
  uint32Codec,
  uint64Codec,
  voidCodec,
} from './codec.ts'
import { YimengError } from './errors.ts'

const bytes = fc.uint8Array({ maxLength: 40 })
const float32 = fc.float32Array({ maxLength: 20 })
const text = fc.string({ unit: 'grapheme' })

codecLaws('void', voidCodec, fc.constant(undefined))
codecLaws('bytes', bytesCodec, bytes)
codecLaws('text', textCodec, text)
codecLaws('float32', float32Codec, float32)
codecLaws('float64', float64Codec, fc.float64Array({ maxLength: 20 }))
codecLaws('uint32', uint32Codec, fc.uint32Array({ maxLength: 20 }))
codecLaws('uint64', uint64Codec, fc.bigUint64Array({ maxLength: 20 }))
codecLaws(
  'json',
  jsonCodec<unknown>((value) => value),
  fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value))),
)
codecLaws('list of text', listCodec(textCodec), fc.array(text, { maxLength: 8 }))
codecLaws(
  'nested record',
  structCodec<{ values: Float32Array; names: readonly string[]; nothing: void; inner: { raw: Uint8Array } }>({
    values: float32Codec,
    names: listCodec(textCodec),
    nothing: voidCodec,
    inner: structCodec({ raw: bytesCodec }),
  }),
  fc.record({
    values: float32,
    names: fc.array(text, { maxLength: 4 }),
    nothing: fc.constant(undefined),
    inner: fc.record({ raw: bytes }),
  }),
)

test('numbers keep their bits: payloads of NaN, minus zero, subnormals', () => {
  const bits = Uint32Array.of(0x7fc0_1234, 0x8000_0000, 1, 0xff80_0000)
  const decoded = float32Codec.decode(float32Codec.encode(new Float32Array(bits.buffer)))
  expect(new Uint32Array(decoded.buffer, decoded.byteOffset, 4)).toEqual(bits)
  expect(uint32Codec.encode(Uint32Array.of(0x0102_0304))).toEqual(Uint8Array.of(4, 3, 2, 1)) // little-endian
})

test('a view encodes what it shows, and encoding copies', () => {
  const whole = Float32Array.of(1, 2, 3, 4)
  const encoded = float32Codec.encode(whole.subarray(1, 3))
  whole.fill(9)
  expect(float32Codec.decode(encoded)).toEqual(Float32Array.of(2, 3))
})

const refusal = (codec: Pick<Codec<unknown>, 'decode'>, from: Uint8Array): string | undefined => {
  try {
    codec.decode(from)
    return undefined
  } catch (error) {
    return error instanceof YimengError ? error.code : String(error)
  }
}

test('a length that lies costs nothing: it is refused before anything is set aside', () => {
  expect(refusal(listCodec(bytesCodec), Uint8Array.of(0xff, 0xff, 0xff, 0xff))).toBe('codec-list')
  expect(refusal(listCodec(bytesCodec, 3), Uint8Array.of(4, 0, 0, 0))).toBe('codec-list')
  expect(refusal(listCodec(bytesCodec), Uint8Array.of(1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff))).toBe('codec-length')
  expect(refusal(structCodec({ a: bytesCodec }), Uint8Array.of(2, 0, 0, 0, 7))).toBe('codec-length')
  expect(refusal(structCodec({ a: bytesCodec }), Uint8Array.of(0, 0, 0, 0, 7))).toBe('codec-trailing')
  expect(refusal(listCodec(bytesCodec), Uint8Array.of(0, 0, 0, 0, 7))).toBe('codec-trailing')
  expect(refusal(float64Codec, new Uint8Array(12))).toBe('codec-elements')
  expect(refusal(voidCodec, new Uint8Array(1))).toBe('codec-void')
  expect(() => listCodec(voidCodec, 1).encode([undefined, undefined])).toThrow(YimengError)
})

test('JSON: one spelling, one check, no quotation of what was refused', () => {
  const age = jsonCodec((value) => {
    if (typeof value !== 'number') throw new TypeError('not a number')
    return value
  })
  expect(age.decode(utf8Bytes('42'))).toBe(42)
  for (const spelling of [' 42', '42.0', '4.2e1', '"text"', '{"a":1,"a":2}', 'secret', '']) {
    expect(refusal(age, utf8Bytes(spelling))).toBe('codec-json')
    expect(() => age.decode(utf8Bytes(spelling))).not.toThrow(/secret/)
  }
  expect(
    refusal(
      jsonCodec<unknown>((value) => value),
      utf8Bytes('{"b":1,"a":2}'),
    ),
  ).toBe('codec-json')
  const inner = new YimengError({ code: 'own', cannot: 'read age', expected: 'years', got: 'text' })
  const strict = jsonCodec<never>(() => {
    throw inner
  })
  expect(refusal(strict, utf8Bytes('1'))).toBe('own')
})
