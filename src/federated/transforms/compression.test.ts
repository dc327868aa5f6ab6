// All compressors: against an independent implementation, unbiased where they say so, honest in bytes, and good enough to train with.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { layout as layoutOf } from '../../algebra/index.ts'
import { seed } from '../../base/index.ts'
import { play } from '../play.test-support.ts'
import { fedAvgM } from '../strategies/fed-opt.ts'
import { regression, regressionLayout as layout, regressionSites } from '../strategies/regression.test-support.ts'
import { train } from '../strategies/train.test-support.ts'
import { algorithm, type LocalWork, type Strategy } from '../strategy.ts'
import { masked } from '../sums/masked.ts'
import { plain } from '../sums/plain.ts'
import { packBits, unpackBits } from './bits.ts'
import golden from './compression.golden.json' with { type: 'json' }
import { type Compressor, compressed, packing } from './compressor.ts'
import { layerMean, layerRate } from './layer-rate.ts'
import { orthonormal, transposedProduct } from './matrices.ts'
import { powerSgd } from './power-sgd.ts'
import { int4, int8, qsgd } from './quantised.ts'
import { randomK, support } from './random-k.ts'
import { sharedScale } from './shared-scale.ts'
import { sharedSupport } from './shared-support.ts'
import { sign, ternary } from './sign.ts'
import { topK } from './top-k.ts'
import { transformed } from './transform.ts'

const sites = regressionSites([4, 30, 11])
const at = (seedOf: number | string) => ({ id: 'a', site: undefined, seed: seed(seedOf), basedOn: 1, signal: new AbortController().signal })
const base = fedAvgM({ layout, learningRate: 1 })

const all: readonly Compressor<never>[] = [
  topK(0.34),
  randomK(0.34),
  randomK(0.67, 'scaled'),
  qsgd(7),
  qsgd(1),
  int8,
  int4,
  sign,
  ternary(0.34),
] as readonly unknown[] as readonly Compressor<never>[]
const byName = (name: string): Compressor<never> => all.find((each) => each.name === name)!

test.each(['top-k(0.25)', 'sign', 'ternary(0.25)'])('%s with feedback: as an independent implementation', async (name) => {
  const compressor = { 'top-k(0.25)': topK(0.25), sign, 'ternary(0.25)': ternary(0.25) }[name] as unknown as Compressor<never>
  const transform = packing(compressor, 20, true)
  let lost = transform.init()
  for (const [round, values] of golden.inputs.entries()) {
    const [{ packed }, next] = await transform.apply({ values: Float32Array.from(values), weight: 1 }, lost, at(round))
    lost = next
    const expected = golden.sent[name as keyof typeof golden.sent][round]!
    for (const [i, value] of compressor.unpack(compressor.codec.decode(compressor.codec.encode(packed)), 20).entries())
      expect(value).toBeCloseTo(expected[i]!, 5)
  }
})

test('PowerSGD of one site: as an independent implementation', async () => {
  const square = layoutOf([{ name: 'w', shape: [5, 4] }])
  const work: LocalWork<undefined> = ({ basedOn }, { values }) => ({
    values: values.map((value, i) => value + golden.inputs[basedOn - 1]![i]!),
    weight: 1,
    steps: 1,
  })
  const it = powerSgd({ layout: square, rank: 2 }, work, plain())
  const warm = { ...it, init: (params: Parameters<typeof it.init>[0]) => ({ ...it.init(params), right: Float32Array.from(golden.start) }) }
  const { models } = await train(warm, { rounds: 4, sites: { a: undefined }, start: { layout: square, values: new Float32Array(20) } })
  const sum = new Float64Array(20)
  for (const [round, model] of models.entries())
    for (const [i, value] of model.entries()) expect(value).toBeCloseTo((sum[i]! += golden.sent['powersgd(2)'][round]![i]!), 4)
})

test('PowerSGD of several sites: masks change no bit; what is small or flat travels whole', async () => {
  const shapes = layoutOf([
    { name: 'w', shape: [6, 2, 4] },
    { name: 'b', shape: [6] },
  ])
  const start = { layout: shapes, values: new Float32Array(54) }
  const target = Float32Array.from({ length: 54 }, (_, i) => Math.sin(i))
  const work: LocalWork<number> = ({ site }, { values }) => ({
    values: values.map((value, i) => value + 0.5 * (target[i]! + site - value)),
    weight: 3,
    steps: 1,
    loss: 1,
  })
  const run = { rounds: 60, sites: { a: -1, b: 0, c: 1 }, start }
  const [hidden, open] = await Promise.all([masked(), plain()].map((via) => train(powerSgd({ layout: shapes, rank: 1 }, work, via), run)))
  expect(hidden!.state).toEqual(open!.state)
  for (const [i, value] of open!.model.entries()) expect(Math.abs(value - target[i]!)).toBeLessThan(0.02)
  const [first] = (await train(powerSgd({ layout: shapes, rank: 1 }, work, plain()), { ...run, rounds: 1 })).models
  for (let i = 48; i < 54; i += 1) expect(first![i]).toBeCloseTo(target[i]! / 2, 5)
})

/** Largest deviation of the mean from x over all coordinates, in standard errors. */
const bias = (x: Float32Array, draw: (draw: number) => Float32Array, draws: number): number => {
  const [sum, squares] = [new Float64Array(x.length), new Float64Array(x.length)]
  for (let d = 0; d < draws; d += 1)
    for (const [i, value] of draw(d).entries()) {
      sum[i]! += value - x[i]!
      squares[i]! += (value - x[i]!) ** 2
    }
  return Math.max(
    ...sum.map((total, i) => {
      const mean = total / draws
      const error = Math.sqrt(Math.max(0, squares[i]! / draws - mean ** 2) / draws)
      // float32 rounding is no bias
      return Math.abs(mean) < 1e-6 ? 0 : Math.abs(mean) / error
    }),
  )
}
const x = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i * i) * 0.7 + 0.1)
const nearest = (values: Float32Array): Float32Array => values.map((value) => Math.round(value * 7) / 7)

// 24 coordinates beyond 6 standard errors: false alarm below 24 · 2e-9 = 5e-8 for each
test.each([qsgd(7), qsgd(1, 8), int8, int4, randomK(0.25, 'scaled')] as readonly Compressor<unknown>[])(
  '$name is right on average',
  (compressor) => {
    expect(compressor.feedback).toBe(false)
    expect(bias(x, (d) => compressor.unpack(compressor.pack(x, seed(d), 'a'), x.length), 4000)).toBeLessThan(6)
  },
)
test('the test of bias can fail: nearest rounding, and places that are not scaled up', () => {
  expect(bias(x, () => nearest(x), 400)).toBeGreaterThan(100)
  const unscaled = randomK(0.25)
  expect(bias(x, (d) => unscaled.unpack(unscaled.pack(x, seed(d), 'a'), x.length), 4000)).toBeGreaterThan(20)
})

test.each(all)('$name trains to where plain updates do', async (compressor) => {
  const reference = await train(algorithm(base, regression, plain()), { rounds: 60, sites })
  const strategy = compressed(base, compressor, { layout })
  const { model } = await train(algorithm(strategy, regression, plain()), { rounds: 60, sites })
  expect(Math.hypot(...model.map((value, i) => value - reference.model[i]!))).toBeLessThan(compressor.name.startsWith('qsgd(1') ? 0.6 : 0.3)
})

/** Bytes that a node sends in a round, frames and all, with a model of 100 000 values. */
const uplink = async <S, U, Acc, R, N>(strategy: Strategy<S, U, Acc, R, N>, size = 100_000): Promise<number> => {
  const noise = seed('noise').random()
  const work: LocalWork<undefined> = (_, { values }) => ({ values: values.map(() => noise.normal()), weight: 5, steps: 1, loss: 1 })
  const it = algorithm(strategy, work, plain())
  const start = { layout: layoutOf([{ name: 'w', shape: [size] }]), values: new Float32Array(size) }
  let bytes = 0
  const { outcome } = await play({
    program: it.program,
    state: it.init(start),
    sites: { a: undefined },
    locals: { a: it.local.init(start) },
    between: (_, channel) => ({
      ...channel,
      send: async (frame) => {
        bytes += frame.length
        await channel.send(frame)
      },
    }),
  })
  expect(outcome.kind).toBe('committed')
  return bytes
}
const wide = { length: 100_000 }

test.each([
  ['int8', int8, 3.9],
  ['int4', int4, 7.5],
  ['qsgd(7)', qsgd(7), 7.8],
  ['qsgd(1)', qsgd(1), 15],
  ['sign', sign, 29],
  ['random-k 1 %', randomK(0.01), 95],
  ['top-k 1 %', topK(0.01), 78],
  ['ternary 1 %', ternary(0.01), 250],
] as readonly (readonly [string, Compressor<unknown>, number])[])('%s: bytes on the wire', async (_, compressor, times) => {
  const flat = fedAvgM({ ...wide, learningRate: 1 })
  const whole = await uplink(flat)
  expect(whole / (await uplink(compressed(flat, compressor, wide)))).toBeGreaterThan(times)
})

test('places that all share: masks change no bit, bytes shrink, and it learns', async () => {
  const make = () => sharedSupport(base, { layout, share: 0.34 })
  const [hidden, open] = await Promise.all(
    [masked(), plain()].map((via) => train(algorithm(make(), regression, via), { rounds: 60, sites })),
  )
  expect(hidden!.state).toEqual(open!.state)
  const reference = await train(algorithm(base, regression, plain()), { rounds: 60, sites })
  expect(Math.hypot(...open!.model.map((value, i) => value - reference.model[i]!))).toBeLessThan(0.3)
  const flat = fedAvgM({ ...wide, learningRate: 1 })
  expect((await uplink(flat)) / (await uplink(sharedSupport(flat, { ...wide, share: 0.01 })))).toBeGreaterThan(95)
  expect((await train(algorithm(sharedSupport(base, { layout, share: 1 }), regression, plain()), { rounds: 3, sites })).model).toEqual(
    (await train(algorithm(base, regression, plain()), { rounds: 3, sites })).model,
  )
})

test('a mask for ever, shared or not: what it hides never learns', async () => {
  for (const strategy of [
    sharedSupport(base, { layout, share: 0.34, redraw: false }),
    compressed(base, randomK(0.34, 'fixed'), { layout }),
  ]) {
    const { models } = await train(algorithm(strategy as Strategy<unknown, unknown, unknown, unknown, unknown>, regression, plain()), {
      rounds: 4,
      sites: { site0: sites['site0']! },
    })
    expect([0, 1, 2].filter((i) => models[3]![i] !== models[0]![i] || models[0]![i] !== [0.5, -0.25, 0.125][i])).toHaveLength(1)
  }
})

test('one grid for all: right on average, exact under masks, a byte a value', async () => {
  const grid = (gridBits: number) => sharedScale({ layout, edge: 4, gridBits })
  const wideGrid = sharedScale({ length: 24, edge: 4 }).transform
  const draws = await Promise.all(
    Array.from({ length: 2000 }, async (_, d) => (await wideGrid.apply({ values: x, weight: 1 }, undefined, at(d)))[0].values),
  )
  expect(bias(x, (d) => draws[d]!, 2000)).toBeLessThan(6)
  const make = () => transformed(base, grid(8).transform, grid(8).fold)
  const [hidden, open] = await Promise.all(
    [masked(), plain()].map((via) => train(algorithm(make(), regression, via), { rounds: 5, sites })),
  )
  expect(hidden!.state).toEqual(open!.state)
  const { input } = grid(8).fold
  expect(() => input.encode({ values: Float32Array.of(0, 4.1, 0), weight: 1 })).toThrow(expect.objectContaining({ code: 'packed' }))
  const bytes = input.encode({ values: Float32Array.of(4, -4, 0), weight: 1, loss: 9 })
  expect(input.decode(bytes)).toEqual({ values: Float32Array.of(4, -4, 0), weight: 1, loss: 9 })
  expect(() => input.decode(bytes.map((byte) => (byte === 254 ? 255 : byte)))).toThrow(expect.objectContaining({ code: 'packed' }))
  const flat = fedAvgM({ ...wide, learningRate: 1 })
  const one = sharedScale({ ...wide, edge: 4 })
  expect((await uplink(flat)) / (await uplink(transformed(flat, one.transform, one.fold)))).toBeGreaterThan(3.9)
})

test('layer rate by hand: the tensor whose mean changed most, averaged over those who sent it', async () => {
  const transform = layerRate(layout, 0.5)
  const fold = layerMean(layout)
  const send = async (values: readonly number[], weight: number) =>
    (await transform.apply({ values: Float32Array.from(values), weight }, undefined, at(1)))[0]
  // the mean of ±1 cancels: the reference's measure does not see it
  const cancels = await send([1, -1, 0.5], 1)
  expect(cancels.packed).toEqual({ which: Uint32Array.of(1), values: Float32Array.of(0.5) })
  const sent = [cancels, await send([1, 3, 0.5], 3), await send([2, 4, 9], 1)]
  const lifted = sent.map((each, k) => fold.lift(fold.input.decode(fold.input.encode(each)), `s${k}`)).reduce(fold.sum.add)
  // site 1 alone sent the weights; sites 0 and 2 the bias
  expect([...fold.finish(lifted).values].map((value) => Number(value.toFixed(6)))).toEqual([1, 3, 4.75])
  const both = transformed(base, layerRate(layout, 1), layerMean(layout))
  const plainRun = await train(algorithm(base, regression, plain()), { rounds: 3, sites })
  for (const [i, value] of (await train(algorithm(both, regression, plain()), { rounds: 3, sites })).model.entries())
    expect(value).toBeCloseTo(plainRun.model[i]!, 5)
})

test('numbers of few bits survive packing; broken bytes are refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 16 }), fc.array(fc.nat(65535), { maxLength: 40 }), (bits, some) => {
      const numbers = some.map((value) => value % 2 ** bits)
      const bytes = packBits(numbers, bits)
      expect(bytes.length).toBe(Math.ceil((numbers.length * bits) / 8))
      expect([...unpackBits(bytes, bits, numbers.length)]).toEqual(numbers)
    }),
  )
  expect(() => unpackBits(new Uint8Array(2), 8, 3)).toThrow(expect.objectContaining({ code: 'packed' }))
  expect(() => int8.unpack({ norms: Float32Array.of(1), levels: Uint8Array.of(255) }, 1)).toThrow(
    expect.objectContaining({ code: 'packed' }),
  )
  expect(() => byName('random-k(0.34)').unpack({ key: 1, values: new Float32Array(3) } as never, 3)).toThrow(
    expect.objectContaining({ code: 'packed' }),
  )
})

test('places drawn: different ones, all equally likely', () => {
  const counts = new Float64Array(10)
  for (let d = 0; d < 2000; d += 1) {
    const places = support(seed(d), 3, 10)
    expect(new Set(places).size).toBe(3)
    for (const place of places) counts[place]! += 1
  }
  // chi-square with 9 degrees of freedom (a little less spread, as draws are without replacement): above 45 once in 1e6
  expect(counts.reduce((sum, count) => sum + (count - 600) ** 2 / 600, 0)).toBeLessThan(45)
})

test('columns become orthonormal; a dependent one becomes 0', () => {
  const basis = orthonormal({ rows: 3, columns: 3, values: Float64Array.of(1, 2, 1, 1, 2, 0, 0, 0, 3) })
  expect([...transposedProduct(basis, basis).values].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 1])
})
