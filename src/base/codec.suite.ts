// The laws of a codec, for whoever writes one: `codecLaws('update', updateCodec, arbitraryUpdate)`.
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { equalBytes, joinBytes } from './bytes.ts'
import { type Codec, lookInto, partsOf } from './codec.ts'
import { YimengError } from './errors.ts'
import { type Law, registerLaws } from './law.suite.ts'

/** Decodes, or says that it was refused. Anything thrown but a YimengError is a fault of the codec. */
const attempt = <T>(codec: Codec<T>, bytes: Uint8Array): { readonly value: T } | undefined => {
  try {
    return { value: codec.decode(bytes) }
  } catch (error) {
    if (error instanceof YimengError) return undefined
    throw error
  }
}

/** Bytes that `encode` cannot have made are refused: what is accepted encodes to the same bytes again. */
const refusesOrReturns = <T>(codec: Codec<T>, bytes: Uint8Array): void => {
  const read = attempt(codec, bytes)
  if (read !== undefined) expect(equalBytes(codec.encode(read.value), bytes)).toBe(true)
}

/**
 * The laws of a codec: values survive the journey; equal values are equal bytes; nothing refers to what went in; bytes cut short, prolonged, changed or
 * invented are refused with a YimengError or are another value's own encoding.
 */
export const lawsOfCodec = <T>(codec: Codec<T>, values: fc.Arbitrary<T>): readonly Law[] => {
  const laws: Law[] = []
  const law = (name: string, check: () => void): void => void laws.push({ name, check })

  law('a value survives encoding and decoding', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(codec.decode(codec.encode(value))).toEqual(value)
      }),
    )
  })

  law('what was decoded encodes to the same bytes', () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = codec.encode(value)
        expect(equalBytes(codec.encode(codec.decode(bytes)), bytes)).toBe(true)
      }),
    )
  })

  law('decoding keeps no reference, needs no alignment and changes nothing', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 9 }), (value, shift) => {
        const bytes = codec.encode(value)
        expect(joinBytes(partsOf(codec, value))).toEqual(bytes)
        const shifted = new Uint8Array(bytes.length + 2 * shift).fill(0xa5)
        shifted.set(bytes, shift)
        const view = shifted.subarray(shift, shift + bytes.length)
        const decoded = codec.decode(view)
        expect(lookInto(codec, view)).toEqual(decoded)
        expect(equalBytes(view, bytes)).toBe(true)
        shifted.fill(0x5a)
        expect(equalBytes(codec.encode(decoded), bytes)).toBe(true)
      }),
    )
  })

  law('bytes cut short are refused, or are a shorter value', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (value, share) => {
        const bytes = codec.encode(value)
        refusesOrReturns(codec, bytes.slice(0, Math.floor(bytes.length * share)))
        if (bytes.length > 0) refusesOrReturns(codec, bytes.slice(0, -1))
      }),
    )
  })

  law('bytes with more behind them are refused, or are a longer value', () => {
    fc.assert(
      fc.property(values, fc.uint8Array({ minLength: 1, maxLength: 9 }), (value, more) => {
        const bytes = codec.encode(value)
        refusesOrReturns(codec, Uint8Array.from([...bytes, ...more]))
      }),
    )
  })

  law('changed bytes and lying lengths are refused, or are another value', () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.constantFrom(1, 2, 0x80, 0xff), (value, at, flip) => {
        const bytes = new Uint8Array(codec.encode(value))
        if (bytes.length === 0) return
        // the first bytes, where lengths are, are changed as often as all others
        const index = at % 2 === 0 ? at % Math.min(8, bytes.length) : at % bytes.length
        bytes[index] = (bytes[index] ?? 0) ^ flip
        refusesOrReturns(codec, bytes)
      }),
    )
  })

  law('invented bytes are refused, or are a value', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => refusesOrReturns(codec, bytes)))
  })

  return laws
}

/** Registers {@link lawsOfCodec} as tests. */
export const codecLaws = <T>(name: string, codec: Codec<T>, values: fc.Arbitrary<T>): void =>
  registerLaws(`codec laws: ${name}`, lawsOfCodec(codec, values))
