import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { codecLaws } from '../base/codec.suite.ts'
import { jsonCodec, float32Codec, structCodec, YimengError } from '../base/index.ts'
import { describedParamsCodec, type Layout, layout, type Params, params, paramsCodec, sameLayout, tensor } from './params.ts'

const model = layout([
  { name: 'hidden.weight', shape: [2, 3] },
  { name: 'hidden.bias', shape: [2] },
  { name: 'scale', shape: [] },
  { name: 'none', shape: [0, 4] },
])

const values = (size: number): fc.Arbitrary<Float32Array> => fc.float32Array({ minLength: size, maxLength: size })
const layouts: fc.Arbitrary<Layout> = fc
  .uniqueArray(fc.record({ name: fc.string({ unit: 'grapheme' }), shape: fc.array(fc.nat(3), { maxLength: 3 }) }), {
    selector: ({ name }) => name,
    maxLength: 5,
  })
  .map(layout)
const anyParams: fc.Arbitrary<Params> = layouts.chain((of) => values(of.size).map((vector) => params(of, vector)))

codecLaws(
  'params of a known layout',
  paramsCodec(model),
  values(model.size).map((vector) => params(model, vector)),
)
codecLaws('params with their layout', describedParamsCodec, anyParams)

test('tensors lie one after the other, without gaps', () => {
  expect(model.entries.map(({ offset, size }) => [offset, size])).toEqual([
    [0, 6],
    [6, 2],
    [8, 1],
    [9, 0],
  ])
  expect(model.size).toBe(9)
  fc.assert(
    fc.property(layouts, ({ entries, size }) => {
      let end = 0
      for (const entry of entries) {
        expect(entry.offset).toBe(end)
        end += entry.size
      }
      expect(end).toBe(size)
    }),
  )
})

test('a tensor is a view', () => {
  const zeros = params(model)
  tensor(zeros, 'hidden.bias').set([1, 2])
  tensor(zeros, 'scale')[0] = 3
  expect(zeros.values).toEqual(Float32Array.of(0, 0, 0, 0, 0, 0, 1, 2, 3))
  expect(tensor(zeros, 'none').length).toBe(0)
  expect(() => tensor(zeros, 'bias')).toThrow('cannot find tensor: expected one of hidden.weight, hidden.bias, scale, none, got bias')
})

test('layouts that are none are refused by the name of the tensor', () => {
  const twice = [
    { name: 'a', shape: [1] },
    { name: 'a', shape: [2] },
  ]
  expect(() => layout(twice)).toThrow('expected each name once, got one twice (tensor a)')
  for (const length of [-1, 1.5, Number.NaN]) expect(() => layout([{ name: 'a', shape: [length] }])).toThrow(YimengError)
  expect(() => layout([{ name: 'a', shape: [2 ** 20, 2 ** 20] }])).toThrow(/at most 2\^32/)
})

test('parameters fit their layout, or are refused', () => {
  expect(() => params(model, new Float32Array(8))).toThrow('cannot make parameters: expected 9 values, got 8')
  const other = layout([{ name: 'a', shape: [9] }])
  expect(() => paramsCodec(model).encode(params(other))).toThrow('another layout')
  expect(() => paramsCodec(model).encode({ layout: model, values: new Float32Array(8) })).toThrow('expected 9 values, got 8')
  expect(() => paramsCodec(model).decode(new Uint8Array(40))).toThrow('expected 9 values, got 10')
})

test('layouts are told apart by names, order and shapes', () => {
  const a = { name: 'a', shape: [2, 3] }
  const b = { name: 'b', shape: [4] }
  expect(sameLayout(layout([a, b]), layout([a, b]))).toBe(true)
  for (const other of [
    [b, a],
    [a],
    [a, b, { name: 'c', shape: [] }],
    [{ ...a, shape: [3, 2] }, b],
    [{ ...a, shape: [6] }, b],
    [{ ...a, name: 'A' }, b],
  ])
    expect(sameLayout(layout([a, b]), layout(other))).toBe(false)
})

test('a described layout that lies is refused', () => {
  const raw = structCodec({ tensors: jsonCodec<unknown>((value) => value), values: float32Codec })
  const one = Float32Array.of(1)
  for (const tensors of [
    null,
    {},
    [1],
    [null],
    [{ name: 'a' }],
    [{ name: 1, shape: [1] }],
    [{ name: 'a', shape: 1 }],
    [{ name: 'a', shape: ['1'] }],
    [{ name: 'a', shape: [1], extra: 0 }],
    [{ name: 'a', shape: [-1] }],
    [{ name: 'a', shape: [2] }],
    [{ name: 'a', shape: [1e300, 1e300] }],
    [
      { name: 'a', shape: [1] },
      { name: 'a', shape: [0] },
    ],
  ])
    expect(() => describedParamsCodec.decode(raw.encode({ tensors, values: one }))).toThrow(YimengError)
})
