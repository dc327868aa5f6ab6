// Reads ONNX files: the protobuf messages of onnx.proto3 that describe a network, under limits. Nothing is executed, no other file is opened, and memory stays below a
// small multiple of the file's own size: a file can only give a description or one clear error.
import { YimengError } from '../../base/index.ts'
import { sizeOf } from '../graph/shape.ts'

/** A stored tensor; whole numbers are held as float64 too. */
export interface ReadTensor {
  readonly name: string
  readonly dims: readonly number[]
  readonly values: Float32Array | Float64Array
}

/** Attributes by kind; a name has one of them. */
export interface ReadAttributes {
  readonly ints: ReadonlyMap<string, readonly number[]>
  readonly floats: ReadonlyMap<string, readonly number[]>
  readonly texts: ReadonlyMap<string, string>
  readonly tensors: ReadonlyMap<string, ReadTensor>
}

/** One operation; an empty input name is an absent optional input. */
export interface ReadNode {
  readonly op: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: ReadAttributes
}

/** A named value; an axis is a length, or undefined where the file leaves it open. */
export interface ReadValue {
  readonly name: string
  readonly dims: readonly (number | undefined)[]
}

/** What a file describes. */
export interface ReadModel {
  readonly nodes: readonly ReadNode[]
  readonly tensors: readonly ReadTensor[]
  readonly inputs: readonly ReadValue[]
  readonly outputs: readonly ReadValue[]
}

/** Why a file is refused. */
export const onnxFault = (expected: string, got: string, where: Readonly<Record<string, string | number>> = {}): YimengError =>
  new YimengError({ code: 'onnx-file', cannot: 'read ONNX model', expected, got, where })

// large networks have some thousands of nodes
const MAX_NODES = 50_000
const MAX_RANK = 8

type Field =
  | { readonly field: number; readonly wire: 0 | 1 | 5; readonly value: bigint; readonly bytes?: never }
  | { readonly field: number; readonly wire: 2; readonly bytes: Uint8Array; readonly value?: never }

/** The fields of one message in order. */
function* fields(bytes: Uint8Array): Generator<Field> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) throw onnxFault('a whole message', 'an end inside a number')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw onnxFault('numbers of at most 10 bytes', 'a longer one')
  }
  const room = (length: number): void => {
    if (length > bytes.length - at) throw onnxFault(`${length} bytes`, `${bytes.length - at} before the end`)
  }
  while (at < bytes.length) {
    const key = varint()
    const [field, wire] = [Number(key >> 3n), Number(key & 7n)]
    if (wire === 0) yield { field, wire, value: varint() }
    else if (wire === 2) {
      const length = Number(varint())
      room(length)
      yield { field, wire, bytes: bytes.subarray(at, at + length) }
      at += length
    } else if (wire === 1 || wire === 5) {
      const length = wire === 1 ? 8 : 4
      room(length)
      yield { field, wire, value: wire === 1 ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true)) }
      at += length
    } else throw onnxFault('protobuf', `wire type ${wire}`)
  }
}

const text = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw onnxFault('names in UTF-8', 'other bytes')
  }
}

const message = (field: Field): Uint8Array => {
  if (field.wire !== 2) throw onnxFault('a message', `wire type ${field.wire} in field ${field.field}`)
  return field.bytes
}

const signed = (value: bigint): number => Number(BigInt.asIntN(64, value))

const float = (bits: bigint): number => {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, Number(bits))
  return view.getFloat32(0)
}

/** A repeated number field: packed or one by one. */
const whole = (field: Field): readonly number[] => {
  if (field.wire !== 2) return [signed(field.value)]
  // packed varints are fields without keys: each is read with a key in front
  const numbers: number[] = []
  let [value, shift] = [0n, 0n]
  for (const byte of field.bytes) {
    value |= BigInt(byte & 0x7f) << shift
    shift += 7n
    if (shift > 70n) throw onnxFault('numbers of at most 10 bytes', 'a longer one')
    if (byte >= 0x80) continue
    numbers.push(signed(BigInt.asUintN(64, value)))
    value = 0n
    shift = 0n
  }
  if (shift !== 0n) throw onnxFault('a whole message', 'an end inside a number')
  return numbers
}

const packedFloats = (field: Field): readonly number[] => {
  if (field.wire !== 2) return [float(field.value)]
  const view = new DataView(field.bytes.buffer, field.bytes.byteOffset, field.bytes.byteLength)
  return Array.from({ length: Math.floor(field.bytes.length / 4) }, (_, i) => view.getFloat32(4 * i, true))
}

/** Element types that a network's tensors have: bytes of one and how to read it from raw data. */
const elements: Readonly<Record<number, { readonly bytes: number; readonly read: (view: DataView, at: number) => number }>> = {
  1: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  6: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  7: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  9: { bytes: 1, read: (view, at) => view.getUint8(at) },
  11: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
}

const FLOAT = 1

const tensor = (bytes: Uint8Array): ReadTensor => {
  const dims: number[] = []
  const loose: number[] = []
  let [name, type] = ['', 0]
  let raw: Uint8Array | undefined
  for (const field of fields(bytes)) {
    if (field.field === 1) dims.push(...whole(field))
    else if (field.field === 2) type = signed(field.value ?? 0n)
    else if (field.field === 4) loose.push(...packedFloats(field))
    else if (field.field === 5 || field.field === 7) loose.push(...whole(field))
    else if (field.field === 8) name = text(message(field))
    else if (field.field === 9) raw = message(field)
    else if (field.field === 13 || (field.field === 14 && field.value !== 0n))
      throw onnxFault('all tensors inside the file', 'one in another file', { tensor: name })
  }
  const element = elements[type]
  if (element === undefined) throw onnxFault('float32, float64 or whole numbers', `element type ${type}`, { tensor: name })
  if (dims.length > MAX_RANK || dims.some((length) => !Number.isSafeInteger(length) || length < 0))
    throw onnxFault(`at most ${MAX_RANK} axes of lengths from 0`, `[${dims.join(', ')}]`, { tensor: name })
  const size = sizeOf(dims)
  // before anything of that size is allocated
  const held = raw === undefined ? loose.length : raw.length / element.bytes
  if (size !== held) throw onnxFault(`${size} values`, `${held}`, { tensor: name })
  const values = type === FLOAT ? new Float32Array(size) : new Float64Array(size)
  if (raw === undefined) values.set(loose)
  else {
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
    for (let i = 0; i < size; i++) values[i] = element.read(view, i * element.bytes)
  }
  return { name, dims, values }
}

const node = (bytes: Uint8Array): ReadNode => {
  const [inputs, outputs]: [string[], string[]] = [[], []]
  const attributes = {
    ints: new Map<string, readonly number[]>(),
    floats: new Map<string, readonly number[]>(),
    texts: new Map<string, string>(),
    tensors: new Map<string, ReadTensor>(),
  }
  let [op, domain] = ['', '']
  for (const field of fields(bytes)) {
    if (field.field === 1) inputs.push(text(message(field)))
    else if (field.field === 2) outputs.push(text(message(field)))
    else if (field.field === 4) op = text(message(field))
    else if (field.field === 7) domain = text(message(field))
    else if (field.field === 5) attribute(message(field), attributes)
  }
  if (domain !== '' && domain !== 'ai.onnx') throw onnxFault('operations of ONNX itself', `${domain}.${op}`)
  return { op, inputs, outputs, attributes }
}

const attribute = (
  bytes: Uint8Array,
  {
    ints,
    floats,
    texts,
    tensors,
  }: { readonly [K in keyof ReadAttributes]: ReadAttributes[K] extends ReadonlyMap<string, infer V> ? Map<string, V> : never },
): void => {
  let name = ''
  const [wholes, reals]: [number[], number[]] = [[], []]
  for (const field of fields(bytes)) {
    if (field.field === 1) name = text(message(field))
    else if (field.field === 2 || field.field === 7) reals.push(...packedFloats(field))
    else if (field.field === 3 || field.field === 8) wholes.push(...whole(field))
    else if (field.field === 4) texts.set(name, text(message(field)))
    else if (field.field === 5) tensors.set(name, tensor(message(field)))
    else if (field.field === 6 || field.field === 11) throw onnxFault('operations without graphs inside', name)
  }
  ints.set(name, wholes)
  floats.set(name, reals)
}

const value = (bytes: Uint8Array): ReadValue => {
  let name = ''
  const dims: (number | undefined)[] = []
  for (const field of fields(bytes)) {
    if (field.field === 1) name = text(message(field))
    else if (field.field === 2)
      for (const type of fields(message(field)))
        if (type.field === 1)
          for (const part of fields(message(type)))
            if (part.field === 2)
              for (const dim of fields(message(part))) {
                const length = [...fields(message(dim))].find(({ field: kind }) => kind === 1)?.value
                dims.push(length === undefined || signed(length) <= 0 ? undefined : signed(length))
              }
  }
  return { name, dims }
}

/** Reads a file's bytes. @throws YimengError `onnx-file` for anything that is not such a file, or needs another file, another operator set or graphs inside operations. */
export const readOnnx = (bytes: Uint8Array): ReadModel => {
  const found = [...fields(bytes)]
  const graph = found.find(({ field }) => field === 7)
  if (graph === undefined) throw onnxFault('a model with a graph', 'none')
  const model = { nodes: [] as ReadNode[], tensors: [] as ReadTensor[], inputs: [] as ReadValue[], outputs: [] as ReadValue[] }
  for (const field of fields(message(graph))) {
    if (field.field === 1) model.nodes.push(node(message(field)))
    else if (field.field === 5) model.tensors.push(tensor(message(field)))
    else if (field.field === 11) model.inputs.push(value(message(field)))
    else if (field.field === 12) model.outputs.push(value(message(field)))
    else if (field.field === 15) throw onnxFault('dense tensors', 'a sparse one')
    if (model.nodes.length > MAX_NODES) throw onnxFault(`at most ${MAX_NODES} operations`, 'more')
  }
  return model
}
