// The safetensors format: 8 bytes of header length (little-endian), a JSON header {name: {dtype, shape, data_offsets}}, then the tensors' bytes without gaps
// (github.com/huggingface/safetensors, README "Format"). Reading trusts nothing: a file can only give numbers or one clear error.
import { type Params, layout } from '../../algebra/index.ts'
import { YimengError } from '../../base/index.ts'
import { sizeOf } from '../graph/shape.ts'

/** A tensor of a file, as float32. */
export interface StoredTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** What a file holds. */
export interface TensorFile {
  readonly tensors: readonly StoredTensor[]
  readonly metadata: Readonly<Record<string, string>>
}

// headers of real models stay below 1 MB; the format's own limit
const MAX_HEADER_BYTES = 100_000_000
const METADATA = '__metadata__'

const broken = (expected: string, got: string): YimengError =>
  new YimengError({ code: 'safetensors', cannot: 'read safetensors', expected, got })

/** Bytes of a file. Tensors are written in the order given, after a header padded to a multiple of 8. Throws `safetensors` for a doubled or reserved name. */
export const encodeSafetensors = (
  tensors: readonly StoredTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> => {
  const header: [string, unknown][] = Object.keys(metadata).length === 0 ? [] : [[METADATA, metadata]]
  const names = new Set([METADATA])
  let at = 0
  for (const { name, shape, values } of tensors) {
    if (names.has(name)) throw new YimengError({ code: 'safetensors', cannot: 'write safetensors', expected: 'distinct names', got: name })
    if (sizeOf(shape) !== values.length)
      throw new YimengError({
        code: 'safetensors',
        cannot: 'write safetensors',
        expected: `${sizeOf(shape)} values`,
        got: String(values.length),
        where: { tensor: name },
      })
    names.add(name)
    header.push([name, { dtype: 'F32', shape, data_offsets: [at, at + values.length * 4] }])
    at += values.length * 4
  }
  // built by hand: JSON.stringify of an object would put names like "0" first and lose `__proto__`
  const text = `{${header.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(',')}}`
  const json = new TextEncoder().encode(text)
  const padded = Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(8 + padded + at)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(padded), true)
  bytes.fill(0x20, 8, 8 + padded)
  bytes.set(json, 8)
  let to = 8 + padded
  for (const { values } of tensors) {
    for (const value of values) {
      view.setFloat32(to, value, true)
      to += 4
    }
  }
  return bytes
}

/** Bytes of a model's parameters, under their names. */
export const encodeParams = (params: Params, metadata: Readonly<Record<string, string>> = {}): Uint8Array<ArrayBuffer> =>
  encodeSafetensors(
    params.layout.entries.map(({ name, shape, offset, size }) => ({ name, shape, values: params.values.subarray(offset, offset + size) })),
    metadata,
  )

interface Described {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly start: number
  readonly end: number
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isLength = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const describe = (name: string, entry: unknown): Described => {
  if (!isRecord(entry)) throw broken('an object for each tensor', name)
  const { dtype, shape, data_offsets: offsets } = entry
  if (typeof dtype !== 'string') throw broken(`a dtype for ${name}`, typeof dtype)
  if (!Array.isArray(shape) || !shape.every(isLength)) throw broken(`a shape for ${name}`, JSON.stringify(shape) ?? 'none')
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isLength))
    throw broken(`two offsets for ${name}`, JSON.stringify(offsets) ?? 'none')
  const [start = 0, end = 0] = offsets
  return { name, dtype, shape: shape, start, end }
}

/** Bytes of one element and how to read it. */
const elements: Readonly<Record<string, { readonly bytes: number; readonly read: (view: DataView, at: number) => number }>> = {
  F64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, read: (view, at) => float16(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view, at) => bfloat16(view.getUint16(at, true)) },
  I64: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  I32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  I16: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  I8: { bytes: 1, read: (view, at) => view.getInt8(at) },
  U8: { bytes: 1, read: (view, at) => view.getUint8(at) },
  BOOL: { bytes: 1, read: (view, at) => view.getUint8(at) },
}

const float16 = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff]
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

const bfloat16 = (bits: number): number => {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint16(2, bits, true)
  return view.getFloat32(0, true)
}

/**
 * Reads a file. Tensors come in the order of their bytes, converted to float32 (F64, F16, BF16 and integers too).
 *
 * @throws YimengError `safetensors` for anything that is not exactly such a file: a header too long for the bytes, malformed JSON, a doubled name, sizes that do not
 * agree, tensors that overlap or leave a gap, bytes left over.
 */
export const decodeSafetensors = (bytes: Uint8Array): TensorFile => {
  if (bytes.length < 8) throw broken('at least 8 bytes', `${bytes.length}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const declared = view.getBigUint64(0, true)
  if (declared > BigInt(Math.min(bytes.length - 8, MAX_HEADER_BYTES)))
    throw broken('a header within the file', `a header of ${declared} bytes in ${bytes.length}`)
  const length = Number(declared)
  let header: unknown
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length))
    header = JSON.parse(text)
  } catch (cause) {
    throw new YimengError({ code: 'safetensors', cannot: 'read safetensors', expected: 'a header in JSON', got: 'something else', cause })
  }
  if (!text.startsWith('{') || !isRecord(header)) throw broken('a header that is an object', JSON.stringify(header).slice(0, 40))
  const { [METADATA]: rawMetadata = {}, ...entries } = header
  if (!isRecord(rawMetadata) || !Object.values(rawMetadata).every((value) => typeof value === 'string'))
    throw broken('metadata of texts', 'something else')
  const described = Object.entries(entries)
    .map(([name, entry]) => describe(name, entry))
    .sort((a, b) => a.start - b.start || a.end - b.end)
  const data = 8 + length
  let at = 0
  const tensors = described.map(({ name, dtype, shape, start, end }) => {
    const element = elements[dtype]
    if (element === undefined) throw broken(`a dtype among ${Object.keys(elements).join(', ')}`, `${dtype} (${name})`)
    const size = sizeOf(shape)
    if (!Number.isSafeInteger(size) || end - start !== size * element.bytes)
      throw broken(`${size * element.bytes} bytes for ${name}`, `${end - start}`)
    if (start !== at) throw broken(`${name} at byte ${at}, without gap or overlap`, `${start}`)
    if (data + end > bytes.length) throw broken(`${data + end} bytes`, `${bytes.length}`)
    at = end
    const values = new Float32Array(size)
    for (let i = 0; i < size; i++) values[i] = element.read(view, data + start + i * element.bytes)
    return { name, shape, values }
  })
  if (data + at !== bytes.length) throw broken(`${data + at} bytes`, `${bytes.length}`)
  return { tensors, metadata: rawMetadata as Readonly<Record<string, string>> }
}

/** Puts a file's tensors into a model's layout, by name. Throws `safetensors` for a tensor that is missing, unknown or of another shape. */
export const paramsFromTensors = (arrangement: Params['layout'], tensors: readonly StoredTensor[]): Params => {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]))
  const values = new Float32Array(arrangement.size)
  for (const { name, shape, offset } of arrangement.entries) {
    const tensor = byName.get(name)
    if (tensor === undefined) throw broken(`a tensor ${name}`, `only ${[...byName.keys()].join(', ')}`)
    if (tensor.shape.join() !== shape.join()) throw broken(`shape [${shape.join(', ')}] for ${name}`, `[${tensor.shape.join(', ')}]`)
    values.set(tensor.values, offset)
    byName.delete(name)
  }
  if (byName.size > 0) throw broken('no tensor that the model lacks', [...byName.keys()].join(', '))
  return { layout: layout(arrangement.entries), values }
}
