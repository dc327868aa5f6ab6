// Bytes cross boundaries, never references: every value that moves has a codec. Numbers are little-endian; lengths are 4 bytes.
import { joinBytes, lengthOf, utf8Bytes, utf8Text } from './bytes.ts'
import { canonicalJson } from './canonical-json.ts'
import { YimengError } from './errors.ts'

/**
 * Turns a value into bytes and back. `decode` throws {@link YimengError} on anything that `encode` cannot have made, and never keeps a reference to its input.
 * So for all bytes: `decode` throws, or `encode` of its result gives the same bytes again (`codec.suite.ts` checks it).
 */
export interface Codec<T> {
  readonly encode: (value: T) => Uint8Array
  readonly decode: (bytes: Uint8Array) => T
  /** What `encode` gives, in parts that may be the value's own memory: for who sends or copies it before the value changes. Absent: `encode`. */
  readonly parts?: (value: T) => readonly Uint8Array[]
  /** What `decode` gives, but perhaps looking into the bytes themselves: for who is done with it before they change. Absent: `decode`. */
  readonly look?: (bytes: Uint8Array) => T
}

/** A value that may lie in its bytes: good until they change. */
export const lookInto = <T>({ look, decode }: Codec<T>, bytes: Uint8Array): T => (look ?? decode)(bytes)

/** A value's bytes in parts, without copies where its codec can. */
export const partsOf = <T>({ parts, encode }: Codec<T>, value: T): readonly Uint8Array[] => parts?.(value) ?? [encode(value)]

/** The value a codec carries. */
export type Carried<C> = C extends Codec<infer T> ? T : never

const fault = (
  code: string,
  expected: string,
  got: string,
  where?: Readonly<Record<string, string | number>>,
  cause?: unknown,
): YimengError => new YimengError({ code, cannot: 'decode bytes', expected, got, ...(where === undefined ? {} : { where }), cause })

/** Nothing, in no bytes. */
export const voidCodec: Codec<void> = {
  encode: () => new Uint8Array(0),
  decode: (bytes) => {
    if (bytes.length !== 0) throw fault('codec-void', 'no bytes', `${bytes.length}`)
  },
}

/** Bytes as they are, copied. */
export const bytesCodec: Codec<Uint8Array> = { encode: (value) => new Uint8Array(value), decode: (bytes) => new Uint8Array(bytes) }

/** A text as UTF-8. */
export const textCodec: Codec<string> = { encode: utf8Bytes, decode: utf8Text }

interface NumberArray {
  readonly buffer: ArrayBufferLike
  readonly byteOffset: number
  readonly byteLength: number
}

/** Typed arrays, element for element and bit for bit (NaN payloads too). @throws YimengError `codec-elements` when the bytes end inside an element. */
const elements = <A extends NumberArray>(
  name: string,
  width: number,
  make: (buffer: ArrayBufferLike, byteOffset?: number, length?: number) => A,
): Codec<A> => {
  const check = (bytes: Uint8Array): void => {
    if (bytes.length % width !== 0) throw fault('codec-elements', `${name} elements of ${width} bytes`, `${bytes.length} bytes`)
  }
  const decode = (bytes: Uint8Array): A => {
    check(bytes)
    return make(new Uint8Array(bytes).buffer)
  }
  return {
    encode: (value) => new Uint8Array(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)),
    parts: (value) => [new Uint8Array(value.buffer, value.byteOffset, value.byteLength)],
    decode,
    look: (bytes) => {
      check(bytes)
      return bytes.byteOffset % width === 0 ? make(bytes.buffer, bytes.byteOffset, bytes.length / width) : decode(bytes)
    },
  }
}

/** A Float32Array, 4 bytes an element. */
export const float32Codec: Codec<Float32Array> = elements<Float32Array>('float32', 4, (...at) => new Float32Array(...at))
/** A Float64Array, 8 bytes an element. */
export const float64Codec: Codec<Float64Array> = elements<Float64Array>('float64', 8, (...at) => new Float64Array(...at))
/** A Uint32Array, 4 bytes an element. */
export const uint32Codec: Codec<Uint32Array> = elements<Uint32Array>('uint32', 4, (...at) => new Uint32Array(...at))
/** A BigUint64Array, 8 bytes an element. */
export const uint64Codec: Codec<BigUint64Array> = elements<BigUint64Array>('uint64', 8, (...at) => new BigUint64Array(...at))

/**
 * JSON for small records, in its canonical spelling. `check` turns what was parsed into a `T` or throws: a zod schema's `parse` serves.
 * It must not change the value (no defaults, no stripping), else equal values would travel as different bytes.
 *
 * @throws YimengError `codec-json` for bytes that are no JSON in canonical spelling, or that `check` refuses (its error is the cause).
 *
 * @example
 * ```ts
 * const age = jsonCodec((value) => {
 *   if (typeof value !== 'number') throw new Error('not a number')
 *   return value
 * })
 * assert.equal(age.decode(age.encode(42)), 42)
 * ```
 */
export const jsonCodec = <T>(check: (value: unknown) => T): Codec<T> => ({
  encode: (value) => utf8Bytes(canonicalJson(value)),
  decode: (bytes) => {
    const text = utf8Text(bytes)
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      // the parser's own message quotes the text, which may be a patient's: it is not passed on
      throw fault('codec-json', 'JSON', `${bytes.length} bytes that are not`)
    }
    if (canonicalJson(value) !== text) throw fault('codec-json', 'JSON in canonical spelling', 'another spelling')
    try {
      return check(value)
    } catch (cause) {
      if (cause instanceof YimengError) throw cause
      throw fault('codec-json', 'a value that passes its check', 'one that does not', undefined, cause)
    }
  },
})

/** A part with its length before it, in parts. */
const lengthed = (inside: readonly Uint8Array[]): readonly Uint8Array[] => {
  const length = lengthOf(inside)
  if (length > 0xffff_ffff) throw fault('codec-length', 'parts below 4 GiB', `${length} bytes`)
  return [uint32Codec.encode(Uint32Array.of(length)), ...inside]
}

/** The part that starts at `start`, as a view. A length is believed only as far as there are bytes. */
const part = (bytes: Uint8Array, start: number, where: Readonly<Record<string, string | number>>): Uint8Array => {
  if (bytes.length - start < 4) throw fault('codec-length', 'a length of 4 bytes', `${bytes.length - start} bytes`, where)
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(start, true)
  if (bytes.length - start - 4 < length) throw fault('codec-length', `${length} bytes`, `${bytes.length - start - 4}`, where)
  return bytes.subarray(start + 4, start + 4 + length)
}

/**
 * A record, field by field in the order given here (names do not travel).
 *
 * @throws YimengError `codec-length` for missing bytes, `codec-trailing` for more than there should be.
 *
 * @example
 * ```ts
 * const update = structCodec({ values: float32Codec, count: uint32Codec })
 * const there = update.decode(update.encode({ values: Float32Array.of(0.5), count: Uint32Array.of(7) }))
 * assert.equal(there.count[0], 7)
 * ```
 */
export const structCodec = <T extends object>(fields: { readonly [K in keyof T]: Codec<T[K]> }): Codec<T> => {
  const names = Object.keys(fields) as (keyof T & string)[]
  const parts = (value: T): readonly Uint8Array[] => names.flatMap((name) => lengthed(partsOf(fields[name], value[name])))
  const read =
    (each: (field: keyof T, inside: Uint8Array) => unknown) =>
    (bytes: Uint8Array): T => {
      let start = 0
      const entries = names.map((field): [string, unknown] => {
        const inside = part(bytes, start, { field })
        start += 4 + inside.length
        return [field, each(field, inside)]
      })
      if (start !== bytes.length) throw fault('codec-trailing', `${start} bytes`, `${bytes.length}`)
      return Object.fromEntries(entries) as T
    }
  return {
    encode: (value) => joinBytes(parts(value)),
    parts,
    decode: read((field, inside) => fields[field].decode(inside)),
    look: read((field, inside) => lookInto(fields[field], inside)),
  }
}

/**
 * A list: its length, then each item. At most `maxItems` (default 2^20), since a list of empty items would cost a peer 4 bytes each and us far more.
 *
 * @throws YimengError `codec-list` beyond `maxItems` (also when encoding), `codec-length` and `codec-trailing` as for records.
 */
export const listCodec = <T>(item: Codec<T>, maxItems = 2 ** 20): Codec<readonly T[]> => ({
  encode: (value) => {
    if (value.length > maxItems)
      throw new YimengError({ code: 'codec-list', cannot: 'encode list', expected: `at most ${maxItems} items`, got: `${value.length}` })
    return joinBytes([uint32Codec.encode(Uint32Array.of(value.length)), ...value.flatMap((each) => lengthed(partsOf(item, each)))])
  },
  decode: (bytes) => {
    if (bytes.length < 4) throw fault('codec-length', 'a length of 4 bytes', `${bytes.length} bytes`)
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
    if (length > maxItems) throw fault('codec-list', `at most ${maxItems} items`, `${length}`)
    const items: T[] = []
    let start = 4
    for (let index = 0; index < length; index += 1) {
      const inside = part(bytes, start, { index })
      start += 4 + inside.length
      items.push(item.decode(inside))
    }
    if (start !== bytes.length) throw fault('codec-trailing', `${start} bytes`, `${bytes.length}`)
    return items
  },
})
