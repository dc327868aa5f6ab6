import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import golden from '../../../tools/golden/learn-safetensors.json' with { type: 'json' }
import { seed, YimengError } from '../../base/index.ts'
import { mlp } from '../models/mlp.ts'
import { decodeSafetensors, encodeParams, encodeSafetensors, paramsFromTensors } from './safetensors.ts'

const file = (header: string, data = 0, declared?: bigint): Uint8Array => {
  const json = new TextEncoder().encode(header)
  const bytes = new Uint8Array(8 + json.length + data)
  new DataView(bytes.buffer).setBigUint64(0, declared ?? BigInt(json.length), true)
  bytes.set(json, 8)
  return bytes
}

test('reads what the Python library wrote', () => {
  const { tensors, metadata } = decodeSafetensors(Uint8Array.from(atob(golden.file), (c) => c.charCodeAt(0)))
  expect(metadata).toEqual({ format: 'np', task: '乳腺癌' })
  expect(Object.fromEntries(tensors.map(({ name, shape, values }) => [name, { shape, values: [...values] }]))).toEqual(golden.tensors)
})

test('what is written is read again, byte for byte the same file', () => {
  const tensor = fc.record({ shape: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }), start: fc.float({ noNaN: true }) })
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ minLength: 1 }), tensor, { maxKeys: 6 }),
      fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
      (drawn, metadata) => {
        const tensors = Object.entries(drawn)
          .filter(([name]) => name !== '__metadata__')
          .map(([name, { shape, start }]) => ({
            name,
            shape,
            values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => start + i),
          }))
        const bytes = encodeSafetensors(tensors, metadata)
        expect((bytes.length - tensors.reduce((sum, { values }) => sum + 4 * values.length, 0)) % 8).toBe(0)
        const read = decodeSafetensors(bytes)
        expect(new Map(read.tensors.map((t) => [t.name, t]))).toEqual(new Map(tensors.map((t) => [t.name, t])))
        expect({ ...read.metadata }).toEqual({ ...metadata })
      },
    ),
    { numRuns: 60 },
  )
})

test('parameters keep names and layout, and refuse another model', () => {
  const model = mlp({ inputs: 3, hidden: [4], outputs: 2 })
  const params = model.init(seed(1))
  const { tensors, metadata } = decodeSafetensors(encodeParams(params, { model: model.name }))
  expect(metadata).toEqual({ model: model.name })
  expect(paramsFromTensors(model.layout, tensors)).toEqual(params)
  expect(() => paramsFromTensors(mlp({ inputs: 3, hidden: [5], outputs: 2 }).layout, tensors)).toThrow('shape [5, 3] for 0.weight')
  expect(() => paramsFromTensors(mlp({ inputs: 3, hidden: [], outputs: 4 }).layout, tensors)).toThrow()
  expect(() => paramsFromTensors(model.layout, tensors.slice(1))).toThrow('a tensor 0.weight')
})

const entry = (shape: string, offsets: string, dtype = 'F32'): string => `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`

test.each([
  ['nothing', new Uint8Array(3)],
  ['a header longer than the file', file('{}', 0, 1_000_000n)],
  ['a header of 2^63 bytes', file('{}', 0, 2n ** 63n)],
  ['no JSON', file('{"a":')],
  ['invalid UTF-8', new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe])],
  ['a list', file('[]')],
  ['a space first', file(' {}')],
  ['a gap', file(`{"a":${entry('[1]', '[4,8]')}}`, 8)],
  ['an overlap', file(`{"a":${entry('[2]', '[0,8]')},"b":${entry('[1]', '[4,8]')}}`, 8)],
  ['a size that does not fit the shape', file(`{"a":${entry('[3]', '[0,8]')}}`, 8)],
  ['an end beyond the file', file(`{"a":${entry('[4]', '[0,16]')}}`, 8)],
  ['bytes left over', file(`{"a":${entry('[1]', '[0,4]')}}`, 8)],
  ['a negative offset', file(`{"a":${entry('[1]', '[-4,0]')}}`, 4)],
  ['a shape beyond all numbers', file(`{"a":${entry('[9007199254740991,9007199254740991]', '[0,4]')}}`, 4)],
  ['an unknown dtype', file(`{"a":${entry('[1]', '[0,4]', 'X9')}}`, 4)],
  ['metadata that is no text', file('{"__metadata__":{"a":1}}')],
  ['an entry that is no object', file('{"a":3}')],
])('refuses %s with one clear error', (_name, bytes) => {
  let code = 'none'
  try {
    decodeSafetensors(bytes)
  } catch (error) {
    if (!(error instanceof YimengError)) throw error
    code = error.code
  }
  expect(code).toBe('safetensors')
})

test('any damaged byte gives a file or a clear error, nothing else', () => {
  const good = encodeParams(mlp({ inputs: 2, hidden: [], outputs: 2 }).init(seed(1)))
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
      const bytes = good.slice()
      bytes[at] = value
      try {
        decodeSafetensors(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(YimengError)
      }
    }),
  )
})
