// The compression function of SHA-256 (FIPS 180-4) as a circuit: 512 bits of message and 256 bits of state in, 256 bits of state out. Words lie lowest bit first, word 0 first.
import { type Circuit, circuit, type CircuitBuilder, ONE, type Wire, ZERO } from './circuit.ts'
import { sumWires } from './integers.ts'

type Word = readonly Wire[]

/** The first 32 bits of the fractional part of `x`. */
const fractionBits = (x: number): number => Math.floor((x - Math.floor(x)) * 2 ** 32)
const primes = Array.from({ length: 400 }, (_, i) => i + 2)
  .filter((n) => Array.from({ length: n - 2 }, (_, i) => i + 2).every((d) => n % d !== 0))
  .slice(0, 64)
const ROUND_CONSTANTS = primes.map((p) => fractionBits(Math.cbrt(p)))

/** The state before the first block. */
export const SHA256_START: readonly number[] = primes.slice(0, 8).map((p) => fractionBits(Math.sqrt(p)))

const constant = (value: number): Word => Array.from({ length: 32 }, (_, b) => ((value >>> b) & 1 ? ONE : ZERO))
const turned = (x: Word, by: number): Word => x.map((_, i) => x[(i + by) % 32] ?? ZERO)
const shifted = (x: Word, by: number): Word => x.map((_, i) => x[i + by] ?? ZERO)
const xor3 = (g: CircuitBuilder, x: Word, y: Word, z: Word): Word => x.map((wire, i) => g.xor(g.xor(wire, y[i] ?? ZERO), z[i] ?? ZERO))
const sum = (g: CircuitBuilder, ...words: readonly Word[]): Word => words.reduce((total, word) => sumWires(g, 'small', total, word))

let made: Circuit | undefined

/** Inputs message block (512 bits) and state (256 bits); output the next state. */
export const sha256Circuit = (): Circuit =>
  (made ??= circuit('SHA-256', [512, 256], (g, [block = [], before = []]) => {
    const wordsOf = (wires: Word, count: number): Word[] => Array.from({ length: count }, (_, i) => wires.slice(32 * i, 32 * i + 32))
    const schedule = wordsOf(block, 16)
    const at = (i: number): Word => schedule[i] ?? []
    for (let t = 16; t < 64; t++) {
      const [x, y] = [at(t - 15), at(t - 2)]
      const small = xor3(g, turned(x, 7), turned(x, 18), shifted(x, 3))
      const large = xor3(g, turned(y, 17), turned(y, 19), shifted(y, 10))
      schedule.push(sum(g, at(t - 16), small, at(t - 7), large))
    }
    const start = wordsOf(before, 8)
    let [a, b, c, d, e, f, k, h] = start as [Word, Word, Word, Word, Word, Word, Word, Word]
    ROUND_CONSTANTS.forEach((roundConstant, t) => {
      const choice = e.map((wire, i) => g.mux(wire, f[i] ?? ZERO, k[i] ?? ZERO))
      // majority with one AND: b ^ (a ^ b)(b ^ c)
      const majority = a.map((wire, i) => g.xor(b[i] ?? ZERO, g.and(g.xor(wire, b[i] ?? ZERO), g.xor(b[i] ?? ZERO, c[i] ?? ZERO))))
      const first = sum(g, h, xor3(g, turned(e, 6), turned(e, 11), turned(e, 25)), choice, constant(roundConstant), at(t))
      const second = sum(g, xor3(g, turned(a, 2), turned(a, 13), turned(a, 22)), majority)
      ;[h, k, f, e, d, c, b, a] = [k, f, e, sum(g, d, first), c, b, a, sum(g, first, second)]
    })
    return [[a, b, c, d, e, f, k, h].flatMap((word, i) => sum(g, word, start[i] ?? []))]
  }))
