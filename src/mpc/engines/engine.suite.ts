// What every secure engine must do: operations agree with ordinary integers, over edge values and random ones.
import { bigInt, constantFrom, oneof, sample as drawn, tuple } from 'fast-check'
import { expect } from 'vitest'
import { powerOfTwo } from '../arithmetic/truncate.ts'
import { integers, type Words, words } from '../arithmetic/words.ts'
import { adder, multiplier, subtractor } from '../circuits/integers.ts'
import { equal, greaterThan, lessThan, maximum, select, signExtend, sorted as sortedOf } from '../operations.ts'
import type { Party } from '../party.ts'
import type { Secure, SecureProgram } from '../secure.ts'

/** Runs a program on an engine and gives what both parties computed, once. */
export type RunProgram = <I, O>(program: SecureProgram<I, O>, input: I) => Promise<O>

const edges = [
  0n,
  1n,
  2n,
  -1n,
  -2n,
  127n,
  128n,
  -128n,
  255n,
  (1n << 31n) - 1n,
  -(1n << 31n),
  (1n << 32n) - 1n,
  (1n << 62n) - 1n,
  (1n << 63n) - 1n,
  -(1n << 63n),
  -(1n << 62n),
]
const word = oneof(constantFrom(...edges), bigInt(-(1n << 63n), (1n << 63n) - 1n))

/** Pairs of integers: all pairs of edges, and random ones. */
export const pairs = (random: readonly (readonly [bigint, bigint])[]): readonly (readonly [bigint, bigint])[] => [
  ...edges.flatMap((x) => edges.map((y) => [x, y] as const)),
  ...random,
]

const sample = (): readonly (readonly [bigint, bigint])[] => pairs(drawn(tuple(word, word), { numRuns: 45, seed: 7 }))
const column = (list: readonly (readonly [bigint, bigint])[], i: 0 | 1): Words => words(list.map((pair) => pair[i]))
const signed = (value: bigint): bigint => BigInt.asIntN(64, value)

interface Both {
  readonly x: Words
  readonly y: Words
}
const heldBoth = (engine: Secure, { x, y }: Both, owners: readonly [Party, Party]) =>
  [engine.held(owners[0], () => x), engine.held(owners[1], () => y)] as const

/** Laws by name; each takes a way to run programs. */
export const engineLaws: Readonly<Record<string, (run: RunProgram) => Promise<void>>> = {
  'arithmetic shares add, subtract, scale, sum, multiply': async (run) => {
    const list = sample()
    const n = list.length
    const got = await run(
      async (engine, input: Both) => {
        const [hx, hy] = heldBoth(engine, input, ['guest', 'host'])
        const [x, y] = [engine.share(hx, n), engine.share(hy, n)]
        return {
          add: await engine.open(engine.add(x, y)),
          subtract: await engine.open(engine.subtract(x, y)),
          scale: await engine.open(engine.scale(x, -3n)),
          sum: await engine.open(engine.sum(x)),
          product: await engine.open(await engine.multiply(x, y)),
          shifted: await engine.open(engine.add(engine.slice(x, 1, n), engine.constant(words(Array.from({ length: n - 1 }, () => 5))))),
          joined: await engine.open(engine.concat([engine.slice(x, 0, 2), engine.slice(y, 3, 5)])),
        }
      },
      { x: column(list, 0), y: column(list, 1) },
    )
    expect(integers(got.add)).toEqual(list.map(([x, y]) => signed(x + y)))
    expect(integers(got.subtract)).toEqual(list.map(([x, y]) => signed(x - y)))
    expect(integers(got.scale)).toEqual(list.map(([x]) => signed(-3n * x)))
    expect(integers(got.sum)).toEqual([signed(list.reduce((sum, [x]) => sum + x, 0n))])
    expect(integers(got.product)).toEqual(list.map(([x, y]) => signed(x * y)))
    expect(integers(got.shifted)).toEqual(list.slice(1).map(([x]) => signed(x + 5n)))
    expect(integers(got.joined)).toEqual([list[0]?.[0], list[1]?.[0], list[3]?.[1], list[4]?.[1]])
  },
  'conversions keep values': async (run) => {
    const list = sample().slice(0, 40)
    const n = list.length
    const got = await run(
      async (engine, input: Both) => {
        const [hx, hy] = heldBoth(engine, input, ['guest', 'host'])
        const a = engine.share(hx, n)
        const b = engine.shareBits(hy, n, 64)
        const y = await engine.shareLabels(hy, n, 64)
        const g = await engine.shareLabels(hx, n, 64)
        const opened: Words[] = []
        for (const made of [
          await engine.toYao(a),
          await engine.toBoolean(a),
          await engine.toArithmetic(await engine.toYao(a)),
          await engine.toArithmetic(await engine.toBoolean(a)),
          await engine.toBoolean(g),
          await engine.toArithmetic(g),
          await engine.toYao(b),
          await engine.toArithmetic(b),
          await engine.toBoolean(y),
          await engine.toArithmetic(y),
        ])
          opened.push(await engine.open(made))
        const revealed = await engine.reveal(a, 'guest')
        const back = await engine.open(
          engine.share(
            engine.mapHeld(revealed, (value) => value.map((v) => BigInt.asUintN(64, v + 1n))),
            n,
          ),
        )
        return { opened, back }
      },
      { x: column(list, 0), y: column(list, 1) },
    )
    got.opened.forEach((values, i) => expect(integers(values), `conversion ${i}`).toEqual(list.map((pair) => pair[i < 6 ? 0 : 1])))
    expect(integers(got.back)).toEqual(list.map(([x]) => signed(x + 1n)))
  },
  'circuits on both kinds of bits': async (run) => {
    for (const width of [1, 8, 32, 64]) {
      const list = sample().slice(0, width === 64 ? 300 : 60)
      const n = list.length
      const cut = (value: bigint): bigint => BigInt.asIntN(width, value)
      const unsigned = (value: bigint): bigint => BigInt.asUintN(width, value)
      const got = await run(
        async (engine, input: Both) => {
          const [hx, hy] = heldBoth(engine, input, ['host', 'guest'])
          const results: Record<string, Words>[] = []
          const all = async <K extends 'boolean' | 'yao'>(x: Parameters<typeof lessThan<K>>[1], y: typeof x): Promise<void> => {
            const shape = x.kind === 'yao' ? 'small' : 'shallow'
            const less = await lessThan<K>(engine, x, y, { signed: true })
            const outcome: Record<string, Words> = {
              less: await engine.open(less),
              above: await engine.open(await greaterThan<K>(engine, x, y, { signed: false })),
              equal: await engine.open(await equal<K>(engine, x, y)),
              most: await engine.open(await maximum<K>(engine, x, y, { signed: true })),
              select: await engine.open(await select<K>(engine, less, x, y)),
            }
            for (const [name, made] of [
              ['sum', adder(width, shape)],
              ['difference', subtractor(width, shape)],
              ['product', multiplier(width, shape)],
            ] as const)
              outcome[name] = await engine.open((await engine.circuit<K>(made, [x, y]))[0] as typeof x)
            if (width < 64) outcome['extended'] = await engine.open(await signExtend<K>(engine, x, 64))
            results.push(outcome)
          }
          await all<'boolean'>(engine.shareBits(hx, n, width), engine.shareBits(hy, n, width))
          await all<'yao'>(await engine.shareLabels(hx, n, width), await engine.shareLabels(hy, n, width))
          return results
        },
        { x: column(list, 0), y: column(list, 1) },
      )
      for (const outcome of got) {
        const expected: Record<string, (x: bigint, y: bigint) => bigint> = {
          less: (x, y) => (cut(x) < cut(y) ? 1n : 0n),
          above: (x, y) => (unsigned(x) > unsigned(y) ? 1n : 0n),
          equal: (x, y) => (cut(x) === cut(y) ? 1n : 0n),
          most: (x, y) => unsigned(cut(x) > cut(y) ? x : y),
          select: (x, y) => unsigned(cut(x) < cut(y) ? x : y),
          sum: (x, y) => unsigned(x + y),
          difference: (x, y) => unsigned(x - y),
          product: (x, y) => unsigned(x * y),
          extended: (x) => BigInt.asUintN(64, cut(x)),
        }
        for (const [name, values] of Object.entries(outcome))
          expect([...values], `${name} of ${width} bits`).toEqual(list.map(([x, y]) => expected[name]?.(x, y)))
      }
    }
  },
  'elements are gathered and sorted in every sharing': async (run) => {
    const list = sample().slice(0, 37)
    const n = list.length
    const places = [...Array.from({ length: n }, (_, i) => (i * 5) % n), n, n + 3, n + 3, 0]
    const got = await run(
      async (engine, input: Both) => {
        const [hx, hy] = heldBoth(engine, input, ['guest', 'host'])
        const opened: Words[] = []
        opened.push(await engine.open(engine.gather([engine.share(hx, n), engine.share(hy, n)], places)))
        const [bx, by] = [engine.shareBits(hx, n, 64), engine.shareBits(hy, n, 64)]
        const [yx, yy] = [await engine.shareLabels(hx, n, 64), await engine.shareLabels(hy, n, 64)]
        opened.push(await engine.open(engine.gather([bx, by], places)), await engine.open(engine.gather([yx, yy], places)))
        opened.push(await engine.open(await sortedOf(engine, bx, { signed: true })))
        opened.push(await engine.open(await sortedOf(engine, yx, { signed: true })))
        return opened
      },
      { x: column(list, 0), y: column(list, 1) },
    )
    const all = [...list.map(([x]) => x), ...list.map(([, y]) => y)]
    const ascending = list.map(([x]) => x).toSorted((x, y) => (x < y ? -1 : 1))
    got.forEach((values, i) => expect(integers(values), `case ${i}`).toEqual(i < 3 ? places.map((place) => all[place]) : ascending))
  },
  'truncation is within a unit': async (run) => {
    const list = [0n, 1n, -1n, 1n << 40n, -(1n << 40n), (1n << 62n) - 1n, -(1n << 62n) + 1n, 12345678901n, -98765432109n]
    const divisors = [powerOfTwo(18), powerOfTwo(1), { by: 1000n, over: 3n }, { by: 20_000_003n, over: 7n }]
    const repeated = Array.from({ length: 30 }, () => list).flat()
    const got = await run(async (engine, input: Words) => {
      const x = engine.share(
        engine.held('host', () => input),
        repeated.length,
      )
      const opened: Words[] = []
      for (const divisor of divisors) opened.push(await engine.open(await engine.truncate(x, divisor, 'exact')))
      const small = engine.share(
        engine.held('guest', () => words(repeated.map((value) => value >> 30n))),
        repeated.length,
      )
      opened.push(await engine.open(await engine.truncate(small, powerOfTwo(8), 'local')))
      return opened
    }, words(repeated))
    got.forEach((values, d) => {
      const { by, over } = divisors[d] ?? powerOfTwo(8)
      integers(values).forEach((value, i) => {
        const x = d === divisors.length ? (repeated[i] as bigint) >> 30n : (repeated[i] as bigint)
        // |value - x over / by| in halves of a unit: local shares are both rounded, and rounding 2^64 / divisor adds a half
        const off = 2n * (value * by - x * over)
        const halves = over === 1n && d < divisors.length ? 2n : 4n
        expect(off <= halves * by && off >= -halves * by, `${x} / ${by}: ${value}`).toBe(true)
      })
    })
  },
  'held matrices multiply shared vectors': async (run) => {
    const shape = { rows: 19, columns: 3, bits: 20 }
    const entries = drawn(bigInt(-(1n << 19n), (1n << 19n) - 1n), { numRuns: 57, seed: 3 })
    const v = drawn(word, { numRuns: 3, seed: 4 })
    const e = drawn(word, { numRuns: 19, seed: 5 })
    for (const holder of ['guest', 'host'] as const) {
      const got = await run(async (engine) => {
        const held = engine.held(holder, () => words(entries))
        const matrix = await engine.prepareMatrix(held, shape)
        const other = await engine.prepareMatrix(
          engine.held('guest', () => words(entries)),
          shape,
        )
        const opened: Words[] = []
        for (let use = 0; use < 2; use++) {
          const [vector, long] = [
            engine.share(
              engine.held('host', () => words(v)),
              3,
            ),
            engine.share(
              engine.held('guest', () => words(e)),
              19,
            ),
          ]
          for (const made of await engine.products([
            { matrix, vector },
            { matrix: other, vector: long, transposed: true },
            { matrix, vector: long, transposed: true },
          ]))
            opened.push(await engine.open(made))
        }
        return opened
      }, undefined)
      const product = Array.from({ length: 19 }, (_, i) =>
        signed([0, 1, 2].reduce((sum, j) => sum + (entries[j * 19 + i] as bigint) * (v[j] as bigint), 0n)),
      )
      const across = Array.from({ length: 3 }, (_, j) =>
        signed(e.reduce((sum, value, i) => sum + (entries[j * 19 + i] as bigint) * value, 0n)),
      )
      expect(got.map(integers)).toEqual([product, across, across, product, across, across])
    }
  },
}
